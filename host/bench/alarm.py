"""An alarm on the chip's clock that knows whether it is still to come (the emulator's own does not say)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Alarm:
    """Calls `ring` once, some nanoseconds of device time after `schedule`."""

    __slots__ = ("_alarm", "_ring", "pending")

    def __init__(self, clock: Any, ring: Callable[[], None]) -> None:
        self._ring = ring
        self.pending = False
        self._alarm = clock.create_alarm(self._fired)

    def schedule(self, delay_ns: float) -> None:
        """Ring that much later; a ring still to come is replaced."""
        self.pending = True
        self._alarm.schedule(max(0.0, delay_ns))

    def cancel(self) -> None:
        """Do not ring."""
        self.pending = False
        self._alarm.cancel()

    def _fired(self) -> None:
        self.pending = False
        self._ring()
