"""Lid switch and start button: contacts to ground with pull-ups, and contacts bounce."""

from __future__ import annotations

from collections.abc import Callable

from rp2040py.rp2040 import RP2040

from host.bench.alarm import Alarm
from host.bench.gpio import Pins

# Milliseconds after the first touch at which the contact opens and closes again; then it rests.
BOUNCE_MS = (0.15, 0.4, 0.9, 1.1, 2.3, 2.6)


class Contact:
    """A contact between a pin and ground: closed is low."""

    def __init__(self, chip: RP2040, pins: Pins, pin: int, closed: bool) -> None:
        self._pins, self._pin = pins, pin
        self._clock = chip.clock
        self._steps: list[tuple[float, bool]] = []
        self._alarm = Alarm(chip.clock, self._step)
        self.closed = closed
        pins.drive(pin, not closed)

    def set(self, closed: bool, then: Callable[[], None] | None = None, after_ms: float = 0.0) -> None:
        """Close or open it, with bounces; `then` is called `after_ms` later."""
        self.closed = closed
        self._then = then
        start = self._clock.nanos
        level = closed
        self._steps = [(start, level)]
        for offset in BOUNCE_MS:
            level = not level
            self._steps.append((start + offset * 1e6, level))
        if then is not None:
            self._steps.append((start + max(after_ms, BOUNCE_MS[-1] + 1) * 1e6, closed))
        self._step()

    def _step(self) -> None:
        _when, closed = self._steps.pop(0)
        self._pins.drive(self._pin, not closed)
        if self._steps:
            self._alarm.schedule(max(0.0, self._steps[0][0] - self._clock.nanos))
        elif self._then is not None:
            then, self._then = self._then, None
            then()
