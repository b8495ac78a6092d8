"""Times and events of a cohort's patients, from columns of times; from dates: ``host.stats.dates``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.stats.data import Cohort, level_order
from host.stats.errors import CohortError
from host.stats.partial import Floats


@dataclass(frozen=True)
class FollowUp:
    """Times and events of all rows; rows without either are marked in ``known`` and never used.

    ``time`` [n] in ``units``, ``event`` [n] 0 or 1, ``known`` [n]. ``notes`` say how they were made; every
    output repeats them.
    """

    time: Floats
    event: NDArray[np.int64]
    known: NDArray[np.bool_]
    units: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Patients without follow-up."""
        return int((~self.known).sum())


def from_columns(
    cohort: Cohort,
    time: str,
    event: str,
    *,
    event_code: str | None = None,
    units: str | None = None,
    divide: float = 1.0,
    notes: tuple[str, ...] = (),
) -> FollowUp:
    """Return times and events from two columns.

    Args:
        time: column of follow-up times, divided by ``divide``.
        event: column with 1 event, 0 censored.
        event_code: the value that means event, when the file codes it otherwise; all other values are
            censored.
        units: what the times are in, for labels.
        notes: how they were made, for every output.

    Raises:
        CohortError: a negative time, another event code, or nobody with both.
    """
    times = cohort.numbers(time) / divide
    if (times < 0).any():
        first = int(np.flatnonzero(times < 0)[0])
        raise CohortError(
            f'The time in column "{time}", {cohort.place(first)}, is negative ({times[first] * divide:g}): '
            "correct it."
        )
    texts = cohort.texts(event)
    present = np.array([v is not None for v in texts])
    if event_code is not None:
        wanted = cohort.written(event, event_code)
        if wanted not in set(texts[present]):
            known = ", ".join(cohort.levels(event))
            raise CohortError(f'No patient has "{event_code}" in column "{event}", which has {known}.')
        died = texts == wanted
    else:
        codes = {"0": 0, "1": 1, "false": 0, "true": 1}
        wrong = sorted({v for v in texts[present] if str(v).lower() not in codes}, key=level_order)
        if wrong:
            first = int(np.flatnonzero(texts == wrong[0])[0])
            raise CohortError(
                f'Column "{event}" must be 0 (censored) or 1 (event), and {cohort.place(first)} has '
                f'"{wrong[0]}": '
                "recode it, or name the value that means event with --event-code."
            )
        died = np.array([v is not None and codes[str(v).lower()] == 1 for v in texts])
    known_rows = present & ~np.isnan(times)
    if not known_rows.any():
        raise CohortError(f'No patient has both "{time}" and "{event}".')
    return FollowUp(times, died.astype(np.int64), known_rows, units, notes)
