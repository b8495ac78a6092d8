"""Tests of a contingency table: Pearson's chi-square and Fisher's exact test of any size.

SciPy's ``fisher_exact`` is exact for 2 x 2 only (larger tables are sampled), so larger ones are enumerated
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import gammaln

from host.stats.errors import CohortError

Choice = Literal["auto", "fisher", "chi2"]
# Cochran, Biometrics 10 (1954) 417-451: below this expected count the chi-square is not to be trusted.
SMALL = 5.0
TABLES_MAX = 1_500_000
SAMPLES = 100_000
SEED = 20150923
SLACK = 1e-7  # relative, as R's fisher.test: tables as probable as the one seen, but for rounding


@dataclass(frozen=True, slots=True)
class TableTest:
    """Which test it was, its statistic (chi-square only) and P; not a number where the table has no second
    row or column.
    """

    name: str
    p: float
    chi2: float | None = None
    df: int | None = None
    smallest_expected: float = float("nan")


def expected(table: ArrayLike) -> NDArray[np.float64]:
    """Return the counts [r, c] expected without association."""
    counts = np.asarray(table, dtype=float)
    return np.asarray(np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum(), dtype=float)


def chi2(table: ArrayLike) -> TableTest:
    """Return Pearson's chi-square without continuity correction; empty rows and columns do not count."""
    counts = _dense(table)
    if counts is None:
        return TableTest("chi2", float("nan"))
    statistic, p, df, e = stats.chi2_contingency(counts, correction=False)
    return TableTest("chi2", float(p), float(statistic), int(df), float(e.min()))


def fisher(table: ArrayLike) -> TableTest:
    """Return Fisher's exact test, two-sided: all tables no more probable than the one seen (Freeman and
    Halton, Biometrika 38 (1951) 141-149). Beyond 1.5 million partial tables it is sampled (100,000 draws,
    fixed seed) and its name says so.
    """
    counts = _dense(table)
    if counts is None:
        return TableTest("fisher", float("nan"))
    smallest = float(expected(counts).min())
    if counts.shape == (2, 2):
        return TableTest("fisher", float(stats.fisher_exact(counts).pvalue), smallest_expected=smallest)
    logs = _enumerate(counts)
    if logs is None:
        method = stats.MonteCarloMethod(n_resamples=SAMPLES, rng=np.random.default_rng(SEED))
        p = float(stats.fisher_exact(counts, method=method).pvalue)
        return TableTest(f"fisher ({SAMPLES} sampled tables)", p, smallest_expected=smallest)
    seen = -gammaln(counts + 1).sum()
    scale = logs.max()
    weights = np.exp(logs - scale)
    p = float(weights[logs <= seen + SLACK].sum() / weights.sum())
    return TableTest("fisher", min(p, 1.0), smallest_expected=smallest)


def choose_test(table: ArrayLike, choice: Choice = "auto") -> TableTest:
    """Return the chosen test; "auto" is Fisher's when an expected count is below 5, else Pearson's."""
    counts = _dense(table)
    if counts is None:
        return TableTest("chi2" if choice == "auto" else choice, float("nan"))
    if choice == "auto":
        choice = "fisher" if expected(counts).min() < SMALL else "chi2"
    return fisher(counts) if choice == "fisher" else chi2(counts)


def _dense(table: ArrayLike) -> NDArray[np.int64] | None:
    """Return the table without empty rows and columns, or None when less than 2 x 2 is left."""
    counts = np.asarray(table)
    if counts.ndim != 2 or (counts < 0).any() or not np.equal(np.mod(counts, 1), 0).all():
        raise CohortError("A contingency table holds whole numbers, none of them negative.")
    counts = counts.astype(np.int64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    return counts if min(counts.shape) >= 2 else None


def _enumerate(counts: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return - sum log cell! of every table with these margins, or None when there are too many.

    Tables grow cell by cell, row after row; a partial one is what its columns still lack, and its sum so far.
    """
    if counts.shape[0] < counts.shape[1]:
        counts = counts.T
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    lacking = columns[None, :].copy()
    logs = np.zeros(1)
    for row in rows[:-1]:
        rest = np.full(logs.size, row)
        for j in range(columns.size):
            after = lacking[:, j + 1 :].sum(axis=1)  # what the columns to the right can still take
            low, high = np.maximum(0, rest - after), np.minimum(rest, lacking[:, j])
            width = np.maximum(high - low + 1, 0)
            if width.sum() > TABLES_MAX:
                return None
            parent = np.repeat(np.arange(logs.size), width)
            value = np.arange(parent.size) - np.repeat(np.cumsum(width) - width, width) + low[parent]
            lacking, rest = lacking[parent], rest[parent] - value
            lacking[:, j] -= value
            logs = logs[parent] - gammaln(value + 1)
    return np.asarray(logs - gammaln(lacking + 1).sum(axis=1))
