"""``host cohort cox``: the study's Table 2 of anyone's cohort."""

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
    "--covariate", multiple=True, metavar="NAME[:LEVEL]", help="Column; or one level against all others."
)
@click.option(
    "--ref",
    multiple=True,
    metavar="COLUMN=LEVEL",
    help="Reference level; makes a column of numbers a category.",
)
@click.option("--strata", metavar="COLUMN", help="A baseline hazard for each of its values.")
@click.option(
    "--interaction", multiple=True, metavar="A*B", help="Test whether A's hazard ratio differs by B."
)
@options.ties_option
@click.option(
    "--ci",
    type=click.Choice(["profile", "wald"]),
    default="profile",
    show_default=True,
    help="Kind of limits.",
)
@click.option(
    "--firth",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Firth's penalty: auto, when the likelihood has no maximum.",
)
@click.option(
    "--transform",
    type=click.Choice(["km", "identity", "log", "rank"]),
    default="km",
    show_default=True,
    help="Of time, in the check of proportional hazards.",
)
@options.level_option
@options.figure_option
@json_option
def cox(
    table: dict[str, Any],
    follow: dict[str, Any],
    covariate: tuple[str, ...],
    ref: tuple[str, ...],
    strata: str | None,
    interaction: tuple[str, ...],
    ties: Any,
    ci: Any,
    firth: Any,
    transform: Any,
    level: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Hazard ratios of Cox's model, each covariate alone and all together.

    \b
    host cohort cox study.csv --time pfs --event progressed --covariate age \\
        --covariate er_pr --ref er_pr=negative --figure forest.png
    host cohort cox study.csv --time pfs --event progressed --where "ctc_status!=NO CTC" \\
        --covariate ctc_status --interaction "ctc_status*er_pr"
    """
    from host.stats import coxtable, design
    from host.stats.interaction import interactions

    cohort = options.load(table)
    covariates = [design.parse_covariate(text, cohort) for text in covariate]
    follow_up = options.follow_up(cohort, follow, [part.name for part in covariates])
    chosen = coxtable.Options(ties=ties, limits=ci, level=level, firth=firth, transform=transform)
    references = design.parse_references(ref, cohort)
    result = coxtable.cox_table(
        cohort, follow_up, covariates, references=references, strata=strata, options=chosen
    )
    result["interactions"] = interactions(cohort, follow_up, interaction, references, chosen, strata)
    if figure is not None:
        from host.stats.figures.forest import draw_forest

        draw_forest(result, figure)
    render.emit(as_json, result, text(result))


def text(result: dict[str, Any]) -> str:
    """Return the table for people."""
    percent = f"{100 * result['level']:g} % CI"
    rows = []
    for alone, together in zip(result["univariate"], result["multivariate"], strict=True):
        label = (
            alone["term"]
            if alone["level"] is None
            else f"{alone['term']}: {alone['level']} vs. {alone['reference']}"
        )
        rows.append([label, *_cells(alone), *_cells(together)])
    limits = "profile likelihood" if result["ci"] == "profile" else "Wald"
    model = result["model"]
    out = [
        f"Univariate, then multivariate analysis ({model['n']} patients, {model['events']} events)",
        render.table(["Characteristic", f"HR ({percent})", "P", f"HR ({percent})", "P"], rows),
        f"Ties: {result['ties'].capitalize()}. Limits: {limits}. P: Wald."
        + (f" Strata: {result['strata']}." if result["strata"] else ""),
        f"Multivariate: likelihood ratio P {render.p_value(model['lr']['p'])}, score P "
        f"{render.p_value(model['score']['p'])}, {model['events_per_variable']:.1f} events per variable.",
    ]
    out += [
        f"{joint['term']}, all levels together: Wald P {render.p_value(joint['wald']['p'])}."
        for joint in model["joint"]
    ]
    if (hazards := model["proportional_hazards"]) is not None:
        terms = ", ".join(f"{term['term']} {render.p_value(term['p'])}" for term in hazards["terms"])
        out.append(
            f"Proportional hazards (Schoenfeld, time as {hazards['transform']}): {terms}; "
            f"all {render.p_value(hazards['global']['p'])}. A small P speaks against them."
        )
    for item in result["interactions"]:
        out.append(interaction_text(item))
    return "\n".join(out) + render.notes(result["notes"])


def _cells(row: dict[str, Any]) -> list[str]:
    if row["method"] == "not converged":
        return ["no estimate", "-"]
    star = "*" if row["method"] == "firth" else ""
    return [
        f"{render.ratio(row)}{star}",
        render.p_value(row["p"]),
    ]


def interaction_text(item: dict[str, Any]) -> str:
    """Return an interaction test for people, with what it means."""
    parts = [
        f"{item['term']} by {item['by']}: P for interaction {render.p_value(item['p_lr'])} (likelihood ratio)"
    ]
    for row in item["subgroups"]:
        parts.append(
            f"  {item['by']} = {row['subgroup']}: {row['label']} HR {render.ratio(row)}, "
            f"{row['events']} events in {row['n']}"
        )
    for row in item["ratios"]:
        parts.append(f"  ratio of hazard ratios, {row['label']}: {render.ratio(row, 'ratio')}")
    return "\n".join(parts)
