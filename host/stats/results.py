"""Join the host's result store with a clinical table: one prespecified result per patient."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from host.stats.data import Cohort
from host.stats.errors import CohortError

Pick = Literal["only", "first", "last"]
COLUMNS = (
    "ctc_status",
    "ctc",
    "her2_0",
    "her2_1plus",
    "her2_2plus",
    "her2_3plus",
    "result_utc",
    "result_sha256",
)


def join_results(
    cohort: Cohort, store: Path | str, *, sample: str | None = None, pick: Pick = "only"
) -> Cohort:
    """Add a result's columns (``COLUMNS``) to every patient of the clinical table who has one.

    Controls, calibrations, simulated specimens and INVALID runs are never used; the notes say how many there
    were. NO CTC is a status of its own, not NEGATIVE.

    Args:
        cohort: the clinical table.
        store: the results file of the host.
        sample: column with the sample id of the reader's runs; by default the patient column.
        pick: which of several valid results of a sample: none may be ("only"), or the first or last by time.

    Raises:
        CohortError: no such file, no sample column, a sample of two patients, or several results and
            ``pick`` "only".
    """
    from host.results.store import Store

    path = Path(store)
    if not path.is_file():
        raise CohortError(f"There is no results file {path}: check the name.")
    key = sample or cohort.id
    if key is None:
        raise CohortError("Name the column with the readers' sample ids (--sample).")
    ids = cohort.texts(key)
    named = [value for value in ids if value is not None]
    twice = [value for value, count in Counter(named).items() if count > 1]
    if twice:
        raise CohortError(f'Sample "{twice[0]}" belongs to two patients in column "{key}": correct it.')
    wanted = set(named)
    left_out: Counter[str] = Counter()
    found: dict[str, list[Any]] = {}
    with Store(path) as opened:
        for record in opened.records():
            if record.kind != "patient":
                left_out[f"{record.kind} runs"] += 1
            elif record.status == "INVALID":
                left_out["INVALID runs"] += 1
            elif _matching(record.sample) not in wanted:
                left_out["runs of samples that are not in the table"] += 1
            else:
                found.setdefault(_matching(record.sample), []).append(record)
    several = sorted(name for name, records in found.items() if len(records) > 1)
    if several and pick == "only":
        raise CohortError(
            f'Sample "{several[0]}" has {len(found[several[0]])} valid results{_more(len(several) - 1)}: '
            "say which was "
            "prespecified with --pick first or --pick last."
        )
    if several and any(r.utc is None for name in several for r in found[name]):
        raise CohortError(
            "A result to choose from has no time, as the reader's clock was not set: leave it out by hand."
        )
    place = -1 if pick == "last" else 0
    chosen = {
        name: sorted(records, key=lambda r: (r.utc or "", r.sequence))[place]
        for name, records in found.items()
    }
    rows = [_row(chosen.get(value)) if value is not None else _row(None) for value in ids]
    notes = [f"{len(chosen)} of {len(cohort)} patients have a result in {path.name}."]
    if left_out:
        notes.append(
            "Not used: " + ", ".join(f"{what} ({count})" for what, count in sorted(left_out.items())) + "."
        )
    if several:
        extra = sum(len(found[name]) - 1 for name in several)
        notes.append(
            f"Several valid results, the {pick} one used: {len(several)} patients, {extra} results not used."
        )
    return cohort.with_columns(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object), notes)


def _matching(sample: str) -> str:
    """Return a sample id as ``Cohort.texts`` writes it when the table's column holds numbers."""
    try:
        return (
            f"{float(sample):.15g}" if sample == sample.strip() and sample.lstrip("-").isdigit() else sample
        )
    except ValueError:
        return sample


def _more(count: int) -> str:
    return f" (and {count} samples more)" if count else ""


def _row(record: Any) -> list[Any]:
    if record is None:
        return [None] * len(COLUMNS)
    return [record.status, record.ctc, *record.tally, record.utc, record.sha256]
