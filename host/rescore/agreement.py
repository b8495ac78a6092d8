"""Cohen's kappa of ordered classes, for many tables at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Weights = Literal["none", "quadratic"]


def kappas(tables: ArrayLike, weights: Weights) -> NDArray[np.float64]:
    """Return kappa of each table, NaN where truth or scores are all of one class.

    1 - sum(w observed) / sum(w expected), with w = 1 off the diagonal, or the squared distance of the classes
    (Cohen, Psychol. Bull. 70 (1968) 213-220). statsmodels has it for one table; a bootstrap needs thousands.

    Args:
        tables: [..., k, k] counts, truth in rows.
        weights: "none" or "quadratic".
    """
    counts = np.asarray(tables, np.float64)
    step = np.arange(counts.shape[-1])
    distance = np.abs(step[:, None] - step[None, :]).astype(np.float64)
    weight = distance**2 if weights == "quadratic" else (distance > 0).astype(np.float64)
    total = counts.sum(axis=(-2, -1))
    expected = counts.sum(axis=-1)[..., :, None] * counts.sum(axis=-2)[..., None, :]
    several = ((counts.sum(axis=-1) > 0).sum(axis=-1) > 1) & ((counts.sum(axis=-2) > 0).sum(axis=-1) > 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = (weight * counts).sum(axis=(-2, -1))
        chance = (weight * expected).sum(axis=(-2, -1)) / total
        value = 1.0 - seen / chance
    return np.where(several, value, np.nan)


def kappa(table: ArrayLike, weights: Weights) -> float:
    """Return kappa of one table."""
    return float(kappas(table, weights))
