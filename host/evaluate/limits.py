"""Limits of blank, detection and quantitation of the CTC count, and its linearity.

Words and definitions: CLSI EP17-A2 (limits) and EP06 (linearity). What is counted is what the simulator put
into the fields: sampling of blood and capture are no part of it; these are limits of imaging and analysis.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

BLANK_PERCENTILE = 95.0
DETECTED = 0.95
TOTAL_ERROR = 0.20
"""Of the count, root mean square: what a count must keep to be a quantity."""

DEVIATION = 0.05
"""Farthest a level's mean may lie from the line through all, relative (the issue's limit)."""


def limit_of_blank(counts: NDArray[np.float64]) -> float:
    """Return the 95th percentile of blank results, a count that occurred (EP17-A2, non-parametric)."""
    return float(np.percentile(counts, BLANK_PERCENTILE, method="higher"))


def limit_of_detection(levels: dict[int, NDArray[np.float64]], blank: float) -> int | None:
    """Return the lowest level from which on at least 95 % of results lie above the limit of blank.

    Args:
        levels: found counts of the replicates, by true count.
        blank: the limit of blank.
    """
    reached = None
    for level in sorted(levels, reverse=True):
        if np.mean(levels[level] > blank) < DETECTED:
            break
        reached = level
    return reached


def limit_of_quantitation(levels: dict[int, NDArray[np.float64]]) -> int | None:
    """Return the lowest level from which on the total error stays within 20 %."""
    reached = None
    for level in sorted(levels, reverse=True):
        if total_error(level, levels[level]) > TOTAL_ERROR:
            break
        reached = level
    return reached


def total_error(level: int, counts: NDArray[np.float64]) -> float:
    """Return the root mean square of (found - true) / true: bias and scatter together."""
    return float(np.sqrt(np.mean((counts / level - 1.0) ** 2)))


def linearity(true: NDArray[np.float64], found: NDArray[np.float64]) -> dict[str, Any]:
    """Fit found = intercept + slope * true by weighted least squares, and compare each level with the truth.

    Weights are 1 / (true + 1): the spread of a count grows with its root, and at 0 there is no less than one
    cell's. Limits are 95 %, by Student's t.

    Returns:
        ``slope``, ``intercept`` with limits, and ``levels``: true, mean found, relative deviation of the mean
        from the truth and from the line (None at 0), replicates.
    """
    weight = 1.0 / (true + 1.0)
    design = np.stack((np.ones_like(true), true), axis=1)
    normal = design.T @ (weight[:, None] * design)
    line = np.linalg.solve(normal, design.T @ (weight * found))
    residual = found - design @ line
    free = len(true) - 2
    scale = float((weight * residual**2).sum()) / free
    error = np.sqrt(np.diag(np.linalg.inv(normal)) * scale)
    reach = float(t.ppf(0.975, free)) * error
    levels = []
    for level in np.unique(true):
        counts = found[true == level]
        average = float(counts.mean())
        levels.append(
            {
                "true": int(level),
                "found": average,
                "replicates": len(counts),
                "deviation": float(average / level) - 1.0 if level else None,
                "from_line": average / float(line @ (1.0, level)) - 1.0 if level else None,
            }
        )
    return {
        "intercept": float(line[0]),
        "intercept_limits": [float(line[0] - reach[0]), float(line[0] + reach[0])],
        "slope": float(line[1]),
        "slope_limits": [float(line[1] - reach[1]), float(line[1] + reach[1])],
        "levels": levels,
    }
