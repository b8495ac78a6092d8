"""Many cohorts drawn from one: patients counted several times, as weights, and the order of their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats.survtable import checked

Floats = NDArray[np.float64]

CELLS_AT_ONCE = 4_000_000
"""Weights held at a time: 32 MB of doubles."""


@dataclass(frozen=True)
class TimeOrder:
    """Patients in the order of their times; everything that depends on a patient's weight is summed along it.

    Attributes:
        order: [n] positions of the patients in order of time, events before censored at the same time.
        start: [k] place in that order where each distinct time begins.
        block: [n] number of the distinct time, in that order.
        event: [n] 1 event, 0 censored, in that order.
    """

    order: NDArray[np.intp]
    start: NDArray[np.intp]
    block: NDArray[np.intp]
    event: Floats

    @classmethod
    def of(cls, time: ArrayLike, event: ArrayLike) -> TimeOrder:
        """Sort follow-up ``time`` [n] with ``event`` [n]; CohortError as for ``survtable.checked``."""
        times, events = checked(time, event)
        order = np.lexsort((1 - events, times))
        _, start, block = np.unique(times[order], return_index=True, return_inverse=True)
        return cls(order, start, block, events[order].astype(float))

    def totals(self, values: Floats) -> Floats:
        """Sum ``values`` [b, n] (in order) over the patients of each distinct time: [b, k]."""
        return np.asarray(np.add.reduceat(values, self.start, axis=1))


def draws(patients: int, samples: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield weights [b, patients] of ``samples`` bootstrap samples in portions that fit in memory.

    A weight is how often a patient was drawn; a sample's weights add up to ``patients`` (Efron, Ann. Stat. 7
    (1979) 1).
    """
    portion = max(1, min(samples, 200, CELLS_AT_ONCE // patients))
    even = np.full(patients, 1 / patients)
    done = 0
    while done < samples:
        now = min(portion, samples - done)
        yield rng.multinomial(patients, even, size=now)
        done += now


def percentile_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile interval of ``values`` [b] without the NaN; NaN twice if fewer than 20 remain."""
    kept = np.asarray(values, dtype=float)
    kept = kept[~np.isnan(kept)]
    if kept.size < 20:
        return float("nan"), float("nan")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
