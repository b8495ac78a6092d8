"""``host cohort criteria``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.cohort import options, render
from host.cli.options import json_option, progress


@click.command(cls=options.SectionedCommand)
@options.table_options
@options.follow_up_options
@options.tally_option
@click.option(
    "--bootstrap", type=click.IntRange(0, 100_000), default=2000, show_default=True, help="Samples."
)
@click.option(
    "--permutations",
    type=click.IntRange(0, 1_000_000),
    default=9999,
    show_default=True,
    help="Of the best cut-off's P.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of both.")
@click.option(
    "--step", type=click.IntRange(1, 50), default=1, show_default=True, help="Of the cut-off, in %."
)
@click.option(
    "--min-share",
    type=click.FloatRange(0, 0.45),
    default=0.1,
    show_default=True,
    help="Share of patients on each side of a cut-off that may be called the best.",
)
@options.ties_option
@options.level_option
@options.figure_option
@json_option
def criteria(
    table: dict[str, Any],
    follow: dict[str, Any],
    tally: tuple[str, ...],
    bootstrap: int,
    permutations: int,
    seed: int,
    step: int,
    min_share: float,
    ties: Any,
    level: float,
    figure: Path | None,
    as_json: bool,
) -> None:
    """The same cohort under every patient rule: who is positive, and what that predicts.

    > 30 % of the CTCs at 3+, >= 50 % with signal, >= 1 at 3+, and every cut-off from 0 to 100 %. Patients
    without CTCs have no status and are left out.

    \b
    host cohort criteria study.csv --time pfs --event progressed --figure rules.png
    host cohort criteria clinical.csv --results results.sqlite --time pfs --event progressed
    """
    import numpy as np

    from host.stats.criteria import evaluate
    from host.stats.errors import CohortError

    cohort = options.load(table)
    follow_up = options.follow_up(cohort, follow)
    counts = np.column_stack([cohort.numbers(name) for name in tally])
    known = follow_up.known & ~np.isnan(counts).any(axis=1)
    if not known.any():
        raise CohortError("No patient has both follow-up and counts: check the columns.")
    with progress(as_json) as tell:
        done: dict[str, int] = {}

        def told(what: str, now: int, total: int) -> None:
            done[what] = done.get(what, 0) + now
            tell(what, done[what] / total)

        found = evaluate(
            follow_up.time[known],
            follow_up.event[known],
            counts[known],
            samples=bootstrap,
            permutations=permutations,
            seed=seed,
            ties=ties,
            level=level,
            least=min_share,
            step=step,
            progress=told,
        )
    result = {"simulated": cohort.simulated, "missing": int((~known).sum()), **found.to_json()}
    result["notes"] = [*cohort.notes, *follow_up.notes, *result["notes"]]
    if figure is not None:
        from host.stats.figures.criteria import draw_criteria

        draw_criteria(result, figure, "SIMULATED" if result["simulated"] else "")
    render.emit(as_json, result, text(result))


def _line(one: dict[str, Any]) -> list[str]:
    p = render.p_value(one["p"])
    return [
        one["text"],
        str(one["positive"]),
        str(one["negative"]),
        render.number(one["hr"]),
        render.interval(one["lower"], one["upper"]) if one["hr"] is not None else one["note"],
        p,
        render.number(one["c_corrected"] if one["c_corrected"] is not None else one["c"]),
        render.interval(one["c_lower"], one["c_upper"]) if one["c_lower"] is not None else "-",
        str(one["empty_samples"]),
    ]


def text(result: dict[str, Any]) -> str:
    """Return the tables for people; of the sweep every tenth cut-off."""
    percent = f"{100 * result['level']:g} % CI"
    header = ["rule", "pos.", "neg.", "HR", percent, "P", "C", percent, "empty"]
    rows = [_line(one) for one in result["rules"]]
    rows += [_line(one) for one in result["sweep"] if one["cut"] % 10 == 0]
    lines = [f"{result['patients']} patients with CTCs, {result['events']} events"]
    if result["simulated"]:
        lines.insert(0, "SIMULATED DATA")
    lines += ["", render.table(header, rows)]
    best = result["selection"]
    if best is not None:
        lines += [
            "",
            f"Best of {best['cut_offs_tested']} cut-offs: {best['text']}; log-rank P corrected for "
            "the search "
            f"{render.p_value(best['p'])} ({best['permutations']} permutations; "
            f"{render.p_value(best['p_if_prespecified'])} had it been the only one).",
        ]
        if best["c_corrected"] is not None:
            lines.append(
                f"C of choosing the best: {best['c']:.3f}, less optimism {best['optimism']:.3f}: "
                f"{best['c_corrected']:.3f} "
                f"({render.interval(best['c_lower'], best['c_upper'])})."
            )
    notes = []
    if result["no_ctc"]:
        notes.append(f"Left out, no CTCs and so no status: {result['no_ctc']} patients.")
    if result["missing"]:
        notes.append(f"Left out, no follow-up or counts: {result['missing']} patients.")
    if result["bootstrap"]:
        notes.append(
            f"C is corrected for optimism by {result['bootstrap']} bootstrap samples; empty: samples "
            "with nobody positive or "
            "nobody negative."
        )
    return "\n".join(lines) + render.notes([*notes, *result["notes"]])
