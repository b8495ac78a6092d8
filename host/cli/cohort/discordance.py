"""``host cohort discordance``: tissue against CTC status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option
from host.stats.errors import CohortError

if TYPE_CHECKING:
    from host.stats.data import Cohort
    from host.stats.partial import Floats


@click.command(cls=options.SectionedCommand)
@options.table_options
@click.option("--ctc", metavar="COLUMN", required=True, help="CTC status; NO CTC and INVALID are left out.")
@click.option("--tissue", metavar="COLUMN", help="Tissue status.")
@click.option("--tissue-positive", is_flag=True, help="Every patient is tissue-positive, as in the study.")
@click.option("--positive", metavar="VALUE", help="The value that means positive, if it is an unusual word.")
@click.option("--interval", metavar="COLUMN", help="Time between tissue and blood.")
@click.option(
    "--interval-in",
    type=click.Choice(["days", "weeks", "months", "years"]),
    default="years",
    show_default=True,
    help="Unit of --interval.",
)
@click.option("--tissue-date", metavar="COLUMN", help="Date of the tissue, instead of --interval.")
@click.option("--ctc-date", metavar="COLUMN", help="Date of the blood draw.")
@click.option("--date-format", default="%Y-%m-%d", metavar="FORM", help="Form of dates.  [default: %Y-%m-%d]")
@click.option("--cut", multiple=True, type=float, default=(1.0, 2.0, 3.0), help="Years.  [default: 1, 2, 3]")
@click.option("--by", multiple=True, metavar="COLUMN", help="Compare its levels: hormone receptor, for one.")
@options.level_option
@options.figure_option
@json_option
def discordance(
    table: dict[str, Any],
    ctc: str,
    tissue: str | None,
    tissue_positive: bool,
    positive: str | None,
    interval: str | None,
    interval_in: str,
    tissue_date: str | None,
    ctc_date: str | None,
    date_format: str,
    cut: tuple[float, ...],
    by: tuple[str, ...],
    level: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Tissue against CTC status: rates, differences, agreement.

    \b
    host cohort discordance study.csv --ctc ctc_status --tissue her2_tissue
    host cohort discordance study.csv --ctc ctc_status --tissue-positive \\
        --interval years --by er_pr --figure rates.png
    """
    from host.stats.discordance import discordance as compare

    if (tissue is None) != tissue_positive:
        raise CohortError("Name the column of the tissue status with --tissue, or say --tissue-positive.")
    cohort = options.load(table)
    years = _years(cohort, interval, interval_in, tissue_date, ctc_date, date_format)
    result = compare(
        cohort, ctc, tissue, positive=positive, interval=years, cuts=sorted(set(cut)), by=by, level=level
    )
    if figure is not None:
        from host.stats.figures.rates import draw_rates

        draw_rates(result, figure)
    render.emit(as_json, result, text(result))


def _years(
    cohort: Cohort, interval: str | None, unit: str, tissue_date: str | None, ctc_date: str | None, form: str
) -> Floats | None:
    from host.stats.dates import parse_dates, unit_days

    if (tissue_date is None) != (ctc_date is None) or (interval and tissue_date):
        raise CohortError("Give the interval as --interval, or as --tissue-date with --ctc-date.")
    if interval is not None:
        years: Floats = cohort.numbers(interval) * unit_days(unit) / unit_days("years")
    elif tissue_date is not None and ctc_date is not None:
        days = (parse_dates(cohort, ctc_date, form) - parse_dates(cohort, tissue_date, form)).dt.days
        years = days.to_numpy(dtype=float, na_value=float("nan")) / unit_days("years")
    else:
        return None
    wrong = [i for i, value in enumerate(years) if value < 0]
    if wrong:
        raise CohortError(f"In {cohort.place(wrong[0])} the blood was drawn before the tissue: correct it.")
    return years


def text(result: dict[str, Any]) -> str:
    """Return the tables for people."""
    percent = f"{100 * result['level']:g} % CI"
    rows = [[name, *(str(n) for n in cells.values())] for name, cells in result["table"].items()]
    out = [render.table(["", "CTC positive", "CTC negative"], rows), ""]
    for key, what in (
        ("overall", "Discordant"),
        ("tissue_positive", "Tissue positive, CTC negative"),
        ("tissue_negative", "Tissue negative, CTC positive"),
    ):
        if (rate := result[key]) is not None:
            out.append(f"{what}: {_share(rate)}")
    found = result["kappa"]
    out.append(
        found["remark"] or f"Kappa {found['kappa']:.3f} ({render.interval(found['lower'], found['upper'])})"
    )
    for entry in result["comparisons"]:
        out += ["", *_comparison(entry)]
    return "\n".join([*out, f"\nIntervals: {percent}; of one rate exact (Clopper-Pearson)."]) + render.notes(
        result["notes"]
    )


def _share(rate: dict[str, Any]) -> str:
    low, high = 100 * rate["lower"], 100 * rate["upper"]
    return f"{rate['discordant']}/{rate['n']} = {100 * rate['rate']:.1f} % ({low:.1f} to {high:.1f})"


def title_of(entry: dict[str, Any]) -> str:
    """Return what a comparison is by."""
    if entry["cut"] is None:
        return str(entry["by"])
    return f"{entry['by']}, cut at {entry['cut']:g} {'year' if entry['cut'] == 1 else 'years'}"


def _comparison(entry: dict[str, Any]) -> list[str]:
    title = title_of(entry)
    out = [f"By {title}:"] + [f"  {group['group']}: {_share(group)}" for group in entry["groups"]]
    if entry["empty"]:
        out.append(f"  nobody: {', '.join(entry['empty'])}; nothing to compare")
    if (d := entry["difference"]) is not None:
        mn, nc = (
            f"{100 * d[f'{key}_lower']:.1f} to {100 * d[f'{key}_upper']:.1f}" for key in ("mn", "newcombe")
        )
        out.append(
            f"  difference {100 * d['difference']:.1f} points (Miettinen-Nurminen {mn}; Newcombe {nc})"
        )
    if entry["p_fisher"] is not None:
        chi2, fisher = (render.p_value(entry[key]) for key in ("p_chi2", "p_fisher"))
        line = f"  P {chi2} (chi-square), {fisher} (Fisher)"
        if "p_fisher_holm" in entry:
            chi2, fisher = (render.p_value(entry[f"{key}_holm"]) for key in ("p_chi2", "p_fisher"))
            line += f"; after Holm {chi2}, {fisher}"
        out.append(line)
    return out
