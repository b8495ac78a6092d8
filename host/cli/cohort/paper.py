"""``host cohort paper``."""

from __future__ import annotations

import textwrap
from itertools import groupby
from pathlib import Path

import click

from host.cli.cohort import options, render
from host.cli.errors import Failure
from host.cli.options import json_option
from host.stats.paper.row import DISCREPANCY, MISMATCH, Row

WIDTH = 110


def _number(value: float | int | str | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _entry(row: Row) -> str:
    lines = [f"  {row.outcome:<17} {row.item}"]
    for label, text in (
        ("printed", row.printed),
        ("recomputed", _number(row.recomputed)),
        ("method", row.method),
        ("remark", row.remark),
    ):
        if text:
            lines += textwrap.wrap(
                text, WIDTH, initial_indent=f"{'':20}{label:<11} ", subsequent_indent=" " * 32
            )
    return "\n".join(lines)


def text(rows: list[Row], counts: dict[str, int]) -> str:
    """Return the rows for people, by section, and the number per class."""
    parts = []
    for section, members in groupby(rows, key=lambda row: row.section):
        parts.append(section + "\n" + "\n".join(_entry(row) for row in members))
    parts.append(", ".join(f"{name}: {count}" for name, count in counts.items()))
    return "\n\n".join(parts)


@click.command()
@click.option(
    "--only", type=click.Choice(["findings", "discrepancies", "all"]), default="all", show_default=True
)
@options.figure_option
@json_option
def paper(only: str, figure: Path | None, as_json: bool) -> None:
    """Every number of the study that can be recomputed or bounded from what the study prints.

    One row per number: printed, recomputed, by which method, and match, known discrepancy, bound or not
    recomputable. Exit code 0 when every row has the class it is declared to have. The figure shows which
    lines of Table 2 need more events than their groups have patients.

    \b
    host cohort paper --only findings
    host cohort paper --json > paper.json
    """
    from host.stats.paper.check import check, summary

    rows = check()
    counts = summary(rows)
    shown = rows
    if only == "findings":
        shown = [row for row in rows if row.section == "Findings"]
    elif only == "discrepancies":
        shown = [row for row in rows if row.outcome in (DISCREPANCY, MISMATCH)]
    if figure is not None:
        from host.stats.figures.paper import draw_paper

        draw_paper(figure)
    result = {"rows": [row.to_json() for row in shown], "summary": counts}
    render.emit(as_json, result, text(shown, counts))
    strayed = [row.item for row in rows if not row.as_declared]
    if strayed:
        raise Failure("paper", f"Not as declared: {'; '.join(strayed)}; see these rows above.")
