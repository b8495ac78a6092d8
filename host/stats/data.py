"""A cohort: one row per patient, columns found by name, values checked when they are used.

Reading one is ``host.stats.patients``, choosing rows ``host.stats.conditions``, its times and events
``host.stats.followup``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from host.stats.errors import CohortError, nearest
from host.stats.partial import Floats

Kind = Literal["continuous", "categorical"]

SIMULATED = "SIMULATED DATA"
"""How the first note of a cohort begins that is not of real patients."""

LEVELS_MAX = 20  # more levels than this are a name or a misread number, not a category
MOSTLY_NUMBERS = 0.8
MOST_NAMED = 12  # columns that a message lists


def left_out(why: str, count: int, among: int, of: str = "") -> str:
    """Return the note that patients are left out, of what and why."""
    return f"Left out{f' of {of}' if of else ''}, {why}: {count} of {among} patients."


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
        return simulated_rows(self.frame) > 0

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
            names = [str(column) for column in self.frame.columns]
            known = nearest(name, names) or f"; it has {', '.join(names[:MOST_NAMED])}" + (
                f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            )
            raise CohortError(f'{self.source} has no column "{name}"{known}.')
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
                "number, as the others are: correct it or leave the cell "
                f"empty{_comma(self.column(name).iloc[first])}."
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
                    f"number: correct it or leave the cell empty{_comma(self.column(name).iloc[first])}."
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

    def written(self, name: str, value: str) -> str:
        """Return a value as ``texts`` writes it: 1.0 as 1, where the column holds numbers."""
        if value in set(self.texts(name)):
            return value
        try:
            return f"{float(value):.15g}"
        except ValueError:
            return value

    def levels(self, name: str) -> list[str]:
        """Return the distinct values of a categorical column, numbers by size and texts by alphabet.

        Raises:
            CohortError: no value at all, more than 20 levels, or levels that differ only in case or spaces.
        """
        found = sorted({v for v in self.texts(name) if v is not None}, key=level_order)
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


def _comma(value: object) -> str:
    """Return the hint at a decimal comma, or an empty text."""
    return ", or say --decimal ," if re.fullmatch(r"[+-]?\d+,\d+", str(value).strip()) else ""


def simulated_rows(frame: pd.DataFrame) -> int:
    """Return how many rows are simulated."""
    if "specimen_kind" not in frame.columns:
        return 0
    return int((frame["specimen_kind"].astype(str).str.strip().str.casefold() == "simulated").sum())


def level_order(level: str) -> tuple[int, float, str]:
    """Sort numbers by size, then texts by alphabet."""
    try:
        return 0, float(level), level
    except ValueError:
        return 1, 0.0, level.casefold()
