"""``host cohort simulate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host.cli.cohort import render
from host.cli.options import json_option
from host.stats.errors import CohortError

if TYPE_CHECKING:
    import pandas as pd

PARQUET = (".parquet", ".pq")


def _table_file(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in (".csv", *PARQUET):
        raise CohortError(f'A cohort is written as .csv or .parquet, not as "{value.name}".')
    return value


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), callback=_table_file, metavar="FILE")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same cohort."
)
@click.option(
    "--draws",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_table_file,
    metavar="FILE",
    help="Repeated draws as well; follow-up then answers to the status of the moment.",
)
@click.option(
    "--loss", type=click.FloatRange(0, 2), default=0.05, show_default=True, help="Of HER2, per month."
)
@click.option(
    "--gain", type=click.FloatRange(0, 2), default=0.02, show_default=True, help="Of HER2, per month."
)
@click.option("--weeks", type=click.FloatRange(1, 52), default=8, show_default=True, help="Between draws.")
@json_option
def simulate(
    file: Path, seed: int, draws: Path | None, loss: float, gain: float, weeks: float, as_json: bool
) -> None:
    """A synthetic cohort with the study's margins, as FILE (.csv or .parquet).

    \b
    host cohort simulate cohort.csv
    host cohort simulate cohort.csv --draws draws.csv --seed 7

    Every row says "simulated"; beside FILE stands FILE.truth.json with what it was drawn from.
    """
    from host.stats.longitudinal import Change, simulate_draws
    from host.stats.simulate import simulate as simulated

    cohort, truth = simulated(seed)
    written = {"cohort": str(file)}
    known: dict[str, Any] = truth.to_json()
    if draws is not None:
        if draws == file:
            raise CohortError("The draws need a file of their own: name another with --draws.")
        change = Change(interval=weeks * 7 / (365.25 / 12), loss=loss, gain=gain)
        cohort, rows = simulate_draws(cohort, truth, change)
        known["hr_is_of"] = "status of the moment"
        known["change"] = change.to_json()
        _write(rows, draws)
        written["draws"] = str(draws)
    else:
        known["hr_is_of"] = "status at the first draw"
    _write(cohort, file)
    beside = file.with_name(file.name + ".truth.json")
    _write_text(beside, json.dumps(render.clean(known), indent=2) + "\n")
    written["truth"] = str(beside)
    result = {"simulated": True, "files": written, "truth": known, "margins": margins(cohort)}
    render.emit(as_json, result, text(result))


def _write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix.lower() in PARQUET:
        import io

        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        _write_text(path, buffer.getvalue())
    else:
        _write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def _write_text(path: Path, content: str | bytes) -> None:
    try:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as why:
        reason = (why.strerror or "unknown reason").lower()
        raise CohortError(f"{path} cannot be written ({reason}): choose another place.") from None


def margins(cohort: pd.DataFrame) -> dict[str, Any]:
    """Return what the cohort has, counted and estimated from its rows."""
    import numpy as np

    from host.stats import cox
    from host.stats.km import kaplan_meier

    seen = cohort[cohort["ctc"] > 0]
    fit = cox.fit(seen["pfs_months"], seen["progressed"], (seen["ctc_status"] == "POSITIVE").astype(float))
    low, high = fit.profile_limits(0)
    medians = {
        str(status): kaplan_meier(part["pfs_months"], part["progressed"]).median()
        for status, part in cohort.groupby("ctc_status")
    }
    return {
        "patients": len(cohort),
        "with_ctcs": len(seen),
        "ctc_min": int(seen["ctc"].min()),
        "ctc_max": int(seen["ctc"].max()),
        "ctc_mean": float(seen["ctc"].mean()),
        "ctc_1_to_10": int((seen["ctc"] <= 10).sum()),
        "positive": int((cohort["ctc_status"] == "POSITIVE").sum()),
        "events": int(cohort["progressed"].sum()),
        "events_with_ctcs": int(seen["progressed"].sum()),
        "hr": float(np.exp(fit.coef[0])),
        "hr_lower": float(np.exp(low)),
        "hr_upper": float(np.exp(high)),
        "median_pfs": medians,
    }


def text(result: dict[str, Any]) -> str:
    """Return the summary for people."""
    found, truth = result["margins"], result["truth"]
    medians = found["median_pfs"]
    rows = [
        ["patients, with CTCs", f"{found['patients']}, {found['with_ctcs']}", ""],
        [
            "CTCs: range, mean, patients with 1 to 10",
            f"{found['ctc_min']} to {found['ctc_max']}, {found['ctc_mean']:.1f}, {found['ctc_1_to_10']}",
            "",
        ],
        ["CTC HER2-positive", str(found["positive"]), ""],
        ["events, of those with CTCs", f"{found['events']}, {found['events_with_ctcs']}", ""],
        [
            "hazard ratio (95 % CI)",
            f"{found['hr']:.3f} ({render.interval(found['hr_lower'], found['hr_upper'])})",
            f"{truth['hr']:.3f}, of the {truth['hr_is_of']}",
        ],
        ["median PFS, positive", render.number(medians["POSITIVE"], 1), f"{truth['median_positive']:.1f}"],
        ["median PFS, negative", render.number(medians["NEGATIVE"], 1), f"{truth['median_negative']:.1f}"],
        ["median PFS, no CTC", render.number(medians["NO CTC"], 1), f"{truth['median_no_ctc']:.1f}"],
    ]
    files = "\n".join(f"{what}: {where}" for what, where in result["files"].items())
    return f"SIMULATED DATA\n\n{render.table(['', 'in the cohort', 'drawn from'], rows)}\n\n{files}"
