"""A moment that everything below a command has to respect."""

from __future__ import annotations

import math
import time

from host.device.errors import TookTooLong


class Deadline:
    """`seconds` from now; infinite by default."""

    def __init__(self, seconds: float = math.inf) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0.

        Raises:
            TookTooLong: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TookTooLong(f"Not done within {self.seconds:g} s; a longer --timeout gives it more time.")
        return left

    def within(self, seconds: float) -> float:
        """Return `seconds`, or what is left if that is less; raises as `left`."""
        return min(seconds, self.left())

    def sleep(self, seconds: float) -> None:
        """Sleep, but not beyond the deadline; raises as `left`."""
        time.sleep(self.within(seconds))
