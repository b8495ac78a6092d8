"""A cohort: one row per patient, columns found by name, values checked when they are used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from host.stats.errors import CohortError, nearest
from host.stats.partial import Floats
from host.stats.tables import MISSING, read_table

Kind = Literal["continuous", "categorical"]

ID_NAMES = ("patient", "patient_id", "patientid", "pid", "id", "subject", "subject_id", "usubjid", "sample")
"""Columns taken for the patient's identity, in this order, when none is named."""

SIMULATED = "SIMULATED DATA"
"""How the first note of a cohort begins that is not of real patients."""

LEVELS_MAX = 20  # more levels than this are a name or a misread number, not a category
MOSTLY_NUMBERS = 0.8


@dataclass(frozen=True)
class FollowUp:
    """Times and events of all rows; rows without either are marked in ``known`` and never used.

    ``time`` [n] in ``units``, ``event`` [n] 0 or 1, ``known`` [n].
    """

    time: Floats
    event: NDArray[np.int64]
    known: NDArray[np.bool_]
    units: str | None = None

    @property
    def missing(self) -> int:
        """Patients without follow-up."""
        return int((~self.known).sum())


@dataclass(frozen=True)
class Cohort:
    """Patients (rows) and what is known of them (columns).

    ``notes`` say, in sentences, what was left out and why: every output repeats them.
    """

    frame: pd.DataFrame
    source: str
    id: str | None = None
    notes: tuple[str, ...] = ()
    _numbers: dict[str, Floats] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def simulated(self) -> bool:
        """True if any row says so in ``specimen_kind``: then every table and figure must."""
        return _simulated(self.frame) > 0

    def place(self, position: int) -> str:
        """Return where a row [0..n) stands, for messages: its line, and the patient when known."""
        text = f"{self.frame.index.name or 'row'} {self.frame.index[position]}"
        return f"{text} (patient {self.frame[self.id].iloc[position]})" if self.id else text

    def column(self, name: str) -> pd.Series:
        """Return a column.

        Raises:
            CohortError: there is none of that name.
        """
        if name not in self.frame.columns:
            raise CohortError(f'{self.source} has no column "{name}"{nearest(name, self.frame.columns)}.')
        return self.frame[name]

    def _convert(self, name: str) -> tuple[Floats, NDArray[np.bool_]]:
        """Return numbers [n] and which present values are none [n]."""
        values = self.column(name)
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return numbers, np.isnan(numbers) & values.notna().to_numpy()

    def kind(self, name: str) -> Kind:
        """Return "continuous" when every present value is a number, else "categorical".

        Raises:
            CohortError: almost all are numbers, so that the others look like mistakes.
        """
        numbers, bad = self._convert(name)
        good = int((~np.isnan(numbers)).sum())
        if not bad.any():
            return "continuous" if good else "categorical"
        if good and good >= MOSTLY_NUMBERS * (good + int(bad.sum())):
            first = int(np.flatnonzero(bad)[0])
            raise CohortError(
                f'"{self.column(name).iloc[first]}" in column "{name}", {self.place(first)}, is not a '
                "number, as the "
                "others are: correct it or leave the cell empty."
            )
        return "categorical"

    def is_code(self, name: str) -> bool:
        """Return whether a column holds numbers of which there are two at most: codes, not a measurement."""
        if self.kind(name) == "categorical":
            return False
        values = self.numbers(name)
        return int(np.unique(values[~np.isnan(values)]).size) <= 2

    def numbers(self, name: str) -> Floats:
        """Return a column as numbers [n], missing as NaN.

        Raises:
            CohortError: no such column, or a value that is no finite number.
        """
        if name not in self._numbers:
            numbers, bad = self._convert(name)
            bad = bad | np.isinf(numbers)
            if bad.any():
                first = int(np.flatnonzero(bad)[0])
                raise CohortError(
                    f'"{self.column(name).iloc[first]}" in column "{name}", {self.place(first)}, is not a '
                    "number: "
                    "correct it or leave the cell empty."
                )
            self._numbers[name] = numbers
        return self._numbers[name]

    def texts(self, name: str) -> NDArray[np.object_]:
        """Return a column as texts [n], missing as None; numbers are written shortest, so 1 and 1.0 are one
        level.
        """
        values = self.column(name)
        present = values.notna().to_numpy()
        out = np.full(len(values), None, dtype=object)
        if values.dtype == bool:
            out[:] = [str(bool(v)).lower() for v in values]
            return out
        numbers, bad = self._convert(name)
        raw = values.to_numpy(dtype=object)
        if not bad.any():
            out[present] = [f"{v:.15g}" for v in numbers[present]]
        else:
            out[present] = [str(v).strip() for v in raw[present]]
        return out

    def levels(self, name: str) -> list[str]:
        """Return the distinct values of a categorical column, numbers by size and texts by alphabet.

        Raises:
            CohortError: no value at all, more than 20 levels, or levels that differ only in case or spaces.
        """
        found = sorted({v for v in self.texts(name) if v is not None}, key=_level_order)
        if not found:
            raise CohortError(f'Column "{name}" has no values.')
        if len(found) > LEVELS_MAX:
            raise CohortError(
                f'Column "{name}" has {len(found)} different values, such as "{found[0]}" and "{found[1]}": '
                "it is no category; group the values, or use another column."
            )
        folded: dict[str, str] = {}
        for level in found:
            other = folded.setdefault(re.sub(r"\s+", " ", level).casefold(), level)
            if other != level:
                raise CohortError(f'Column "{name}" has both "{other}" and "{level}": write them alike.')
        return found

    def follow_up(
        self,
        time: str,
        event: str,
        *,
        event_code: str | None = None,
        units: str | None = None,
        divide: float = 1.0,
    ) -> FollowUp:
        """Return times and events from two columns.

        Args:
            time: column of follow-up times, divided by ``divide``.
            event: column with 1 event, 0 censored.
            event_code: the value that means event, when the file codes it otherwise; all other values are
                censored.
            units: what the times are in, for labels.

        Raises:
            CohortError: a negative time, another event code, or nobody with both.
        """
        times = self.numbers(time) / divide
        if (times < 0).any():
            first = int(np.flatnonzero(times < 0)[0])
            raise CohortError(
                f'The time in column "{time}", {self.place(first)}, is negative ({times[first] * divide:g}): '
                "correct it."
            )
        texts = self.texts(event)
        present = np.array([v is not None for v in texts])
        if event_code is not None:
            if event_code not in set(texts[present]):
                known = ", ".join(self.levels(event))
                raise CohortError(f'No patient has "{event_code}" in column "{event}", which has {known}.')
            died = texts == event_code
        else:
            codes = {"0": 0, "1": 1, "false": 0, "true": 1}
            wrong = sorted({v for v in texts[present] if str(v).lower() not in codes}, key=_level_order)
            if wrong:
                first = int(np.flatnonzero(texts == wrong[0])[0])
                raise CohortError(
                    f'Column "{event}" must be 0 (censored) or 1 (event), and {self.place(first)} has '
                    f'"{wrong[0]}": '
                    "recode it, or name the value that means event with --event-code."
                )
            died = np.array([v is not None and codes[str(v).lower()] == 1 for v in texts])
        known_rows = present & ~np.isnan(times)
        if not known_rows.any():
            raise CohortError(f'No patient has both "{time}" and "{event}".')
        return FollowUp(times, died.astype(np.int64), known_rows, units)

    def where(self, conditions: Sequence[str]) -> Cohort:
        """Keep the patients who meet every condition: ``column=value``, ``!=``, ``<``, ``<=``, ``>`` or
        ``>=``.

        Patients with a missing value meet none.

        Raises:
            CohortError: a condition that cannot be read, an unknown column or value, or nobody left.
        """
        keep = np.ones(len(self), dtype=bool)
        for condition in conditions:
            keep &= self._meets(condition)
        if not keep.any():
            raise CohortError(f"Nobody meets {' and '.join(conditions)}.")
        if not conditions:
            return self
        note = f"{int(keep.sum())} of {len(self)} patients meet {' and '.join(conditions)}."
        return replace(self, frame=self.frame[keep], notes=(*self.notes, note), _numbers={})

    def _meets(self, condition: str) -> NDArray[np.bool_]:
        match = re.fullmatch(r"\s*(.+?)\s*(<=|>=|!=|=|<|>)=?\s*(.*?)\s*", condition)
        if match is None:
            raise CohortError(f'"{condition}" is no condition: write column=value, or !=, <, <=, >, >=.')
        name, sign, value = match.groups()
        if sign in ("=", "!="):
            texts = self.texts(name)
            present = np.array([v is not None for v in texts])
            wanted = _number_text(value)
            if not (texts == wanted).any():
                known = sorted({v for v in texts if v is not None}, key=_level_order)
                raise CohortError(f'No patient has "{value}" in column "{name}"{nearest(value, known)}.')
            return np.asarray((texts == wanted) if sign == "=" else present & (texts != wanted))
        try:
            limit = float(value)
        except ValueError:
            raise CohortError(f'"{condition}" compares with "{value}", which is no number.') from None
        numbers = self.numbers(name)
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}[sign]
        return np.asarray(compare(numbers, limit))

    def with_columns(self, columns: pd.DataFrame, notes: Sequence[str] = ()) -> Cohort:
        """Return the cohort with more columns [n rows in the same order] and notes.

        Raises:
            CohortError: a column of that name exists.
        """
        for name in columns.columns:
            if name in self.frame.columns:
                raise CohortError(f'{self.source} has a column "{name}" already: rename it.')
        frame = pd.concat([self.frame, columns.set_index(self.frame.index)], axis=1)
        return replace(self, frame=frame, notes=(*self.notes, *notes), _numbers={})


def _simulated(frame: pd.DataFrame) -> int:
    """Return how many rows are simulated."""
    if "specimen_kind" not in frame.columns:
        return 0
    return int((frame["specimen_kind"].astype(str).str.strip().str.casefold() == "simulated").sum())


def _number_text(value: str) -> str:
    try:
        return f"{float(value):.15g}"
    except ValueError:
        return value


def _level_order(level: str) -> tuple[int, float, str]:
    try:
        return 0, float(level), level
    except ValueError:
        return 1, 0.0, level.casefold()


def make_cohort(frame: pd.DataFrame, source: str = "The table", *, id: str | None = None) -> Cohort:
    """Check that a table has one row per patient and make it a cohort.

    Args:
        frame: one row per patient.
        source: what messages call it.
        id: column that identifies the patient; by default one of ``ID_NAMES``; "none" when rows are patients
            by definition.

    Raises:
        CohortError: no rows, no such column, or a patient without identity or with two rows.
    """
    if frame.empty:
        raise CohortError(f"{source} has no patients.")
    column = id
    if id is None:
        folded = {str(name).casefold(): str(name) for name in reversed(list(frame.columns))}
        column = next((folded[name] for name in ID_NAMES if name in folded), None)
    elif id == "none":
        column = None
    simulated = _simulated(frame)
    said = (f"{SIMULATED}: {simulated} of {len(frame)} rows of {source} say so.",) if simulated else ()
    cohort = Cohort(frame, source, notes=said)
    if column is None:
        repeated = int(frame.duplicated().sum())
        if repeated and len(frame.columns) >= 4:
            note = f"{repeated} rows are copies of another row: name the patient column with --id."
            cohort = replace(cohort, notes=(*cohort.notes, note))
        return cohort
    ids = cohort.texts(column)
    for position, value in enumerate(ids):
        if value is None:
            raise CohortError(f'{cohort.place(position).capitalize()} has no patient in column "{column}".')
    twice = pd.Series(ids).duplicated().to_numpy()
    if twice.any():
        patients = len(set(ids[twice]))
        first = int(np.flatnonzero(twice)[0])
        others = f", and {patients - 1} more patients are repeated" if patients > 1 else ""
        raise CohortError(
            f'Patient {ids[first]} is in column "{column}" more than once ({cohort.place(first)}){others}: '
            "keep one row per patient, or say --id none if that column is no patient number."
        )
    return replace(cohort, id=column)


def read_cohort(
    path: Path | str, *, id: str | None = None, encoding: str = "utf-8", decimal: str = "."
) -> Cohort:
    """Read a table file as a cohort; see ``read_table`` and ``make_cohort`` for arguments and errors."""
    return make_cohort(read_table(path, encoding=encoding, decimal=decimal), Path(path).name, id=id)


__all__ = ["MISSING", "Cohort", "FollowUp", "Kind", "make_cohort", "read_cohort"]
