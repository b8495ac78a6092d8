"""The exact interval: against scipy's beta quantiles and, at the ends, in whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import beta

from host import core

UNIT = core.INTERVAL_UNIT
ROUNDING = 1e-7  # of the reference, in units of 1/10000


def clopper_pearson(part: np.ndarray, whole: int) -> tuple[np.ndarray, np.ndarray]:
    """Return both limits, 0 to 1, as quantiles of the beta distribution."""
    with np.errstate(invalid="ignore"):
        low = np.where(part == 0, 0.0, beta.ppf(0.025, part, whole - part + 1))
        high = np.where(part == whole, 1.0, beta.ppf(0.975, part + 1, whole - part))
    return low, high


def check(part: np.ndarray, whole: int) -> None:
    """Never narrower than the exact interval, at most 1/10000 wider."""
    found = np.array([core.interval(int(one), whole) for one in part])
    low, high = clopper_pearson(part, whole)
    for wider in (low * UNIT - found[:, 0], found[:, 1] - high * UNIT):
        assert wider.min() > -ROUNDING, (whole, int(part[wider.argmin()]))
        assert wider.max() < 1 + ROUNDING, (whole, int(part[wider.argmax()]))


def test_every_part_of_every_whole_up_to_400() -> None:
    for whole in range(1, 401):
        check(np.arange(whole + 1), whole)


@pytest.mark.parametrize("whole", [401, 777, 1000, 1142, 1999, 2000, 2048, 3333, 4096, 5000])
def test_every_part_of_larger_wholes(whole: int) -> None:
    check(np.arange(whole + 1), whole)


@pytest.mark.parametrize("whole", [20011, core.INTERVAL_MAX])
def test_samples_up_to_the_bound(whole: int) -> None:
    ends = [0, 1, 2, 3, whole - 2, whole - 1, whole]
    check(np.array([*ends, *range(4, whole, whole // 50)]), whole)


def test_floors_in_whole_numbers() -> None:
    """The greatest m with P(X >= k) <= 1/40 at p = m/10000, by fractions: no rounding anywhere."""
    for whole in range(1, 16):
        for part in range(1, whole + 1):
            low = core.interval(part, whole)[0]
            assert _tail(part, whole, low) <= Fraction(1, 40) < _tail(part, whole, low + 1)


def _tail(part: int, whole: int, units: int) -> Fraction:
    p = Fraction(units, UNIT)
    return sum((comb(whole, i) * p**i * (1 - p) ** (whole - i) for i in range(part, whole + 1)), Fraction(0))


def test_a_limit_that_is_a_whole_number_of_units_is_kept() -> None:
    assert core.interval(1, 1) == (250, 10000)
    assert core.interval(0, 1) == (0, 9750)


def test_nothing_in_nothing_says_nothing() -> None:
    assert core.interval(0, 0) == (0, 10000)


@pytest.mark.parametrize("part, whole", [(1, 0), (11, 10), (-1, 10), (0, core.INTERVAL_MAX + 1), (-1, -1)])
def test_what_is_no_share_is_an_error(part: int, whole: int) -> None:
    with pytest.raises(core.Error) as caught:
        core.interval(part, whole)
    assert caught.value.code == core.ERROR_ARGUMENT
