"""Progression-free survival from dates.

The study's text has both origins, the start of therapy and the baseline blood draw; which column is the
start is the user's word. An event is progression and, unless said otherwise, death without progression (FDA,
Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics (2018), III.A.3); all others are
censored at their last visit.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from host.stats.data import Cohort
from host.stats.errors import CohortError
from host.stats.followup import FollowUp

DAYS_PER_MONTH = 365.25 / 12
Units = Literal["days", "weeks", "months", "years"]


def unit_days(units: str, days_per_month: float = DAYS_PER_MONTH) -> float:
    """Return how many days a unit has; a year is twelve months.

    Raises:
        CohortError: an unknown unit, or a month without length.
    """
    if not days_per_month > 0:
        raise CohortError("A month must have more than 0 days.")
    table = {"days": 1.0, "weeks": 7.0, "months": days_per_month, "years": 12 * days_per_month}
    if units not in table:
        raise CohortError(f'"{units}" is no unit of time: use days, weeks, months or years.')
    return table[units]


def parse_dates(cohort: Cohort, name: str, form: str = "%Y-%m-%d") -> pd.Series:
    """Return a column of dates, missing as NaT.

    Raises:
        CohortError: no such column, or a value in another form.
    """
    column = cohort.column(name)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_localize(None)
    texts = column.map(lambda value: str(value) if pd.notna(value) else None)
    dates = pd.to_datetime(texts, format=form, errors="coerce")
    bad = np.flatnonzero((dates.isna() & texts.notna()).to_numpy())
    if bad.size:
        first = int(bad[0])
        raise CohortError(
            f'"{texts.iloc[first]}" in column "{name}", {cohort.place(first)}, is no date of the form '
            f"{form}: correct it, "
            "or give the form with --date-format."
        )
    return dates


def from_dates(
    cohort: Cohort,
    start: str,
    last_visit: str,
    *,
    progression: str | None = None,
    death: str | None = None,
    death_is: Literal["event", "censored"] = "event",
    form: str = "%Y-%m-%d",
    units: Units = "months",
    days_per_month: float = DAYS_PER_MONTH,
) -> FollowUp:
    """Return times from ``start`` to the first event, or to the last visit.

    Args:
        start: column of the origin: start of therapy, or blood draw.
        last_visit: column of the last date without event.
        progression: column of progression, empty where there was none.
        death: column of death, empty for the living.
        death_is: whether death without progression is an event, or ends follow-up without one.
        form: of the dates, as ``strptime``.
        units: of the times returned.
        days_per_month: what a month is.

    Raises:
        CohortError: neither progression nor death named, a date before the start, progression after death,
            or no patient with dates enough.
    """
    if progression is None and death is None:
        raise CohortError("Dates make no event: name the column of progression, of death, or both.")
    none = pd.Series(pd.NaT, index=cohort.frame.index, dtype="datetime64[ns]")
    begin, last = parse_dates(cohort, start, form), parse_dates(cohort, last_visit, form)
    progressed = parse_dates(cohort, progression, form) if progression else none
    died = parse_dates(cohort, death, form) if death else none
    _refuse(cohort, progressed > died, f'the date in "{progression}" is after that in "{death}"')
    dead_event = died if death_is == "event" else none
    end = progressed.fillna(dead_event)
    event = end.notna()
    end = end.fillna(died).fillna(last)
    known = begin.notna() & end.notna()
    _refuse(cohort, known & (end < begin), f'follow-up ends before the date in "{start}"')
    if not known.any():
        raise CohortError(f'No patient has both a date in "{start}" and an end of follow-up.')
    days = (end - begin).dt.days.to_numpy(dtype=float, na_value=np.nan)
    time = days / unit_days(units, days_per_month)
    return FollowUp(
        time,
        event.to_numpy().astype(np.int64),
        known.to_numpy(),
        units,
        (_definition(start, last_visit, progression, death, death_is), month_note(units, days_per_month)),
    )


def month_note(units: str, days_per_month: float) -> str:
    """Return the sentence that says how long the unit of the times is."""
    length = unit_days(units, days_per_month)
    return f"Times are in {units} of {length:g} days." if units != "days" else "Times are in days."


def _definition(
    start: str, last_visit: str, progression: str | None, death: str | None, death_is: str
) -> str:
    """Return the sentence that says what the endpoint is."""
    events = [progression, death if death_is == "event" else None]
    censored = [death if death_is == "censored" else None, last_visit]
    event, end = (" or else ".join(f'"{name}"' for name in part if name) for part in (events, censored))
    return f'Time runs from "{start}" to the event, {event}; without event it is censored at {end}.'


def _refuse(cohort: Cohort, wrong: pd.Series, what: str) -> None:
    places = np.flatnonzero(wrong.to_numpy())
    if places.size:
        more = f" (and for {places.size - 1} more)" if places.size > 1 else ""
        raise CohortError(f"In {cohort.place(int(places[0]))} {what}{more}: correct the dates.")
