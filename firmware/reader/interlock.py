"""The lid: a hard interrupt that forces every LED and the magnet off by register, with nothing in between.

The lid switch also cuts the LEDs in hardware. This is the second barrier, and the one the run hears of.
"""

from machine import Pin, mem32

from reader.drivers.output import SAFE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.drivers.output import Output


class Interlock:
    """Watches the lid pin (low: closed). What it cut stays refused until ``rearm``."""

    def __init__(self, gpio: int, outputs: "tuple[Output, ...]") -> None:
        self._pin = Pin(gpio, Pin.IN, Pin.PULL_UP)
        self._controls = tuple(output.ctrl for output in outputs)
        self._opened = bytearray(1)
        self._pin.irq(handler=self._cut, trigger=Pin.IRQ_RISING, hard=True)

    def _cut(self, _pin: Pin) -> None:
        # In interrupt context: nothing here may allocate.
        self._opened[0] = 1
        for control in self._controls:
            mem32[control] = SAFE

    def open(self) -> bool:
        """Whether the lid is open now."""
        return self._pin.value() == 1

    def tripped(self) -> bool:
        """Whether the lid is open, or was at any time since ``rearm``."""
        return self._opened[0] != 0 or self._pin.value() == 1

    def rearm(self) -> None:
        """Forget past openings. The lid may have been opened again a moment later: ask ``tripped``."""
        self._opened[0] = 0

    def close(self) -> None:
        """Give the pin's interrupt back."""
        self._pin.irq(handler=None)
