"""Who is at risk, and who has an event, at each time: what Kaplan-Meier and the log-rank test are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats.errors import CohortError
from host.stats.partial import Floats, merge_times


def checked(time: ArrayLike, event: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    """Return times [n], ties merged, and events [n] as 0 and 1.

    Raises:
        CohortError: nobody, unequal lengths, a negative or missing time, or another event code.
    """
    times, events = np.asarray(time, dtype=float), np.asarray(event)
    if times.ndim != 1 or times.size == 0 or events.shape != times.shape:
        raise CohortError("Times and events must be given for the same patients, at least one.")
    if not np.isfinite(times).all() or (times < 0).any():
        raise CohortError(
            "Follow-up times must be numbers that are not negative: correct or leave out those rows."
        )
    if not np.isin(events, (0, 1)).all():
        raise CohortError("Events must be coded 0 (censored) or 1 (event).")
    return merge_times(times), events.astype(np.int64)


def risk_table(
    time: Floats, event: NDArray[np.int64], group: NDArray[np.intp], groups: int
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct times [T], and the numbers at risk and with an event [T, groups] at each."""
    times, where = np.unique(time, return_inverse=True)
    leaving = np.zeros((times.size, groups), dtype=np.int64)
    np.add.at(leaving, (where, group), 1)
    events = np.zeros_like(leaving)
    np.add.at(events, (where, group), event)
    return times, np.cumsum(leaving[::-1], axis=0)[::-1], events
