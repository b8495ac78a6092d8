"""Electromagnet on its H-bridge, with current sense and thermistor on the ADC.

The coil follows its mean voltage U = supply * (duty A - duty B) with the time constant L / R; its heat is
I^2 R into one thermal resistance and one time constant to ambient. The NTC is R25 * exp(beta * (1/T -
1/298.15 K)) below its pull-up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from rp2040py.rp2040 import RP2040

COIL_TAU_S = 0.010
THERMAL_TAU_S = 90.0
KELVIN_PER_WATT = 6.0
AMBIENT_CELSIUS = 25.0
KELVIN = 273.15
ADC_MV, ADC_COUNTS = 3300.0, 4095

CAPTURE_S = 0.2  # drive one way for this long at half the hold current draws cells to the window
RELEASE_REVERSALS = 3  # this many changes of direction with falling current let them go
OFF_SHARE = 0.02


class Magnet:
    """The coil; calls `released` when a drive pattern has let the cells go.

    A release is what demagnetises: at least three reversals after a capture, the last swing weaker than the
    first, ending with the drive off.
    """

    def __init__(self, chip: RP2040, board: dict[str, Any], released: Callable[[], None]) -> None:
        self._clock = chip.clock
        data = board["magnet"]
        self._resistance = float(data["resistance_ohm"])
        self._supply = data["supply_mv"] / 1000.0
        self._hold_a = data["hold_ma"] / 1000.0
        self._mv_per_ma = float(data["current_mv_per_ma"])
        self._ntc = data["ntc"]
        self._released = released
        self._updated = self._clock.nanos
        self._current = 0.0
        self._celsius = AMBIENT_CELSIUS
        self._duties = [0.0, 0.0]
        self.working = True
        self._captured = False
        self._drive_since = self._clock.nanos
        self._swings: list[float] = []
        adc = chip.adc
        channels = {
            board["pins"]["magnet_current"] - 26: self._sense_mv,
            board["pins"]["magnet_ntc"] - 26: self._ntc_mv,
        }

        def sample(channel: int) -> None:
            if channel in channels:
                counts = round(channels[channel]() * ADC_COUNTS / ADC_MV)
                adc.channel_values[channel] = min(max(counts, 0), ADC_COUNTS)
            adc.current_channel = channel
            adc.sample_alarm.schedule(adc.sample_time * 1000)

        adc.on_adc_read = sample

    @property
    def drive(self) -> float:
        """Mean voltage across the coil as a share of the supply, -1..1."""
        return (self._duties[0] - self._duties[1]) if self.working else 0.0

    @property
    def milliamps(self) -> float:
        """Current now; its sign is its direction."""
        self._advance()
        return self._current * 1000.0

    @property
    def celsius(self) -> float:
        """Temperature of the coil now."""
        self._advance()
        return self._celsius

    def set_duty(self, side: int, duty: float) -> None:
        """One input of the H-bridge changed."""
        self._advance()
        before = self.drive
        self._duties[side] = duty
        self._follow(before, self.drive)

    def set_working(self, working: bool) -> None:
        """A broken wire in the coil, or not."""
        self._advance()
        before = self.drive
        self.working = working
        self._follow(before, self.drive)

    def set_celsius(self, celsius: float) -> None:
        """Heat or cool the coil (a fault to be noticed)."""
        self._advance()
        self._celsius = celsius

    def _advance(self) -> None:
        now = self._clock.nanos
        seconds, self._updated = (now - self._updated) / 1e9, now
        if seconds <= 0:
            return
        final = self.drive * self._supply / self._resistance
        swing = self._current - final
        decay = math.exp(-seconds / COIL_TAU_S)
        self._current = final + swing * decay
        # Mean of the squared current over the interval, for the exponential above.
        ratio = COIL_TAU_S / seconds
        mean_square = (
            final**2 + 2 * final * swing * ratio * (1 - decay) + swing**2 * ratio / 2 * (1 - decay**2)
        )
        settled = AMBIENT_CELSIUS + KELVIN_PER_WATT * mean_square * self._resistance
        self._celsius = settled + (self._celsius - settled) * math.exp(-seconds / THERMAL_TAU_S)

    def _follow(self, before: float, after: float) -> None:
        was, now = _direction(before), _direction(after)
        if was == now:
            return
        elapsed = (self._clock.nanos - self._drive_since) / 1e9
        self._drive_since = self._clock.nanos
        if was and elapsed >= CAPTURE_S and abs(self._current) >= self._hold_a / 2:
            self._captured, self._swings = True, []
        elif was:
            self._swings.append(was * abs(before))
        if not now:
            # The bridge may rest a moment between two swings; only a pattern that has decayed is over.
            self._check_release()

    def _check_release(self) -> None:
        swings = self._swings
        reversals = sum(first * second < 0 for first, second in pairwise(swings))
        if not self._captured or reversals < RELEASE_REVERSALS or abs(swings[-1]) > abs(swings[0]) / 2:
            return
        self._captured, self._swings = False, []
        self._released()

    def _sense_mv(self) -> float:
        return abs(self.milliamps) * self._mv_per_ma

    def _ntc_mv(self) -> float:
        kelvin = self.celsius + KELVIN
        ohm = self._ntc["r25_ohm"] * math.exp(self._ntc["beta"] * (1 / kelvin - 1 / (25 + KELVIN)))
        return float(ADC_MV * ohm / (ohm + self._ntc["pullup_ohm"]))


def _direction(drive: float) -> int:
    return 0 if abs(drive) < OFF_SHARE else (1 if drive > 0 else -1)
