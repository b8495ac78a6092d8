"""``host cohort missing``: how many values each column lacks."""

from __future__ import annotations

from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option

PATTERNS = 10


@click.command(cls=options.SectionedCommand)
@options.table_options
@click.option("--column", multiple=True, metavar="COLUMN", help="Which columns.  [default: all]")
@click.option("--group", metavar="COLUMN", help="Split the counts by its values.")
@json_option
def missing(table: dict[str, Any], column: tuple[str, ...], group: str | None, as_json: bool) -> None:
    """How many values each column lacks, and which are missing together.

    \b
    host cohort missing study.csv --group ctc_status
    """
    from host.stats.missing import missingness

    result = missingness(options.load(table), column, group)
    render.emit(as_json, result, text(result))


def text(result: dict[str, Any]) -> str:
    """Return the tables for people."""
    groups = list(result["rows"][0]["by_group"] or {}) if result["rows"] else []
    rows = [
        [
            row["column"],
            f"{row['missing']} ({row['percent']:.1f} %)",
            *(str(row["by_group"][g]) for g in groups),
        ]
        for row in result["rows"]
    ]
    out = [
        render.table(["Column", "Missing", *(f"{result['group']}: {g}" for g in groups)], rows),
        f"{result['complete']} of {result['patients']} patients lack nothing.",
    ]
    if result["patterns"]:
        shown = [
            [", ".join(part["missing"]), str(part["patients"])] for part in result["patterns"][:PATTERNS]
        ]
        out += ["", render.table(["Missing together", "Patients"], shown)]
    return "\n".join(out) + render.notes(result["notes"])
