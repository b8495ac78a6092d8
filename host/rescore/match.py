"""Which found cell is which true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

RADIUS_UM = 6.0
"""Farthest a centroid may lie from the truth: half the median diameter of a breast CTC (12.4 um), so that it
lies inside the cell, and two touching cells' centres, at least 8 um apart, cannot both claim one object."""

_NEVER = 1e6


def match(
    truth: NDArray[np.float64], found: NDArray[np.float64], radius: float = RADIUS_UM
) -> list[tuple[int, int]]:
    """Pair true and found places of one field: each at most once, no pair farther apart than ``radius``.

    As many pairs as possible, and among those the least sum of distances (optimal assignment; Kuhn, Naval
    Res. Logist. Q. 2 (1955) 83-97, by scipy).

    Args:
        truth: [n, 2], um.
        found: [m, 2], um.
        radius: um.

    Returns:
        Pairs (index in truth, index in found).
    """
    if not len(truth) or not len(found):
        return []
    distance = np.hypot(*(truth[:, None, :] - found[None, :, :]).transpose(2, 0, 1))
    cost = np.where(distance <= radius, distance, _NEVER)
    pairs = zip(*linear_sum_assignment(cost), strict=True)
    return [(int(i), int(j)) for i, j in pairs if distance[i, j] <= radius]
