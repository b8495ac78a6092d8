"""Numbers as a study prints them: a text stands for every value that rounds to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Printed:
    """A printed number.

    Attributes:
        text: as printed, ``"75.8"``; a leading ``<`` is an upper bound.
        decimals: decimals of the column; needed where trailing zeros were dropped (``0.62`` beside
        ``0.156``).
            None: as many as the text has.
    """

    text: str
    decimals: int | None = None

    @property
    def is_bound(self) -> bool:
        return self.text.startswith("<")

    @property
    def value(self) -> float:
        return float(self.text.lstrip("< "))

    @property
    def half_unit(self) -> float:
        """Half a unit of the last decimal: the largest error of correct rounding."""
        decimals = self.decimals
        if decimals is None:
            decimals = len(self.text.partition(".")[2])
        return 0.5 * 10.0**-decimals

    @property
    def low(self) -> float:
        """Smallest value that prints as this (0 for a bound)."""
        return 0.0 if self.is_bound else self.value - self.half_unit

    @property
    def high(self) -> float:
        return self.value if self.is_bound else self.value + self.half_unit

    def agrees(self, value: float) -> bool:
        """True if ``value`` rounds to the printed number; a tie may go either way."""
        if self.is_bound:
            return value < self.value
        # The allowance is for binary fractions only: 0.285 is not exactly half-way in a float.
        return self.low - 1e-12 <= value <= self.high + 1e-12

    def overlaps(self, low: float, high: float) -> bool:
        """True if some value in ``[low, high]`` rounds to the printed number."""
        return self.low <= high and low <= self.high

    def cut_off(self, value: float) -> bool:
        """True if ``value`` gives the printed number when its further decimals are cut off, not rounded."""
        return self.value <= value < self.value + 2 * self.half_unit
