"""Groups on a line: the best split of sorted numbers into k groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def split(values: Numbers, k: int) -> list[NDArray[np.int64]]:
    """Return the indices of the k groups of ``values``, ascending, that have the least sum of squares.

    Exact, by dynamic programming over the sorted values (Wang and Song, R Journal 2011;3(2):29-33), in
    O(k n^2).

    Raises:
        ValueError: fewer values than groups.
    """
    n = len(values)
    if not 1 <= k <= n:
        raise ValueError("fewer values than groups")
    order = np.argsort(values, kind="stable")
    x = values[order] - np.median(values)
    total = np.concatenate(([0.0], np.cumsum(x)))
    squares = np.concatenate(([0.0], np.cumsum(x * x)))

    def cost(begin: NDArray[np.int64], end: int) -> Numbers:
        count = end - begin
        found: Numbers = squares[end] - squares[begin] - (total[end] - total[begin]) ** 2 / count
        return found

    best = np.full((k + 1, n + 1), np.inf)
    cut = np.zeros((k + 1, n + 1), np.int64)
    best[0, 0] = 0.0
    for groups in range(1, k + 1):
        for end in range(groups, n + 1):
            begins = np.arange(groups - 1, end)
            costs = best[groups - 1, begins] + cost(begins, end)
            least = int(np.argmin(costs))
            best[groups, end], cut[groups, end] = costs[least], begins[least]
    found, end = [], n
    for groups in range(k, 0, -1):
        begin = int(cut[groups, end])
        found.append(order[begin:end])
        end = begin
    return found[::-1]


def trim(values: Numbers, widths: float) -> NDArray[np.bool_]:
    """Return which values lie within ``widths`` robust standard deviations (1.4826 MAD) of the median."""
    centre = np.median(values)
    width = 1.4826 * np.median(np.abs(values - centre))
    kept: NDArray[np.bool_] = np.abs(values - centre) <= max(widths * width, 1e-9)
    return kept
