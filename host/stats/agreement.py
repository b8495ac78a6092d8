"""Cohen's kappa with its interval, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.inter_rater import cohens_kappa


@dataclass(frozen=True, slots=True)
class Kappa:
    """Kappa and its limits, or None for all three and the reason."""

    kappa: float | None
    lower: float | None
    upper: float | None
    remark: str | None = None


def kappa(table: ArrayLike, level: float = 0.95) -> Kappa:
    """Return Cohen's kappa of a square table [k, k] of counts, the same categories in rows and columns.

    Source: Cohen, Educ. Psychol. Meas. 20 (1960) 37-46; standard error: Fleiss, Cohen and Everitt, Psychol. Bull. 72 (1969)
    323-327, by statsmodels. With all patients in one row or one column, agreement beyond chance has no meaning.
    """
    counts = np.asarray(table, dtype=float)
    for axis, what in ((1, "first"), (0, "second")):
        if (counts.sum(axis=axis) > 0).sum() < 2:
            return Kappa(
                None,
                None,
                None,
                f"Kappa is not given: the {what} method has the same result in all patients, so chance alone explains "
                "any agreement.",
            )
    found = cohens_kappa(counts, alpha=1 - level)
    return Kappa(float(found.kappa), float(found.kappa_low), float(found.kappa_upp))
