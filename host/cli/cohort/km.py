"""``host cohort km``: Kaplan-Meier curves and what compares them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.cohort.cox import interaction_text
from host.cli.options import json_option
from host.stats.errors import CohortError


@click.command(cls=options.SectionedCommand)
@options.table_options
@options.follow_up_options
@click.option("--group", metavar="COLUMN", help="The groups to compare.")
@click.option("--strata", metavar="COLUMN", help="Also a log-rank test stratified by it.")
@click.option(
    "--interaction", multiple=True, metavar="COLUMN", help="Test whether the group's effect differs by it."
)
@click.option("--ref", multiple=True, metavar="COLUMN=LEVEL", help="Reference level in interaction tests.")
@click.option(
    "--scale",
    type=click.Choice(["log-log", "log", "plain"]),
    default="log-log",
    show_default=True,
    help="Of confidence limits: log-log as SAS, log as R.",
)
@click.option(
    "--horizon",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TIME",
    help="Of the restricted mean.  [default: the shortest group's follow-up]",
)
@click.option(
    "--endpoint", default="Without event", show_default=True, help="What the figure's axis is called."
)
@options.level_option
@options.figure_option
@json_option
def km(
    table: dict[str, Any],
    follow: dict[str, Any],
    group: str | None,
    strata: str | None,
    interaction: tuple[str, ...],
    ref: tuple[str, ...],
    scale: Any,
    horizon: float | None,
    endpoint: str,
    level: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Kaplan-Meier curves, medians, log-rank, restricted mean.

    \b
    host cohort km study.csv --time pfs --event progressed --units months \\
        --group ctc_status --figure km.png
    host cohort km study.csv --start therapy --progression pd --death died \\
        --last-visit seen --units months --group ctc_status --interaction er_pr
    """
    from host.stats import coxtable, design
    from host.stats.interaction import interaction as tested
    from host.stats.kmtable import km_table

    cohort = options.load(table)
    follow_up = options.follow_up(cohort, follow, [group] if group else [])
    result, curves = km_table(
        cohort, follow_up, group, strata=strata, scale=scale, level=level, horizon=horizon
    )
    if interaction and group is None:
        raise CohortError("An interaction test needs groups: name them with --group.")
    references = design.parse_references(ref, cohort)
    if group is not None and interaction:
        # Groups coded 0 and 1, and subgroups so coded, are groups, not a measurement: a reference makes the
        # column a category.
        references.setdefault(group, cohort.levels(group)[0])
        for name in interaction:
            if name in cohort.frame.columns and cohort.is_code(name):
                references.setdefault(name, cohort.levels(name)[0])
    result["interactions"] = [
        tested(
            cohort,
            follow_up,
            design.Covariate(str(group)),
            design.parse_covariate(by, cohort),
            references,
            coxtable.Options(level=level),
        )
        for by in interaction
    ]
    if figure is not None:
        from host.stats.figures.survival import draw_survival

        draw_survival({**result, "endpoint": endpoint}, curves, figure)
    render.emit(as_json, result, text(result))


def _mean(mean: dict[str, float] | None) -> str:
    if mean is None:
        return "-"
    limits = "" if math.isnan(mean["lower"]) else f" ({render.interval(mean['lower'], mean['upper'], 2)})"
    return f"{mean['mean']:.2f}{limits}"


def text(result: dict[str, Any]) -> str:
    """Return the table for people."""
    units = f", {result['units']}" if result["units"] else ""
    percent = f"{100 * result['level']:g} % CI"
    rows = []
    for group in result["groups"]:
        mean = group["rmean"]
        rows.append(
            [
                group["group"],
                str(group["n"]),
                str(group["events"]),
                render.number(group["median"], 2),
                render.interval(group["lower"], group["upper"], 2),
                _mean(mean),
            ]
        )
    head = [
        result["group"] or "",
        "n",
        "events",
        f"median{units}",
        f"{percent} ({result['scale']})",
        f"mean to {result['horizon']:.4g} ({percent})",
    ]
    out = [render.table(head, rows)]
    if (test := result["logrank"]) is not None:
        out.append(f"Log-rank: chi-square {test['chi2']:.3f}, df {test['df']}, P {render.p_value(test['p'])}")
    if (test := result["logrank_stratified"]) is not None:
        out.append(
            f"Log-rank stratified by {test['strata']}: chi-square {test['chi2']:.3f}, df {test['df']}, "
            f"P {render.p_value(test['p'])}"
        )
    for d in result["rmean_differences"]:
        out.append(
            f"Mean to {result['horizon']:.4g}, {d['first']} minus {d['second']}: {d['difference']:.2f} "
            f"({render.interval(d['lower'], d['upper'], 2)}), P {render.p_value(d['p'])}"
        )
    out += [interaction_text(item) for item in result["interactions"]]
    return "\n".join(out) + render.notes(result["notes"])
