"""``host cohort table1``: who the patients are, by group."""

from __future__ import annotations

from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option


@click.command(cls=options.SectionedCommand)
@options.table_options
@click.option("--group", metavar="COLUMN", required=True, help="The groups to compare.")
@click.option(
    "--characteristic", multiple=True, metavar="NAME[:LEVEL]", help="Column; or one level against all others."
)
@click.option("--categorical", multiple=True, metavar="COLUMN", help="A column of numbers that are codes.")
@click.option(
    "--test",
    type=click.Choice(["auto", "fisher", "chi2"]),
    default="auto",
    show_default=True,
    help="For categories; auto: Fisher when an expected count is below 5.",
)
@click.option(
    "--continuous",
    type=click.Choice(["wilcoxon", "t"]),
    default="wilcoxon",
    show_default=True,
    help="For measurements.",
)
@click.option(
    "--percent",
    type=click.Choice(["row", "column"]),
    default="row",
    show_default=True,
    help="Of the level's patients, as in the study, or of the group's.",
)
@json_option
def table1(
    table: dict[str, Any],
    group: str,
    characteristic: tuple[str, ...],
    categorical: tuple[str, ...],
    test: Any,
    continuous: Any,
    percent: str,
    as_json: bool,
) -> None:
    """Characteristics of the patients by group, with tests.

    Columns of numbers with more than two values are measurements (median, range, Wilcoxon or t), others
    categories (n, %, Fisher or chi-square).

    \b
    host cohort table1 study.csv --group ctc_status --where "ctc_status!=NO CTC" \\
        --characteristic age --characteristic er_pr
    """
    from host.stats import design
    from host.stats.table1 import table1 as compare

    cohort = options.load(table)
    result = compare(
        cohort,
        group,
        [design.parse_covariate(text, cohort) for text in characteristic],
        categorical=categorical,
        test=test,
        continuous=continuous,
    )
    render.emit(as_json, result, text(result, percent))


def text(result: dict[str, Any], percent: str) -> str:
    """Return the table for people."""
    groups = [entry["group"] for entry in result["groups"]]
    sizes = {entry["group"]: entry["n"] for entry in result["groups"]}
    everyone = sum(sizes.values())
    rows = [["Overall", str(everyone), *(f"{n} ({100 * n / everyone:.1f})" for n in sizes.values()), "", ""]]
    before = None
    for row in result["rows"]:
        name = row["characteristic"]
        test = ["", ""] if name == before else [render.p_value(row["p"]), row["test"]]
        if row["level"] is None:
            rows.append([name + _lacking(row), "", *[""] * len(groups), *test])
            rows.append(
                [
                    "  median",
                    f"{row['median']:g}",
                    *(_number(row["by_group"][g]["median"]) for g in groups),
                    "",
                    "",
                ]
            )
            ranges = [
                f"{_number(part['min'])}-{_number(part['max'])}"
                for part in (row["by_group"][g] for g in groups)
            ]
            rows.append(["  range", f"{row['min']:g}-{row['max']:g}", *ranges, "", ""])
        else:
            if name != before:
                rows.append([name + _lacking(row), "", *[""] * len(groups), *test])
            cells = []
            for g in groups:
                whole = row["total"] if percent == "row" else _known(result, name, g)
                cells.append(f"{row['counts'][g]} ({100 * row['counts'][g] / whole:.1f})" if whole else "0")
            rows.append([f"  {row['level']}", str(row["total"]), *cells, "", ""])
        before = name
    of = "of each level's patients" if percent == "row" else "of each group's patients with a value"
    head = ["Characteristic", "Total", *(f"{result['group']}: {g}" for g in groups), "P", "test"]
    return f"{render.table(head, rows)}\nPercentages are {of}." + render.notes(result["notes"])


def _lacking(row: dict[str, Any]) -> str:
    return f" ({row['missing']} missing)" if row["missing"] else ""


def _known(result: dict[str, Any], name: str, group: str) -> int:
    return sum(row["counts"][group] for row in result["rows"] if row["characteristic"] == name)


def _number(value: float) -> str:
    return "-" if value != value else f"{value:g}"
