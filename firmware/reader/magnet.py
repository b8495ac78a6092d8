"""The electromagnet: driven to a measured current, and released by a decaying alternation."""

import time

import board
from machine import ADC
from micropython import const

from reader.drivers.output import FULL, Output
from reader.drivers.thermistor import celsius
from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.interlock import Interlock

_ADC_MV = const(3300)
_SAMPLES = const(4)
_STEP_MS = const(50)  # one step of the current loop: five of the coil's time constants
_GAIN_SHIFT = const(1)  # half of the error per step: settles without overshoot
_SWINGS = const(10)  # half periods of a release, each weaker than the one before
_RAMP_STEPS = const(10)
_RAMP_MS = const(10)
_SETTLED = const(5)  # steps of the loop after which the current must be near its target


class Magnet:
    """An H-bridge with two inputs, a current sense and a thermistor on the coil.

    Raises ``Void("MAGNET", ...)`` when a limit of the board is passed; the drive is off by then.
    """

    def __init__(self) -> None:
        self._a = Output(board.PINS_MAGNET_A, board.PWM_MAGNET_HZ)
        self._b = Output(board.PINS_MAGNET_B, board.PWM_MAGNET_HZ)
        self.outputs = (self._a, self._b)
        self._current = ADC(board.PINS_MAGNET_CURRENT)
        self._ntc = ADC(board.PINS_MAGNET_NTC)
        self._interlock: "Interlock | None" = None
        self._drive = 0
        # What the coil would draw at full drive, and the drive for a current, without floats in the loop.
        self._full_ma = int(board.MAGNET_SUPPLY_MV / board.MAGNET_RESISTANCE_OHM)

    def guard(self, interlock: "Interlock") -> None:
        """Set the interlock that the drive obeys."""
        self._interlock = interlock

    def current_ma(self) -> int:
        """Return the coil's current."""
        total = 0
        for _ in range(_SAMPLES):
            total += self._current.read_u16()
        return int(total * _ADC_MV // (_SAMPLES * FULL) / board.MAGNET_CURRENT_MV_PER_MA)

    def celsius(self) -> float:
        """Return the coil's temperature. Raises Void when the thermistor is open or shorted."""
        try:
            return celsius(
                self._ntc.read_u16(),
                board.MAGNET_NTC_R25_OHM,
                board.MAGNET_NTC_BETA,
                board.MAGNET_NTC_PULLUP_OHM,
            )
        except ValueError:
            self.off()
            raise Void("MAGNET", "the magnet's thermistor is open or shorted") from None

    def capture(self, milliseconds: int, wait: "Callable[[int], None]") -> None:
        """Ramp to the holding current and keep it; the magnet stays on afterwards.

        `wait(ms)` serves whatever else must go on; what it raises comes through.
        """
        end = time.ticks_add(time.ticks_ms(), milliseconds)
        self._drive = board.MAGNET_HOLD_MA * FULL // self._full_ma
        for step in range(1, _RAMP_STEPS + 1):
            self._set(self._drive * step // _RAMP_STEPS)
            wait(_RAMP_MS)
            self.check()
        self.hold(time.ticks_diff(end, time.ticks_ms()), wait)

    def hold(self, milliseconds: int, wait: "Callable[[int], None]") -> None:
        """Keep the holding current for a time, by what is measured; the magnet must be on, and stays on."""
        target = board.MAGNET_HOLD_MA
        end = time.ticks_add(time.ticks_ms(), milliseconds)
        steps = 0
        while time.ticks_diff(end, time.ticks_ms()) > 0:
            wait(_STEP_MS)
            now = self.check()
            steps += 1
            if steps > _SETTLED and not target * 9 < now * 10 < target * 11:
                self.off()
                raise Void("MAGNET", "the magnet's current is %d mA instead of %d" % (now, target))
            error = (target - now) * FULL // self._full_ma
            self._drive = max(0, min(FULL, self._drive + (error >> _GAIN_SHIFT)))
            self._set(self._drive)

    def check(self) -> int:
        """Return the current; raise Void, with the magnet off, when a limit is passed."""
        now = self.current_ma()
        if now > board.MAGNET_MAX_MA:
            self.off()
            raise Void("MAGNET", "the magnet draws %d mA, more than %d" % (now, board.MAGNET_MAX_MA))
        warm = self.celsius()
        if warm > board.MAGNET_MAX_CELSIUS:
            self.off()
            raise Void("MAGNET", "the magnet has %d C, more than %d" % (int(warm), board.MAGNET_MAX_CELSIUS))
        return now

    def release(self, milliseconds: int, wait: "Callable[[int], None]") -> None:
        """Let the cells go: an alternating field that decays to nothing leaves no remanence."""
        try:
            for swing in range(_SWINGS):
                drive = self._drive * (_SWINGS - swing) // _SWINGS
                self._set(drive if swing & 1 else -drive)
                wait(milliseconds // _SWINGS)
                self.check()
        finally:
            self.off()

    def probe(self, milliseconds: int, wait: "Callable[[int], None]") -> int:
        """Drive at half the holding level for a moment; return the current then measured, mA."""
        try:
            self._set(board.MAGNET_HOLD_MA * FULL // self._full_ma // 2)
            wait(milliseconds)
            return self.check()
        finally:
            self.off()

    def off(self) -> None:
        """No drive."""
        self._a.off()
        self._b.off()

    def _set(self, drive: int) -> None:
        if self._interlock is None or self._interlock.tripped():
            self.off()
            return
        one, other = (self._a, self._b) if drive >= 0 else (self._b, self._a)
        other.off()
        one.on(abs(drive))
        # The lid may have opened between the question and the drive.
        if self._interlock.tripped():
            self.off()
