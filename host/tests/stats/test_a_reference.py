"""Every estimate, limit, test and median against R's survival: stored values, and R itself where it is
installed.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from host.stats import km, logrank, ph, reference, rmst
from host.stats.coxtable import Model, Options, fit_model, rows_of
from host.stats.data import Cohort
from host.stats.design import Covariate, encode
from host.stats.followup import FollowUp, from_columns
from host.stats.patients import make_cohort

MODELS = {row["dataset"]: row for row in csv.DictReader((reference.HERE / "models.csv").open())}
RATIO, LIMIT, P = 1e-8, 1e-6, 1e-8


@cache
def data(name: str) -> tuple[Cohort, FollowUp]:
    cohort = make_cohort(reference.dataset(name), name, id="none")
    return cohort, from_columns(cohort, MODELS[name]["time"], MODELS[name]["event"])


def blocks(name: str):
    cohort, _ = data(name)
    categories = [c for c in MODELS[name]["categorical"].split("+") if c]
    for covariate in MODELS[name]["covariates"].split("+"):
        refs = {covariate: cohort.levels(covariate)[0]} if covariate in categories else {}
        yield encode(cohort, Covariate(covariate), refs)


def models(name: str) -> list[tuple[str, str, Model]]:
    cohort, follow_up = data(name)
    out = []
    for ties in ("breslow", "efron"):
        options = Options(ties=ties)
        out += [("univariate", ties, fit_model([block], follow_up, options)) for block in blocks(name)]
        out.append(("multivariate", ties, fit_model(list(blocks(name)), follow_up, options)))
    strata = MODELS[name]["strata"]
    rest = [block for block in blocks(name) if block.covariate.name != strata]
    out.append(("stratified", "breslow", fit_model(rest, follow_up, Options(), cohort.texts(strata))))
    return out


def ours(name: str) -> dict[tuple[str, str, str, str], float]:
    """Return what R's script writes, by our own code, under the same keys."""
    out = {}
    for kind, ties, model in models(name):
        checked = ph.check(model.fit)
        names = [c.term if c.level is None else f"{c.term}:{c.level}" for c in model.coefficients]
        for index, (term, row) in enumerate(zip(names, rows_of(model, Options(ties=ties)), strict=True)):
            for key in ("coef", "se", "p", "p_lr", "p_score"):
                out[kind, ties, term, key] = row[key]
            out[kind, ties, term, "lower"] = np.log(row["lower"])
            out[kind, ties, term, "upper"] = np.log(row["upper"])
            out[kind, ties, term, "ph"] = checked.tests[model.fit.names[index]].p
        if kind != "univariate":
            fit = model.fit
            whole = {
                "loglik": fit.loglik,
                "lr": fit.lr().chi2,
                "score": fit.score().chi2,
                "wald": fit.wald().chi2,
            }
            out |= {
                (kind, ties, "", key): value for key, value in (whole | {"ph": checked.overall.p}).items()
            }
    cohort, follow_up = data(name)
    time, event = follow_up.time, follow_up.event
    group, strata = cohort.texts(MODELS[name]["group"]), cohort.texts(MODELS[name]["strata"])
    labels = sorted(set(group))
    horizon = min(time[group == label].max() for label in labels)
    for label in labels:
        curve = km.kaplan_meier(time[group == label], event[group == label])
        mean = rmst.restricted_mean(curve, horizon)
        for scale in ("log-log", "log", "plain"):
            lower, upper = curve.median_limits(scale)
            values = {
                "median": curve.median(),
                "lower": lower,
                "upper": upper,
                "mean": mean.mean,
                "mean_se": mean.se,
            }
            out |= {("km", scale, label, key): value for key, value in values.items()}
    chi2, _, p = logrank.logrank(time, event, group)
    known = np.array([value is not None for value in strata])
    stratified = logrank.logrank(time[known], event[known], group[known], strata[known].astype(str))[0]
    return out | {
        ("logrank", "", "", "chi2"): chi2,
        ("logrank", "", "", "p"): p,
        ("logrank", "stratified", "", "chi2"): stratified,
    }


def compare(name: str, stored: pd.DataFrame) -> None:
    found = ours(name)
    assert len(stored) > 100
    worst: dict[str, float] = {}
    for row in stored.itertuples():
        key = (row.model, row.ties, row.term, row.quantity)
        if key not in found:  # of a univariate model, R's script writes the whole model's tests as well
            assert row.model == "univariate" and row.term == "", key
            continue
        mine, theirs = found[key], np.inf if np.isnan(row.value) else row.value
        if mine == theirs:
            continue
        if row.quantity in ("p", "p_lr", "p_score", "ph"):
            error, limit = abs(mine - theirs), P
        elif row.model == "km" or row.quantity not in ("lower", "upper"):
            error, limit = abs(mine - theirs) / max(abs(theirs), 1e-3), RATIO
        else:
            error, limit = abs(np.expm1(mine - theirs)), LIMIT  # relative, of the hazard ratio
        worst[row.quantity] = max(worst.get(row.quantity, 0.0), error)
        assert error <= limit, (name, key, mine, theirs)
    print(name, {key: f"{value:.1e}" for key, value in worst.items()})


@pytest.mark.parametrize("name", reference.DATASETS)
def test_agrees_with_stored_values_of_r(name):
    stored = pd.read_csv(reference.HERE / "values.csv", comment="#", keep_default_na=False, na_values=["NA"])
    stored["value"] = stored["value"].astype(float)
    compare(name, stored[stored.dataset == name])


def _r_has_survival() -> bool:
    if shutil.which("Rscript") is None:
        return False
    probe = ["Rscript", "-e", "quit(status = !requireNamespace('survival', quietly = TRUE))"]
    return subprocess.run(probe, capture_output=True, timeout=60).returncode == 0


def test_agrees_with_r_itself(tmp_path: Path):
    if not _r_has_survival():
        pytest.skip("Rscript with survival is not installed (Debian: r-cran-survival)")
    reference.write_datasets(tmp_path)
    script, out = reference.HERE / "make_reference.R", tmp_path / "values.csv"
    subprocess.run(
        ["Rscript", script, tmp_path, out, "veteran"], check=True, timeout=600, capture_output=True
    )
    made = pd.read_csv(out, comment="#", keep_default_na=False, na_values=["NA"])
    compare("veteran", made)
