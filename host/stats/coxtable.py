"""The study's Table 2: every covariate alone and all together, with limits, three P values and what to
distrust.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from host.stats import ph
from host.stats.cox import CoxFit, Test, fit
from host.stats.data import Cohort, left_out
from host.stats.design import Block, Coefficient, Covariate, encode, no_status_among_others
from host.stats.errors import CohortError
from host.stats.followup import FollowUp
from host.stats.partial import Ties

Limits = Literal["profile", "wald"]
FEW_PATIENTS = 5
EVENTS_PER_VARIABLE = 10  # Peduzzi et al., J. Clin. Epidemiol. 48 (1995) 1503-1510


@dataclass(frozen=True)
class Model:
    """A fitted model and the patients in it; ``rows`` [n] marks them in the cohort."""

    blocks: tuple[Block, ...]
    rows: NDArray[np.bool_]
    fit: CoxFit
    missing: int

    @property
    def coefficients(self) -> list[Coefficient]:
        """The design's columns, in order."""
        return [coefficient for block in self.blocks for coefficient in block.coefficients]

    def indices(self) -> dict[str, list[int]]:
        """Return which coefficients belong to which covariate."""
        out: dict[str, list[int]] = {}
        at = 0
        for block in self.blocks:
            name = block.covariate.name if block.covariate.level is None else block.coefficients[0].label
            out[name] = list(range(at, at + len(block.coefficients)))
            at += len(block.coefficients)
        return out


@dataclass(frozen=True)
class Options:
    """How models are fitted and reported."""

    ties: Ties = "breslow"
    limits: Limits = "profile"
    level: float = 0.95
    firth: Literal["auto", "always", "never"] = "auto"
    transform: ph.Transform = "km"


def fit_model(
    blocks: Sequence[Block], follow_up: FollowUp, options: Options, strata: NDArray[np.object_] | None = None
) -> Model:
    """Fit the patients who have follow-up, stratum and every covariate.

    Raises:
        CohortError: nobody is left, or as ``cox.fit``.
    """
    rows = follow_up.known.copy()
    if strata is not None:
        rows &= np.array([value is not None for value in strata])
    among = int(follow_up.known.sum())
    for block in blocks:
        rows &= block.known
    names = ", ".join(dict.fromkeys(block.covariate.name for block in blocks))
    if not rows.any():
        raise CohortError(f"No patient has follow-up and {names}.")
    if not follow_up.event[rows].any():
        raise CohortError(
            f"None of the {int(rows.sum())} patients with {names} has an event: there is nothing to model."
        )
    labels = [coefficient.label for block in blocks for coefficient in block.coefficients]
    x = np.hstack([block.x[rows] for block in blocks])
    for label, column in zip(labels, x.T, strict=True):
        if column.min() == column.max():
            raise CohortError(
                f"{label} is the same in all {len(column)} patients with complete data: leave that covariate "
                "out."
            )
    fitted = fit(
        follow_up.time[rows],
        follow_up.event[rows],
        x,
        ties=options.ties,
        strata=None if strata is None else strata[rows].astype(str),
        names=labels,
        firth=options.firth,
    )
    return Model(tuple(blocks), rows, fitted, among - int(rows.sum()))


def rows_of(model: Model, options: Options) -> list[dict[str, Any]]:
    """Return one row per coefficient, keys as the JSON of ``host cohort cox``; None where there is no
    number.
    """
    fitted = model.fit
    out = []
    wald = fitted.wald_p()
    for index, coefficient in enumerate(model.coefficients):
        limits = fitted.profile_limits if options.limits == "profile" else fitted.wald_limits
        lower, upper = limits(index, options.level)
        ratio, score = fitted.drop_one(index)
        with np.errstate(over="ignore"):
            hr, low, high = (float(np.exp(v)) for v in (fitted.coef[index], lower, upper))
        out.append(
            {
                "term": coefficient.term,
                "level": coefficient.level,
                "reference": coefficient.reference,
                "n": fitted.n,
                "events": fitted.events,
                "missing": model.missing,
                "coef": float(fitted.coef[index]),
                "se": float(fitted.se[index]),
                "hr": hr,
                "lower": low,
                "upper": high,
                "p": float(wald[index]),
                "p_lr": ratio.p,
                "p_score": score.p,
                "method": _method(fitted),
                "monotone": bool(fitted.monotone[index]),
            }
        )
    return out


def _method(fitted: CoxFit) -> str:
    if not fitted.converged:
        return "not converged"
    return "firth" if fitted.penalised else "maximum likelihood"


def summary(model: Model, options: Options) -> dict[str, Any]:
    """Return what is said of the whole model: tests, events per variable, joint tests, proportional
    hazards.
    """
    fitted = model.fit
    joint = {name: some for name, some in model.indices().items() if len(some) > 1}
    hazards: dict[str, Any] | None = None
    if fitted.converged and not fitted.penalised:
        checked = ph.check(fitted, model.indices(), options.transform)
        hazards = {
            "transform": checked.transform,
            "terms": [{"term": name, **_test(test)} for name, test in checked.tests.items()],
            "global": _test(checked.overall),
        }
    return {
        "n": fitted.n,
        "events": fitted.events,
        "missing": model.missing,
        "events_per_variable": fitted.events / len(fitted.names),
        "loglik": fitted.loglik,
        "loglik0": fitted.loglik0,
        "lr": _test(fitted.lr()),
        "wald": _test(fitted.wald()),
        "score": _test(fitted.score()),
        "joint": [
            {"term": name, "wald": _test(fitted.wald_of(some)), "lr": _test(fitted.lr_of(some))}
            for name, some in joint.items()
        ],
        "proportional_hazards": hazards,
    }


def _test(test: Test) -> dict[str, Any]:
    return {"chi2": test.chi2, "df": test.df, "p": test.p}


def remarks(model: Model, what: str, options: Options) -> list[str]:
    """Return sentences about what to distrust in a model."""
    fitted, out = model.fit, []
    if model.missing:
        out.append(
            left_out(
                "a value is missing",
                model.missing,
                model.missing + fitted.n,
                "the multivariate model" if what == "Multivariate" else what,
            )
        )
    runaway = [name for name, flag in zip(fitted.names, fitted.monotone, strict=True) if flag]
    if runaway:
        means = "Firth's penalty is used for the whole model" if fitted.penalised else "no estimate exists"
        out.append(
            f"{what}: the likelihood has no maximum for {', '.join(runaway)} (a group without events, or "
            f"whose events all come first); {means}."
        )
    elif fitted.penalised:
        out.append(f"{what}: fitted with Firth's penalty.")
    elif not fitted.converged:
        out.append(f"{what}: the search found no maximum; no numbers are given.")
    per = fitted.events / len(fitted.names)
    if per < EVENTS_PER_VARIABLE:
        out.append(
            f"{what}: {per:.1f} events per variable, fewer than {EVENTS_PER_VARIABLE}: estimates may be "
            "far off."
        )
    return out


def rare_levels(model: Model) -> list[str]:
    """Return a sentence for every level that so few patients have that its hazard ratio is theirs alone."""
    out = []
    for block in model.blocks:
        for coefficient, column in zip(block.coefficients, block.x[model.rows].T, strict=True):
            count = int(column.sum())
            if coefficient.level is not None and count < FEW_PATIENTS:
                who = "1 patient has" if count == 1 else f"{count} patients have"
                out.append(
                    f"{coefficient.term}: only {who} {coefficient.level}, so its hazard ratio means little."
                )
    return out


def cox_table(
    cohort: Cohort,
    follow_up: FollowUp,
    covariates: Sequence[Covariate],
    *,
    references: Mapping[str, str] | None = None,
    strata: str | None = None,
    options: Options | None = None,
) -> dict[str, Any]:
    """Fit every covariate alone and all together.

    Args:
        cohort: the patients.
        follow_up: their times and events.
        covariates: at least one.
        references: reference level by column, for categories.
        strata: column of strata.
        options: ties, limits, level, penalty, transform of time for the check of proportional hazards.

    Returns:
        The JSON of ``host cohort cox``; NaN and infinity stand where there is no number.

    Raises:
        CohortError: unusable data; see ``encode``, ``fit_model``.
    """
    chosen = options or Options()
    if not covariates:
        raise CohortError("Name at least one covariate with --covariate.")
    if len(set(covariates)) < len(covariates):
        raise CohortError("A covariate is named twice: leave one out.")
    refs = references or {}
    unused = set(refs) - {covariate.name for covariate in covariates}
    if unused:
        raise CohortError(
            f'A reference is given for "{sorted(unused)[0]}", which is no covariate of the model.'
        )
    labels = cohort.texts(strata) if strata else None
    blocks = [encode(cohort, covariate, refs, follow_up.known) for covariate in covariates]
    notes = [*cohort.notes, *follow_up.notes]
    if follow_up.missing:
        notes.append(left_out("no follow-up", follow_up.missing, len(cohort)))
    notes += filter(None, (no_status_among_others(cohort, covariate) for covariate in covariates))
    univariate = []
    for block in blocks:
        model = fit_model([block], follow_up, chosen, labels)
        univariate += rows_of(model, chosen)
        notes += remarks(model, f"{block.covariate.name} alone", chosen)
        notes += rare_levels(model)
    together = model if len(blocks) == 1 else fit_model(blocks, follow_up, chosen, labels)
    if len(blocks) > 1:
        notes += remarks(together, "Multivariate", chosen)
    return {
        "ties": chosen.ties,
        "ci": chosen.limits,
        "level": chosen.level,
        "units": follow_up.units,
        "strata": strata,
        "patients": len(cohort),
        "univariate": univariate,
        "multivariate": rows_of(together, chosen),
        "model": summary(together, chosen),
        "notes": notes,
    }
