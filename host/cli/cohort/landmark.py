"""``host cohort landmark``: repeated draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option


@click.command(cls=options.SectionedCommand)
@options.table_options
@options.follow_up_options
@click.option(
    "--draws",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Table of draws: the patient column, a time, CTCs per score.",
)
@click.option("--month", default="months", show_default=True, metavar="COLUMN", help="Time of a draw.")
@options.tally_option
@click.option("--at", multiple=True, type=float, default=(2.0, 4.0), show_default=True, help="A landmark.")
@click.option(
    "--oldest", type=click.FloatRange(min=0), help="How old the last draw may be.  [default: any age]"
)
@options.ties_option
@click.option("--patient", metavar="NAME", help="Draw this patient in detail instead of the landmarks.")
@click.option("--everyone", is_flag=True, help="Draw every patient's line instead of the landmarks.")
@options.level_option
@options.figure_option
@json_option
def landmark(
    table: dict[str, Any],
    follow: dict[str, Any],
    draws: Path,
    month: str,
    tally: tuple[str, ...],
    at: tuple[float, ...],
    oldest: float | None,
    ties: Any,
    patient: str | None,
    everyone: bool,
    level: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Repeated draws: what the status at a landmark says about what follows it.

    Only patients still at risk at the landmark count, each with the status of the last draw up to then.

    \b
    host cohort landmark study.csv --draws draws.csv --time pfs --event progressed \\
        --at 2 --at 4 --figure landmarks.png
    host cohort landmark study.csv --draws draws.csv --time pfs --event progressed \\
        --patient P017 --figure P017.png
    """
    from host.stats.errors import CohortError, nearest
    from host.stats.landmark import landmarks
    from host.stats.longitudinal import join_draws
    from host.stats.patients import read_cohort

    if figure is None and (patient or everyone):
        raise CohortError("--patient and --everyone draw a figure: name its file with --figure.")
    cohort = options.load(table)
    follow_up = options.follow_up(cohort, follow)
    rows = read_cohort(draws, id="none", encoding=table["encoding"], decimal=table["decimal"])
    joined = join_draws(cohort, rows, month=month, tally=tally)
    known = follow_up.known
    found = landmarks(
        follow_up.time[known],
        follow_up.event[known],
        joined.of(known),
        at,
        oldest=oldest,
        ties=ties,
        level=level,
    )
    label = "SIMULATED" if cohort.simulated or rows.simulated else ""
    result = {
        "simulated": bool(label),
        "level": level,
        "draws": int(joined.patient.size),
        "draws_of_strangers": joined.strangers,
        "missing": follow_up.missing,
        "landmarks": [one.to_json() for one in found],
        "notes": [*cohort.notes, *follow_up.notes],
    }
    if figure is not None:
        from host.stats.figures.longitudinal import draw_landmarks, draw_patient, draw_patients

        assert cohort.id is not None
        patients = [str(name) for name in cohort.texts(cohort.id)]
        if patient is not None:
            if patient not in patients:
                raise CohortError(f'No patient "{patient}" in {cohort.source}{nearest(patient, patients)}.')
            position = patients.index(patient)
            if not known[position] or not (joined.patient == position).any():
                raise CohortError(f"Patient {patient} has no follow-up or no draw: there is nothing to show.")
            draw_patient(joined, follow_up, position, patient, figure, label)
        elif everyone:
            draw_patients(joined, follow_up, patients, figure, label)
        else:
            draw_landmarks(result["landmarks"], figure, label, follow_up.units)  # type: ignore[arg-type]
    render.emit(as_json, result, text(result))


def text(result: dict[str, Any]) -> str:
    """Return the tables for people."""
    percent = f"{100 * result['level']:g} % CI"
    rows = []
    for one in result["landmarks"]:
        groups = {group["status"]: group for group in one["groups"]}
        cells = [
            f"{group['events']}/{group['n']} ({render.number(group['median'], 1)})"
            for group in (groups["POSITIVE"], groups["NEGATIVE"], groups["NO CTC"])
        ]
        limits = render.interval(one["lower"], one["upper"]) if one["hr"] is not None else one["note"]
        rows.append(
            [
                f"{one['at']:g}",
                str(one["at_risk"]),
                str(one["undrawn"]),
                *cells,
                render.number(one["hr"]),
                limits,
                render.p_value(one["p"]),
            ]
        )
    header = ["landmark", "at risk", "no draw", "positive", "negative", "NO CTC", "HR", percent, "P"]
    lines = ["SIMULATED DATA", ""] if result["simulated"] else []
    lines += [render.table(header, rows), "", "Status at the first draw and at the landmark"]
    for one in result["landmarks"]:
        moves = [
            f"{start} -> {end} {count}"
            for start, ends in one["moves"].items()
            for end, count in ends.items()
            if start != end and count
        ]
        same = sum(ends[start] for start, ends in one["moves"].items())
        lines.append(f"  {one['at']:g}: {same} unchanged" + (f", {', '.join(moves)}" if moves else ""))
    notes = [
        "Groups: events/patients (median from the landmark on). Choose landmarks before seeing the data."
    ]
    if result["draws_of_strangers"]:
        notes.append(f"Left out, patient not in the cohort: {result['draws_of_strangers']} draws.")
    return "\n".join(lines) + render.notes([*notes, *result["notes"]])
