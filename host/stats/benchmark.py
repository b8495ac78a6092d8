"""Figures of the cohort statistics: agreement with R, and time, beside statsmodels and lifelines where they
can do the same.

Each function returns rows ``{"name", "value", "unit", "peer", "peer_value"}``; ``make bench`` prints them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from host.stats import cox
from host.stats.coxtable import Options, cox_table
from host.stats.data import Cohort
from host.stats.design import Covariate
from host.stats.followup import FollowUp, from_columns
from host.stats.partial import Floats
from host.stats.patients import make_cohort

SEED = 20150923


def simulated(patients: int, covariates: int = 10) -> tuple[Cohort, FollowUp, Floats]:
    """Return a cohort of normal covariates with hazards from 0.6 to 1.6, a third censored, times to one
    decimal (ties).
    """
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(patients, covariates))
    hazard = np.exp(x @ np.linspace(-0.5, 0.5, covariates))
    died, left = rng.exponential(10 / hazard), rng.exponential(20, patients)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(covariates)])
    frame["time"] = np.ceil(np.minimum(died, left) * 10) / 10
    frame["event"] = (died <= left).astype(int)
    cohort = make_cohort(frame, "simulated", id="none")
    return cohort, from_columns(cohort, "time", "event"), x


def seconds(work: Callable[[], Any]) -> float:
    """Return how long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table_with_profile_limits(patients: int) -> float:
    """Return the seconds of a univariate and multivariate table of ten covariates with profile limits and
    three P values.
    """
    cohort, follow_up, _ = simulated(patients)
    covariates = [Covariate(f"x{i}") for i in range(10)]
    return seconds(lambda: cox_table(cohort, follow_up, covariates, options=Options()))


def single_fit(patients: int) -> tuple[float, float]:
    """Return the seconds of one multivariate Breslow fit: ours, and statsmodels' PHReg."""
    from statsmodels.duration.hazard_regression import PHReg

    _, follow_up, x = simulated(patients)
    ours = seconds(lambda: cox.fit(follow_up.time, follow_up.event, x))
    return ours, seconds(lambda: PHReg(follow_up.time, x, status=follow_up.event, ties="breslow").fit())


def figures() -> list[dict[str, Any]]:
    """Return all figures of the cohort statistics."""
    return [*cox_figures(), *criteria_figures()]


def cox_figures() -> list[dict[str, Any]]:
    """Time of the models."""
    ours, theirs = single_fit(20_000)
    return [
        _row("Cox table, 10 covariates x 700 patients, profile limits", table_with_profile_limits(700), "s"),
        _row(
            "Cox table, 10 covariates x 100,000 patients, profile limits",
            table_with_profile_limits(100_000),
            "s",
        ),
        _row("Cox fit, 10 covariates x 20,000 patients", ours, "s", "statsmodels PHReg", theirs),
    ]


def criteria_figures() -> list[dict[str, Any]]:
    """Time of the patient rules on the simulated 58, and of the study's check.

    The peer does a small part of the work: the concordance of one marker, 100 times, scaled to as many
    markers and samples.
    """
    from lifelines.utils import concordance_index

    from host.stats.criteria import evaluate
    from host.stats.paper.check import check
    from host.stats.rules import NAMED, SHIPPED, TALLY, sweep
    from host.stats.simulate import simulate

    frame, _ = simulate(1)
    seen = frame[frame["ctc"] > 0]
    follow_up = seen["pfs_months"].to_numpy(), seen["progressed"].to_numpy()
    tallies = seen[list(TALLY)].to_numpy()
    samples, repeats = 2000, 100
    ours = seconds(lambda: evaluate(*follow_up, tallies, samples=samples))
    marker = SHIPPED.decide(tallies).astype(float)

    def peer() -> None:
        for _ in range(repeats):
            concordance_index(follow_up[0], marker, follow_up[1])

    theirs = seconds(peer) / repeats * samples * len((*NAMED, *sweep()))
    return [
        _row(
            f"criteria, 58 patients, {samples:,} bootstrap samples, 104 rules, 9,999 permutations",
            ours,
            "s",
            "lifelines, concordance of the samples alone",
            theirs,
        ),
        _row("every number of the study", seconds(check), "s"),
    ]


def _row(
    name: str, value: float, unit: str, peer: str | None = None, peer_value: float | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "peer": peer, "peer_value": peer_value}
