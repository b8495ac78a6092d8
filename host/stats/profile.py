"""Profile-likelihood limits of one coefficient.

The limit c solves 2 (l(b) - l_p(c)) = chi2(level, 1), l_p(c) being the maximum with the coefficient held at
c (Venzon and Moolgavkar, Applied Statistics 37 (1988) 87-94; SAS's PLCONFLIMITS). The signed root of the
left side is nearly straight in c, so Newton on it, kept inside a bracket, needs three or four points; each
inner maximum starts where the one before predicts it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from host.stats.maximise import DECREMENT, SHARP, Maximum, Objective, maximise

ROOT_TOLERANCE = 1e-10  # of the signed root, in standard errors
POINTS = 60


def constrained(
    objective: Objective, index: int, value: float, near: Maximum, enough: float = DECREMENT
) -> Maximum:
    """Return the maximum with coefficient ``index`` held at ``value``, searched from the maximum ``near`` it.

    The other coefficients start where the quadratic approximation at ``near`` puts them: db_o = -I_oo^-1
    I_oj dc.
    """
    free = np.arange(near.beta.size) != index
    start = near.beta.copy()
    if free.any():
        information = near.at.information
        try:
            slope = np.linalg.solve(information[np.ix_(free, free)], information[free, index])
            start[free] -= slope * (value - start[index])
        except np.linalg.LinAlgError:
            pass  # start from the old place; the search itself will say if it fails
    start[index] = value
    found = maximise(objective, start, free, enough=enough)
    if not found.converged:  # a prediction too far out; the old place is the safer start
        start = near.beta.copy()
        start[index] = value
        found = maximise(objective, start, free, limit=200, enough=enough)
    return found


def profile_limit(objective: Objective, top: Maximum, index: int, side: int, level: float = 0.95) -> float:
    """Return one limit of coefficient ``index``.

    Args:
        objective: what was maximised.
        top: its maximum.
        index: which coefficient.
        side: -1 lower, +1 upper.
        level: coverage of the two-sided interval, between 0 and 1.

    Returns:
        The limit on the log hazard scale; infinite when the likelihood never falls that far; not a number
        when the search fails.
    """
    z = float(norm.isf((1 - level) / 2))
    spread = math.sqrt(float(np.linalg.inv(top.at.information)[index, index]))
    estimate = float(top.beta[index])
    inside, outside = estimate, math.inf * side
    point, near = estimate + side * z * spread, top
    best = (math.inf, point)
    for _ in range(POINTS):
        found = constrained(objective, index, point, near)
        if not np.isfinite(found.at.value):
            outside = point  # too far to be computed: come back
            point = (inside + point) / 2
            continue
        if not found.converged:
            return math.nan
        near = found
        root = math.sqrt(max(2 * (top.at.value - found.at.value), 0.0))
        gap = root - z
        best = min(best, (abs(gap), point))
        if abs(gap) <= ROOT_TOLERANCE:
            return point
        if gap < 0:
            inside = point
        else:
            outside = point
        slope = (
            -side * float(found.at.gradient[index]) / root if root > 0 else 0.0
        )  # d root / d (side * point)
        step = -gap / slope if slope > 0 else 2 * spread
        following = point + side * min(step, 8 * spread * (1 + abs(point - estimate) / spread))
        if not side * inside < side * following < side * outside:
            following = (
                (inside + outside) / 2
                if math.isfinite(outside)
                else inside + side * 2 * abs(inside - estimate)
            )
        if following == point:
            break
        if abs(following - estimate) > 1e3 * spread:
            return math.inf * side
        point = following
    # Rounding of the likelihood can stop the last digits; anything worse is a failure.
    return best[1] if best[0] < 1e-7 else math.nan


def profile_limits(
    objective: Objective, top: Maximum, index: int, level: float = 0.95
) -> tuple[float, float]:
    """Return both limits of coefficient ``index``; see ``profile_limit``."""
    return (profile_limit(objective, top, index, -1, level), profile_limit(objective, top, index, +1, level))


def likelihood_ratio(
    objective: Objective, top: Maximum, index: int, value: float = 0.0
) -> tuple[float, Maximum]:
    """Return 2 (l(b) - l_p(value)), a chi-square with one degree of freedom, and the constrained maximum."""
    held = constrained(objective, index, value, top, SHARP)  # the score test reads its gradient
    return (max(2 * (top.at.value - held.at.value), 0.0) if held.converged else math.nan, held)


def score_statistic(at: Maximum, index: int) -> float:
    """Return Rao's score statistic for coefficient ``index`` at the maximum without it: U_j^2 (I^-1)_jj.

    Source: Rao, Proc. Camb. Phil. Soc. 44 (1948) 50-57. Not a number when the information is singular there.
    """
    try:
        inverse = np.linalg.inv(at.at.information)
    except np.linalg.LinAlgError:
        return math.nan
    return float(at.at.gradient[index] ** 2 * inverse[index, index])
