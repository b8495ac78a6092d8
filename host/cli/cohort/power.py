"""``host cohort power``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option


def _common(command: Any) -> Any:
    for option in (
        json_option,
        click.option("--power", type=float, default=0.8, show_default=True, help="Wanted."),
        click.option("--alpha", type=float, default=0.05, show_default=True, help="Two-sided."),
    ):
        command = option(command)
    return command


@click.group()
def power() -> None:
    """Events and patients for the next study."""


@power.command(short_help="Log-rank test: events, patients, power.")
@click.option("--hr", type=float, required=True, help="Hazard ratio, positive against negative.")
@click.option("--share", type=float, required=True, help="Of positive patients among those with CTCs.")
@click.option("--median-negative", type=float, help="Months; turns events into patients.")
@click.option("--shape", type=float, default=1.0, show_default=True, help="Weibull; 1: constant hazard.")
@click.option("--accrual", type=float, default=0.0, show_default=True, help="Months of enrolment.")
@click.option(
    "--follow-up", type=float, default=0.0, show_default=True, help="Months after the last enrolment."
)
@click.option("--with-ctcs", type=float, default=1.0, show_default=True, help="Share of enrolled with CTCs.")
@click.option("--lost", type=float, default=0.0, show_default=True, help="Share lost before their event.")
@click.option("--patients", type=int, help="Planned: what power do they give?")
@options.figure_option
@_common
def survival(
    hr: float,
    share: float,
    median_negative: float | None,
    shape: float,
    accrual: float,
    follow_up: float,
    with_ctcs: float,
    lost: float,
    patients: int | None,
    figure: Path | None,
    alpha: float,
    power: float,
    as_json: bool,
) -> None:
    """Log-rank test of positive against negative patients (Schoenfeld).

    \b
    host cohort power survival --hr 0.5 --share 0.38 --median-negative 3.5 --shape 1.28 \\
        --accrual 24 --follow-up 12 --with-ctcs 0.57 --figure power.png
    """
    from host.stats import power as library

    result = library.survival(
        hr,
        share,
        alpha=alpha,
        power=power,
        median_negative=median_negative,
        shape=shape,
        accrual=accrual,
        follow_up=follow_up,
        with_ctcs=with_ctcs,
        lost=lost,
        patients=patients,
    )
    if figure is not None:
        from host.stats.figures.power import draw_power

        draw_power(result, figure)
    render.emit(as_json, result, text(result))


@power.command(short_help="Difference of two proportions.")
@click.option("--p1", type=float, required=True, help="Proportion of the first group, as 0.707.")
@click.option("--p2", type=float, required=True, help="Of the second.")
@click.option(
    "--ratio", type=float, default=1.0, show_default=True, help="Second group's patients per first's."
)
@click.option("--patients", type=int, nargs=2, help="Planned, both groups: what power do they give?")
@_common
def proportions(
    p1: float,
    p2: float,
    ratio: float,
    patients: tuple[int, int] | None,
    alpha: float,
    power: float,
    as_json: bool,
) -> None:
    """Difference of two proportions, such as discordance by interval.

    \b
    host cohort power proportions --p1 0.707 --p2 0.412 --patients 41 17
    """
    from host.stats import power as library

    result = library.proportions(p1, p2, alpha=alpha, power=power, ratio=ratio, patients=patients)
    render.emit(as_json, result, text(result))


LABELS = {
    "hr": "hazard ratio",
    "share_positive": "share positive",
    "alpha": "two-sided alpha",
    "power": "power wanted",
    "events": "events needed",
    "median_negative": "median, negative (months)",
    "median_positive": "median, positive (months)",
    "event_chance": "chance of an event",
    "patients_with_ctcs": "patients with CTCs needed",
    "patients": "patients to enrol",
    "patients_planned": "patients planned",
    "events_expected": "events they have",
    "power_reached": "power they give",
    "p1": "proportion 1",
    "p2": "proportion 2",
    "n1": "group 1, chi-square test",
    "n2": "group 2, chi-square test",
    "fisher_n1": "group 1, Fisher's test",
    "fisher_n2": "group 2, Fisher's test",
    "fisher_power": "exact power of Fisher's test with them",
    "planned": "patients planned",
    "fisher_power_planned": "power of Fisher's test with the planned",
}


def text(result: dict[str, Any]) -> str:
    """Return the plan for people."""

    def shown(value: Any) -> str:
        if isinstance(value, list):
            return " and ".join(map(str, value))
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return render.table(
        ["Plan", ""], [[label, shown(result[key])] for key, label in LABELS.items() if key in result]
    )
