"""Shares, means and kappas of cells that come in specimens, with 95 % intervals that know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, chi2, t

from host.stats.bootstrap import draws, percentile_interval

LEVEL = 0.95
BOOTSTRAPS = 2000
BOOTSTRAP_SEED = 1979

EXACT = "exact (Clopper-Pearson), cells taken as independent: no event, or nothing else, in any specimen"
CLUSTERED = "Korn-Graubard, clustered by specimen"
POISSON = "exact (Garwood), no event in any specimen"
BOOTSTRAP = f"percentile bootstrap of specimens, {BOOTSTRAPS} samples"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; None where it cannot be given."""

    value: float | None
    lower: float | None
    upper: float | None
    part: float
    whole: float
    specimens: int
    method: str

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def share(part: ArrayLike, whole: ArrayLike) -> Estimate:
    """Return sum(part) / sum(whole) over specimens.

    Variance of a ratio by linearisation (Cochran, Sampling Techniques, 3rd ed., 1977, 6.4), turned into an
    effective number of cells and exact binomial limits for it (Korn and Graubard, Surv. Methodol. 24 (1998)
    193-201): limits stay inside 0 to 1 and hold near the ends. With no variance between specimens, plain
    Clopper-Pearson limits.

    Args:
        part, whole: [specimens] counts, 0 <= part <= whole.
    """
    k, n = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    total, cells, clusters = float(k.sum()), float(n.sum()), int((n > 0).sum())
    if cells == 0:
        return Estimate(None, None, None, 0.0, 0.0, clusters, "no cells")
    p = total / cells
    if total in (0.0, cells) or clusters < 2:
        return Estimate(p, *_binomial(total, cells), total, cells, clusters, EXACT)
    used = n > 0
    residual = k[used] - p * n[used]
    variance = clusters / (clusters - 1) * float((residual**2).sum()) / cells**2
    # Never more cells than there are: a variance below the binomial's is chance.
    effective = min(cells, p * (1 - p) / variance) if variance > 0 else cells
    effective *= (t.ppf(0.975, cells - 1) / t.ppf(0.975, clusters - 1)) ** 2
    return Estimate(p, *_binomial(p * effective, effective), total, cells, clusters, CLUSTERED)


def _binomial(k: float, n: float) -> tuple[float, float]:
    """Clopper-Pearson limits of k in n, not necessarily whole numbers."""
    tail = (1 - LEVEL) / 2
    low = 0.0 if k <= 0 else float(beta.ppf(tail, k, n - k + 1))
    high = 1.0 if k >= n else float(beta.ppf(1 - tail, k + 1, n - k))
    return low, high


def mean(counts: ArrayLike) -> Estimate:
    """Return the mean count per specimen; without any event, exact Poisson limits (Garwood, Biometrika 28
    (1936) 437-442)."""
    values = np.asarray(counts, np.float64)
    n = len(values)
    if n == 0:
        return Estimate(None, None, None, 0.0, 0.0, 0, "no specimens")
    if values.sum() == 0:
        upper = float(chi2.ppf(1 - (1 - LEVEL) / 2, 2)) / 2 / n
        return Estimate(0.0, 0.0, upper, 0.0, float(n), n, POISSON)
    low, high = bootstrap(values[:, None], lambda sums: sums[:, 0] / n)
    return Estimate(float(values.mean()), low, high, float(values.sum()), float(n), n, BOOTSTRAP)


def table(tables: NDArray[np.float64], statistic: Callable[[NDArray[Any]], NDArray[np.float64]]) -> Estimate:
    """Return a statistic of the summed table with its bootstrap interval.

    Args:
        tables: [specimens, k, k].
        statistic: of [..., k, k], such as a kappa.
    """
    n = len(tables)
    flat = tables.reshape(n, -1)
    shape = tables.shape[1:]
    value = float(statistic(flat.sum(axis=0).reshape(shape)))
    low, high = bootstrap(flat, lambda sums: statistic(sums.reshape(-1, *shape)))
    cells = float(flat.sum())
    if np.isnan(value):
        return Estimate(None, None, None, 0.0, cells, n, "not defined: one class only")
    return Estimate(value, _none(low), _none(high), cells, cells, n, BOOTSTRAP)


def bootstrap(
    values: NDArray[np.float64], statistic: Callable[[NDArray[Any]], NDArray[np.float64]]
) -> tuple[float, float]:
    """Return the percentile interval of a statistic of sums over specimens, drawn with replacement.

    Args:
        values: [specimens, m].
        statistic: of sums [b, m].
    """
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    found = [statistic(weights @ values) for weights in draws(len(values), BOOTSTRAPS, rng)]
    return percentile_interval(np.concatenate(found))


def _none(value: float) -> float | None:
    return None if np.isnan(value) else value
