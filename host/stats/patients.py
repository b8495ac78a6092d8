"""From a table to a cohort: who the patients are, and that each has one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from host.stats.conditions import where
from host.stats.data import SIMULATED, Cohort, simulated_rows
from host.stats.errors import CohortError
from host.stats.tables import read_table

ID_NAMES = (
    *(
        "patient",
        "patientid",
        "patientno",
        "patientnr",
        "patientnumber",
        "pat",
        "patid",
        "patno",
        "pid",
        "pt",
    ),
    *("subject", "subjectid", "subjid", "usubjid", "recordid", "caseid", "studyid", "mrn", "id", "sample"),
)
"""Columns taken for the patient's identity, in this order, when none is named; case, spaces and signs do not
count.
"""


def make_cohort(
    frame: pd.DataFrame,
    source: str = "The table",
    *,
    id: str | None = None,
    conditions: Sequence[str] = (),
) -> Cohort:
    """Check that a table has one row per patient and make it a cohort.

    Args:
        frame: one row per patient, when the conditions are met.
        source: what messages call it.
        id: column that identifies the patient; by default one of ``ID_NAMES``; "none" when rows are patients
            by definition.
        conditions: which rows to keep, as for ``host.stats.conditions.where``.

    Raises:
        CohortError: no rows, no such column, a condition as for ``where``, or a patient without identity or
            with two rows.
    """
    if frame.empty:
        raise CohortError(f"{source} has no patients.")
    simulated = simulated_rows(frame)
    said = (f"{SIMULATED}: {simulated} of {len(frame)} rows of {source} say so.",) if simulated else ()
    cohort = where(Cohort(frame, source, notes=said), conditions)
    column = id_column(frame) if id is None else None if id == "none" else id
    if column is not None:
        _one_row_each(cohort, column)
        return replace(cohort, id=column)
    repeated = int(cohort.frame.duplicated().sum())
    if repeated and len(frame.columns) >= 4:
        note = f"Rows that are copies of another row: {repeated}; name the patient column with --id."
        cohort = replace(cohort, notes=(*cohort.notes, note))
    return cohort


def id_column(frame: pd.DataFrame) -> str | None:
    """Return the column whose name says that it identifies the patient, or None."""
    folded = {
        re.sub(r"[^a-z0-9]", "", str(name).casefold()): str(name) for name in reversed(list(frame.columns))
    }
    return next((folded[name] for name in ID_NAMES if name in folded), None)


def _one_row_each(cohort: Cohort, column: str) -> None:
    """Raise CohortError for a patient without identity or with two rows."""
    ids = cohort.texts(column)
    for position, value in enumerate(ids):
        if value is None:
            raise CohortError(f'{cohort.place(position).capitalize()} has no patient in column "{column}".')
    twice = pd.Series(ids).duplicated().to_numpy()
    if twice.any():
        more = len(set(ids[twice])) - 1
        first = int(np.flatnonzero(twice)[0])
        others = f", and so are {more} more" if more else ""
        raise CohortError(
            f'Patient {ids[first]} is in column "{column}" more than once ({cohort.place(first)}){others}: '
            "keep one row per patient, choose rows with --where, or say --id none if that column is no "
            "patient number."
        )


def read_cohort(
    path: Path | str,
    *,
    id: str | None = None,
    encoding: str = "utf-8",
    decimal: str = ".",
    conditions: Sequence[str] = (),
) -> Cohort:
    """Read a table file as a cohort; see ``read_table`` and ``make_cohort`` for arguments and errors."""
    table = read_table(path, encoding=encoding, decimal=decimal)
    return make_cohort(table, Path(path).name, id=id, conditions=conditions)
