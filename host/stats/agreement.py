"""Cohen's kappa with its interval, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from statsmodels.stats.inter_rater import cohens_kappa


@dataclass(frozen=True, slots=True)
class Kappa:
    """Kappa and its limits, or None for all three and the reason."""

    kappa: float | None
    lower: float | None
    upper: float | None
    remark: str | None = None


def kappa(
    table: ArrayLike, level: float = 0.95, methods: tuple[str, str] = ("the first", "the second")
) -> Kappa:
    """Return Cohen's kappa of a square table [k, k] of counts, the same categories in rows and columns.

    Source: Cohen, Educ. Psychol. Meas. 20 (1960) 37-46; standard error: Fleiss, Cohen and Everitt, Psychol.
    Bull. 72 (1969) 323-327, by statsmodels. With all patients in one row or one column, agreement beyond
    chance has no meaning.
    """
    counts = np.asarray(table, dtype=float)
    for axis, what in ((1, methods[0]), (0, methods[1])):
        if (counts.sum(axis=axis) > 0).sum() < 2:
            return Kappa(
                None,
                None,
                None,
                f"Kappa is not given: {what} has the same result in all patients, so any agreement is what "
                "chance "
                "gives.",
            )
    found = cohens_kappa(counts)
    reach = float(norm.isf((1 - level) / 2) * found.std_kappa)
    return Kappa(float(found.kappa), float(found.kappa) - reach, float(found.kappa) + reach)
