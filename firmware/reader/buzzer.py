"""The buzzer: short signals that end by themselves."""

import time

import board
from micropython import const

from reader.drivers.output import Output

DONE = ((2000, 80), (2600, 120))
"""A run ended with a status: (Hz, ms) each."""

FAILED = ((800, 200), (500, 300))
"""A run is INVALID."""

_MOST = const(400)


class Buzzer:
    """Plays a signal while others go on with their work: call ``poll`` often."""

    def __init__(self) -> None:
        self._out = Output(board.PINS_BUZZER, 1000)
        self._signal: "tuple[tuple[int, int], ...]" = ()
        self._end = 0

    def play(self, signal: "tuple[tuple[int, int], ...]") -> None:
        """Start a signal; one that is playing ends."""
        self._signal = signal
        self._next()

    def poll(self) -> None:
        """Go on with the signal."""
        if self._signal and time.ticks_diff(self._end, time.ticks_ms()) <= 0:
            self._signal = self._signal[1:]
            self._next()

    def off(self) -> None:
        """Silence."""
        self._signal = ()
        self._out.off()

    def _next(self) -> None:
        if not self._signal:
            self._out.off()
            return
        hz, milliseconds = self._signal[0]
        self._out.tone(hz)
        self._end = time.ticks_add(time.ticks_ms(), min(milliseconds, _MOST))
