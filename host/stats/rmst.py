"""Restricted mean survival time: the area under the Kaplan-Meier curve up to a horizon.

Source: Royston and Parmar, BMC Med. Res. Methodol. 13 (2013) 152; variance: Klein and Moeschberger, Survival
Analysis (2003), 4.5; as R's ``print(survfit, rmean=)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from host.stats.errors import CohortError
from host.stats.km import KaplanMeier


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """A mean in the units of time, its standard error, and the horizon."""

    mean: float
    se: float
    horizon: float

    def limits(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal limits; not numbers when no event happens before the horizon."""
        if self.se == 0:
            return float("nan"), float("nan")
        reach = float(norm.isf((1 - level) / 2)) * self.se
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second, with limits and a two-sided P value."""

    difference: float
    lower: float
    upper: float
    p: float


def restricted_mean(curve: KaplanMeier, horizon: float) -> RestrictedMean:
    """Return the mean time without event up to ``horizon``.

    Raises:
        CohortError: the horizon is not positive, or lies after the last follow-up while survival is not yet
            0.
    """
    if not horizon > 0:
        raise CohortError("The horizon of a restricted mean must be above 0.")
    if horizon > curve.times[-1] and curve.survival[-1] > 0:
        raise CohortError(
            f"Follow-up ends at {curve.times[-1]:g}, before the horizon {horizon:g}: choose an earlier one."
        )
    inside = curve.times < horizon
    edges = np.concatenate(([0.0], curve.times[inside], [horizon]))
    heights = np.concatenate(([1.0], curve.survival[inside]))
    areas = np.diff(edges) * heights
    after = np.cumsum(areas[::-1])[::-1][1:]  # area to the right of each time
    n, d = curve.at_risk[inside], curve.events[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.where(n > d, d / (n * (n - d).astype(float)), 0.0)
    return RestrictedMean(float(areas.sum()), float(np.sqrt((after**2 * step).sum())), float(horizon))


def compare(first: RestrictedMean, second: RestrictedMean, level: float = 0.95) -> Difference:
    """Return the difference of two independent restricted means to the same horizon.

    Without limits and P when one of them has no standard error: a mean of one patient, say, is not certain.
    """
    difference, se = first.mean - second.mean, float(np.hypot(first.se, second.se))
    if first.se == 0 or second.se == 0:
        return Difference(difference, *[float("nan")] * 3)
    reach = float(norm.isf((1 - level) / 2)) * se
    return Difference(
        difference, difference - reach, difference + reach, float(2 * norm.sf(abs(difference) / se))
    )
