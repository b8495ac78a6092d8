"""Does a continuous characteristic differ between groups? Rank tests and tests of means, by SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from host.stats.partial import Floats

Choice = Literal["wilcoxon", "t"]
EXACT_BELOW = 50  # patients per group without ties, as R's wilcox.test


@dataclass(frozen=True, slots=True)
class LocationTest:
    """Which test it was, and its two-sided P; not a number where fewer than two groups have values."""

    name: str
    p: float


def compare(samples: Sequence[Floats], choice: Choice = "wilcoxon") -> LocationTest:
    """Compare two or more samples without missing values.

    Wilcoxon's rank-sum test is exact without ties and below 50 a group, else normal with continuity
    correction; more than two groups: Kruskal-Wallis. "t" is Welch's, which does not assume equal variances;
    more than two: Welch's analysis of variance (Biometrika 38 (1951) 330-336).
    """
    filled = [np.asarray(sample, dtype=float) for sample in samples if len(sample)]
    two = len(samples) == 2
    name = {"wilcoxon": "wilcoxon" if two else "kruskal-wallis", "t": "welch t" if two else "welch anova"}[
        choice
    ]
    if len(filled) < 2 or (choice == "t" and min(len(sample) for sample in filled) < 2):
        return LocationTest(name, float("nan"))
    together = np.concatenate(filled)
    if together.min() == together.max():
        return LocationTest(name, 1.0 if choice == "wilcoxon" else float("nan"))
    with np.errstate(invalid="ignore", divide="ignore"):
        if choice == "t":
            result = (
                stats.ttest_ind(*filled, equal_var=False)
                if len(filled) == 2
                else stats.f_oneway(*filled, equal_var=False)
            )
        elif len(filled) > 2:
            result = stats.kruskal(*filled)
        else:
            tied = np.unique(together).size < together.size
            exact = not tied and max(map(len, filled)) < EXACT_BELOW
            result = stats.mannwhitneyu(
                *filled, method="exact" if exact else "asymptotic", use_continuity=True
            )
    return LocationTest(name, float(result.pvalue))
