"""Do a hazard ratio, its limits and its P belong together, and to which groups?

A hazard ratio comparing two groups has, to a good approximation, the likelihood of a binomial: each of the
d1 + d2 events falls in the compared group with the odds of its share of the patients at risk times the
hazard ratio::

    l(b) = d1 b - (d1 + d2) log(p exp(b) + 1 - p),   p = d1 / (d1 + d2),   b = log(HR) - log(HR estimated)

(Cox's partial likelihood with the share at risk held constant; Schoenfeld, Biometrika 68 (1981) 316.) Two
things follow. The standard error is sqrt(1/d1 + 1/d2), which gives Wald's P. And the profile-likelihood
limits, where 2 l(b) falls to -3.84 (Venzon and Moolgavkar, Appl. Stat. 37 (1988) 87), lie further out on
the side of the group with fewer events. So the two distances from the estimate to the limits give d1 and
d2: how many events each group must have had.

Checked against Cox models of simulated cohorts (host/tests/stats/test_paper.py): the standard error is
right to 0.5 %, and events come out too low if anything (by a fifth for strong effects, whose share at risk
changes), so more events than patients is a contradiction.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from host.stats.paper.rounding import Printed
from host.stats.paper.study import Hazard

Z = float(stats.norm.isf(0.025))
DROP = float(stats.chi2.isf(0.05, 1))
MOST_EVENTS = 1e4
"""Where the limits are symmetric the events are undetermined upwards; the search ends here."""


@dataclass(frozen=True)
class Events:
    """Events in the compared and in the reference group, as implied by limits (not whole numbers)."""

    compared: float
    reference: float

    @property
    def se(self) -> float:
        """Standard error of log(HR)."""
        return math.sqrt(1 / self.compared + 1 / self.reference)

    def limits(self) -> tuple[float, float]:
        """Distances on the log scale from the estimate down and up to the 95 % profile limits."""
        events = self.compared + self.reference
        share = self.compared / events

        def excess(b: float) -> float:
            # log1p of share * (exp(b) - 1), without overflow for large b
            growth = (
                b + math.log(share + (1 - share) * math.exp(-b))
                if b > 0
                else math.log1p(share * math.expm1(b))
            )
            return 2 * (self.compared * b - events * growth) + DROP

        reach = 1.0
        while excess(-reach) > 0 or excess(reach) > 0:
            reach *= 2
            if reach > 500:
                raise ValueError("The profile likelihood is too flat to have two limits.")
        down = optimize.brentq(excess, -reach, 0.0, xtol=1e-12)
        up = optimize.brentq(excess, 0.0, reach, xtol=1e-12)
        return -float(down), float(up)

    def score_p(self, log_hr: float) -> float:
        """P of the score (log-rank) test for the estimate ``log_hr`` with these events, in [0, 1]."""
        events = self.compared + self.reference
        at_risk = 1 / (1 + self.reference / self.compared * math.exp(log_hr))
        z = (self.compared - events * at_risk) / math.sqrt(events * at_risk * (1 - at_risk))
        return 2 * float(stats.norm.sf(abs(z)))


def wald_p(log_hr: float, se: float) -> float:
    """Two-sided P of Wald's test."""
    return 2 * float(stats.norm.sf(abs(log_hr) / se))


def implied_events(down: float, up: float) -> Events | None:
    """Return the events whose profile limits lie ``down`` below and ``up`` above the estimate (log scale).

    None if no numbers of events below ``MOST_EVENTS`` give them.
    """
    se = (down + up) / (2 * Z)

    def miss(logs: NDArray[np.float64]) -> list[float]:
        try:
            below, above = Events(math.exp(logs[0]), math.exp(logs[1])).limits()
        except (ValueError, OverflowError):
            return [1e3, 1e3]
        return [below - down, above - up]

    start = math.log(2 / se**2)
    # The third derivative of the likelihood moves both limits to one side: a first guess of the ratio of
    # events.
    skew = math.atanh(max(-0.95, min(0.95, 2.0 * (up - down) / (up + down))))
    found = optimize.root(miss, [start + skew, start - skew], tol=1e-10)
    if not found.success or max(abs(value) for value in miss(found.x)) > 1e-6:
        return None
    events = Events(math.exp(found.x[0]), math.exp(found.x[1]))
    return events if max(events.compared, events.reference) < MOST_EVENTS else None


@dataclass(frozen=True)
class Range:
    """A number with the range it has over all values that round to the printed ones."""

    value: float
    low: float
    high: float

    @classmethod
    def over(cls, value: float, others: list[float]) -> Range:
        return cls(value, min([value, *others]), max([value, *others]))

    def to_json(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Fit:
    """What the printed hazard ratio and limits of one line imply.

    Attributes:
        wald: P if the limits were HR exp(+-1.96 SE).
        profile: P if they are profile-likelihood limits; None for a continuous covariate.
        compared, reference: implied events; None where the limits do not determine them.
        score: P of the log-rank test that goes with these events.
        asymmetry: log(upper / HR) - log(HR / lower); 0 for Wald limits.
    """

    wald: Range
    profile: Range | None
    compared: Range | None
    reference: Range | None
    score: Range | None
    asymmetry: Range

    def fits_wald_limits(self) -> bool:
        """True if limits symmetric on the log scale could print so."""
        return self.asymmetry.low <= 0 <= self.asymmetry.high

    def to_json(self) -> dict[str, dict[str, float] | None]:
        return {
            name: None if value is None else value.to_json()
            for name, value in (
                ("p_wald", self.wald),
                ("p_profile", self.profile),
                ("events_compared", self.compared),
                ("events_reference", self.reference),
                ("p_score", self.score),
                ("asymmetry", self.asymmetry),
            )
        }


def fit(line: Hazard) -> Fit:
    """Derive P and events from HR and limits of ``line``, with the range of rounding; its P is not used."""

    def ends(number: Printed) -> tuple[float, float]:
        return number.low, number.high

    centre = (line.hr.value, line.lower.value, line.upper.value)
    corners = list(itertools.product(ends(line.hr), ends(line.lower), ends(line.upper)))
    wald: list[float] = []
    skew: list[float] = []
    profile: list[float] = []
    score: list[float] = []
    compared: list[float] = []
    reference: list[float] = []
    undetermined = line.labels is None
    for hr, lower, upper in [centre, *corners]:
        log_hr, down, up = math.log(hr), math.log(hr / lower), math.log(upper / hr)
        wald.append(wald_p(log_hr, (down + up) / (2 * Z)))
        skew.append(up - down)
        events = None if line.labels is None else implied_events(down, up)
        if events is None:
            undetermined = True
            continue
        profile.append(wald_p(log_hr, events.se))
        score.append(events.score_p(log_hr))
        compared.append(events.compared)
        reference.append(events.reference)

    def spread(values: list[float]) -> Range:
        return Range.over(values[0], values[1:])

    if undetermined:
        return Fit(spread(wald), None, None, None, None, spread(skew))
    return Fit(
        spread(wald), spread(profile), spread(compared), spread(reference), spread(score), spread(skew)
    )
