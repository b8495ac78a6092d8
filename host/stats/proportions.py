"""One proportion, and the difference of two, with intervals.

Miettinen and Nurminen's interval is written here because statsmodels 0.15's fails for 9/10 against 3/10 and
is 0.006 off for the example its source publishes (docs/statistics.md).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.stats import binomtest, norm
from statsmodels.stats.proportion import confint_proportions_2indep

from host.stats.errors import CohortError


@dataclass(frozen=True, slots=True)
class Proportion:
    """k of n, the share, and its exact interval (Clopper and Pearson, Biometrika 26 (1934) 404-413)."""

    k: int
    n: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Difference:
    """First share minus second, with a score interval and a hybrid one."""

    difference: float
    mn_lower: float
    mn_upper: float
    newcombe_lower: float
    newcombe_upper: float


def proportion(k: int, n: int, level: float = 0.95) -> Proportion:
    """Return k/n with exact limits.

    Raises:
        CohortError: not 0 <= k <= n, or n is 0.
    """
    _check(k, n)
    limits = binomtest(k, n).proportion_ci(level, method="exact")
    return Proportion(k, n, k / n, float(limits.low), float(limits.high))


def difference(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Difference:
    """Return k1/n1 - k2/n2 with limits by Miettinen and Nurminen and by Newcombe (method 10, without
    correction).

    Raises:
        CohortError: as ``proportion``.
    """
    _check(k1, n1)
    _check(k2, n2)
    low, high = miettinen_nurminen(k1, n1, k2, n2, level)
    hybrid = confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff", alpha=1 - level)
    return Difference(k1 / n1 - k2 / n2, low, high, float(hybrid[0]), float(hybrid[1]))


def miettinen_nurminen(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score limits of k1/n1 - k2/n2.

    The differences d with (p1 - p2 - d)^2 / V(d) below the normal quantile squared, V being the variance at
    the maximum likelihood under d, times N / (N - 1). Source: Miettinen and Nurminen, Statist. Med. 4 (1985)
    213-226.
    """
    z = float(norm.isf((1 - level) / 2))
    seen = k1 / n1 - k2 / n2

    def gap(d: float, sign: int) -> float:
        variance = _variance(k1, n1, k2, n2, d)
        if variance <= 0:
            return -z if abs(seen - d) < 1e-12 else math.inf
        return sign * (seen - d) / math.sqrt(variance) - z

    def limit(end: float, sign: int) -> float:
        edge = end * (1 - 1e-12)
        if abs(seen - end) < 1e-12 or gap(edge, sign) <= 0:
            return end
        return float(brentq(gap, seen, edge, args=(sign,), xtol=1e-13))

    return limit(-1.0, 1), limit(1.0, -1)


def _variance(k1: int, n1: int, k2: int, n2: int, d: float) -> float:
    """Return V(d), by the closed solution of the cubic for p2 (Miettinen and Nurminen's appendix I)."""
    n, k = n1 + n2, k1 + k2
    a, b = float(n), (n1 + 2 * n2) * d - n - k
    c, e = (n2 * d - n - 2 * k2) * d + k, k2 * d * (1 - d)
    q = b**3 / (27 * a**3) - b * c / (6 * a**2) + e / (2 * a)
    root = math.sqrt(max(b**2 / (9 * a**2) - c / (3 * a), 0.0))
    u = math.copysign(root, q) if q else root
    angle = (math.pi + math.acos(min(1.0, max(-1.0, q / u**3 if u else 0.0)))) / 3
    p2 = min(1.0, max(0.0, 2 * u * math.cos(angle) - b / (3 * a)))
    p1 = min(1.0, max(0.0, p2 + d))
    return (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1)


def _check(k: int, n: int) -> None:
    if not (n > 0 and 0 <= k <= n):
        raise CohortError(f"{k} of {n} is no proportion.")
