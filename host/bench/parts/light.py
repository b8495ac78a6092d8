"""The four LEDs: how much light fell on the specimen between any two moments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

KEEP_NS = 5e9  # no exposure is longer (65,535 rows of 63 us are 4.1 s)


class Led:
    """One LED behind its constant-current driver.

    Light is PWM duty times `factor` (1 is a good LED, 0 a dead one), and nothing while the lid is open:
    the lid switch cuts the drivers' supply.
    """

    def __init__(self, name: str, now_ns: Callable[[], float]) -> None:
        self.name = name
        self._now_ns = now_ns
        self._duty = 0.0
        self._factor = 1.0
        self._powered = True
        self._times = [now_ns()]
        self._levels = [0.0]
        self._integrals = [0.0]

    @property
    def duty(self) -> float:
        """Share of time its driver is on now, 0..1."""
        return self._duty if self._powered else 0.0

    @property
    def light(self) -> float:
        """Its light now, in that of a good LED switched on for good."""
        return self.duty * self._factor

    def set_duty(self, duty: float) -> None:
        self._duty = duty
        self._log()

    def set_factor(self, factor: float) -> None:
        self._factor = factor
        self._log()

    def set_powered(self, powered: bool) -> None:
        self._powered = powered
        self._log()

    def _log(self) -> None:
        now = self._now_ns()
        if self.light == self._levels[-1]:
            return
        self._integrals.append(self._integral(now))
        self._times.append(now)
        self._levels.append(self.light)
        if self._times[1] < now - KEEP_NS and len(self._times) > 64:
            first = bisect_right(self._times, now - KEEP_NS) - 1
            del self._times[:first], self._levels[:first], self._integrals[:first]

    def _integral(self, when: float) -> float:
        index = max(0, bisect_right(self._times, when) - 1)
        return self._integrals[index] + self._levels[index] * (when - self._times[index])

    def exposure_ns(self, start: float, end: float) -> float:
        """Light between two moments, in nanoseconds of a good LED switched on; neither may lie ahead."""
        return self._integral(end) - self._integral(start)
