"""The RP2040's watchdog (data sheet 4.7). MicroPython can arm and feed it, but neither stop it nor ask it."""

import board
from machine import WDT, mem32
from micropython import const

_CTRL_CLEAR = const(0x4005B000)  # WATCHDOG_CTRL through the atomic clear alias (data sheet 2.1.2)
_ENABLE = const(0x40000000)
_REASON = const(0x40058008)
_REASON_TIMER = const(1)
_SCRATCH4 = const(0x4005801C)
_ENABLED_MAGIC = const(0x6AB73121)  # pico-sdk, watchdog_enable(): tells a time-out from a wanted restart


class Watchdog:
    """Armed from the start; whoever does something long must ``feed`` it."""

    def __init__(self) -> None:
        self._dog = WDT(timeout=board.ASSAY_WATCHDOG_MS)

    def feed(self) -> None:
        """All is well."""
        self._dog.feed()


def stop() -> None:
    """Disarm it: a development build leaves the reader to the REPL."""
    mem32[_CTRL_CLEAR] = _ENABLE


def bit() -> bool:
    """Whether the last restart was a time-out. Ask before arming."""
    return bool(mem32[_REASON] & _REASON_TIMER) and mem32[_SCRATCH4] == _ENABLED_MAGIC
