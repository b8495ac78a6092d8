"""Kaplan-Meier: survival, Greenwood's standard error, limits on three scales, quantiles.

Source: Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958) 457-481; limits: Kalbfleisch and Prentice, The
Statistical Analysis of Failure Time Data (2002), 1.4; limits of a quantile: Brookmeyer and Crowley,
Biometrics 38 (1982) 29-41.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from host.stats.partial import Floats
from host.stats.survtable import checked, risk_table

Scale = Literal["log-log", "log", "plain"]
HALF = 1.5e-8  # R's tolerance (the root of the double's epsilon) for "survival is exactly 0.5"


@dataclass(frozen=True)
class KaplanMeier:
    """A survival curve: it is 1 before ``times[0]`` and ``survival[i]`` from ``times[i]`` on.

    ``times``, ``at_risk``, ``events``, ``survival`` and ``hazard_variance`` (Greenwood's sum, the variance
    of log survival) are [T], one per distinct follow-up time, censored times included.
    """

    times: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: Floats
    hazard_variance: Floats
    n: int

    @property
    def event_count(self) -> int:
        """Events in all."""
        return int(self.events.sum())

    def limits(self, scale: Scale = "log-log", level: float = 0.95) -> tuple[Floats, Floats]:
        """Return lower and upper pointwise limits [T], not a number where survival is 0 (as R) or 1 on the
        log-log scale.
        """
        z = float(norm.isf((1 - level) / 2))
        s = self.survival
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = z * np.sqrt(self.hazard_variance)
            if scale == "log-log":
                hazard = -np.log(s)
                lower, upper = (
                    np.exp(-hazard * np.exp(reach / hazard)),
                    np.exp(-hazard * np.exp(-reach / hazard)),
                )
                lower, upper = np.where(s == 1, 1.0, lower), np.where(s == 1, 1.0, upper)
            elif scale == "log":
                lower, upper = s * np.exp(-reach), np.minimum(s * np.exp(reach), 1.0)
            else:
                lower, upper = np.maximum(s - s * reach, 0.0), np.minimum(s + s * reach, 1.0)
        gone = s <= 0
        return np.where(gone, np.nan, lower), np.where(gone, np.nan, upper)

    def quantile(self, share: float = 0.5) -> float:
        """Return the time by which ``share`` have had the event; infinite when that is not reached.

        The first time at which survival is below 1 - share; where it equals it, the midpoint of the flat
        piece (R and SAS).
        """
        return _crossing(self.times, self.survival, 1 - share)

    def median(self) -> float:
        """Return the median time; see ``quantile``."""
        return self.quantile(0.5)

    def median_limits(self, scale: Scale = "log-log", level: float = 0.95) -> tuple[float, float]:
        """Return where the lower and the upper limit of the curve cross 0.5; infinite when not reached."""
        lower, upper = self.limits(scale, level)
        return _crossing(self.times, lower, 0.5), _crossing(self.times, upper, 0.5)

    def at(self, time: ArrayLike) -> Floats:
        """Return survival at the given times [k]."""
        index = np.searchsorted(self.times, np.asarray(time, dtype=float), side="right")
        return np.asarray(np.concatenate(([1.0], self.survival))[index])

    def number_at_risk(self, time: ArrayLike) -> NDArray[np.int64]:
        """Return how many are at risk just before the given times [k]."""
        index = np.searchsorted(self.times, np.asarray(time, dtype=float), side="left")
        return np.asarray(np.concatenate((self.at_risk, [0]))[index])


def _crossing(times: Floats, curve: Floats, height: float) -> float:
    below = np.flatnonzero(curve < height + HALF)  # never true where the curve is not a number
    if below.size == 0:
        return np.inf
    first = below[0]
    if abs(curve[first] - height) < HALF:
        lower = below[curve[below] < curve[first]]
        if lower.size:
            return float(times[first] + times[lower[0]]) / 2
    return float(times[first])


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> KaplanMeier:
    """Estimate survival.

    Args:
        time: [n] follow-up, not negative.
        event: [n] 1 event, 0 censored.

    Raises:
        CohortError: nobody, or unusable values.
    """
    times, events = checked(time, event)
    distinct, at_risk, died = risk_table(times, events, np.zeros(times.size, dtype=np.intp), 1)
    n, d = at_risk[:, 0], died[:, 0]
    with np.errstate(divide="ignore"):
        greenwood = np.where(d > 0, d / (n * (n - d).astype(float)), 0.0)
    return KaplanMeier(
        distinct, n, d, np.cumprod(1 - d / n).astype(float), np.cumsum(greenwood).astype(float), times.size
    )
