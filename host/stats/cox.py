"""Cox's proportional-hazards model with everything the study's Table 2 needs: ``fit`` and what it returns.

Source: Cox, J. R. Statist. Soc. B 34 (1972) 187-220. Checked against R's ``coxph`` (see docs/statistics.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2, norm

from host.stats.errors import CohortError
from host.stats.firth import FirthLikelihood
from host.stats.maximise import SHARP, Maximum, Objective, maximise
from host.stats.monotone import monotone, separated, suspicious
from host.stats.partial import Evaluation, Floats, PartialLikelihood, Ties
from host.stats.profile import likelihood_ratio, profile_limits, score_statistic

ALIASED = 1e-10  # of the largest eigenvalue of the scaled information: below, covariates say the same thing
SMALLEST = 1e-100  # standard deviation: below, or above its inverse, squares leave the range of doubles
FIRTH_STEPS = 500  # the penalised search converges linearly


@dataclass(frozen=True, slots=True)
class Test:
    """A chi-square statistic, its degrees of freedom and its P value."""

    chi2: float
    df: int
    p: float


def chi2_test(statistic: float | np.floating[Any] | NDArray[Any], df: int) -> Test:
    """Return the upper-tail test of a chi-square statistic."""
    return Test(float(statistic), df, float(chi2.sf(statistic, df)))


@dataclass(frozen=True)
class CoxFit:
    """A fitted model; coefficients are log hazard ratios per unit of their covariate.

    ``coef``, ``se`` [p] and ``covariance`` [p, p] are not numbers when the search did not converge.
    ``monotone`` [p] marks the coefficients the plain likelihood drives to infinity; ``penalised`` says that
    Firth's penalty was used (then ``loglik`` and ``loglik0`` are penalised as well). The fit is made on
    covariates centred and divided by their standard deviation: ``likelihood`` and ``top`` are in those
    units, ``scale`` [p] are the standard deviations.
    """

    names: tuple[str, ...]
    n: int
    events: int
    ties: Ties
    coef: Floats
    se: Floats
    covariance: Floats
    loglik: float
    loglik0: float
    iterations: int
    converged: bool
    monotone: NDArray[np.bool_]
    penalised: bool
    likelihood: PartialLikelihood = field(repr=False)
    scale: Floats = field(repr=False)
    _objective: Objective = field(repr=False)
    top: Maximum = field(repr=False)
    _zero: Evaluation = field(repr=False)

    @property
    def hazard_ratio(self) -> Floats:
        """Hazard ratios [p] per unit."""
        return np.exp(self.coef)

    def wald(self) -> Test:
        """Wald's test that all coefficients are zero."""
        if not self.converged:
            return Test(np.nan, self.coef.size, np.nan)
        return chi2_test(self.coef @ np.linalg.solve(self.covariance, self.coef), self.coef.size)

    def lr(self) -> Test:
        """Likelihood-ratio test that all coefficients are zero."""
        return chi2_test(max(2 * (self.loglik - self.loglik0), 0.0), self.coef.size)

    def score(self) -> Test:
        """Score test that all coefficients are zero; with one two-valued covariate and no ties it is the
        log-rank test.
        """
        u = self._zero.gradient
        return chi2_test(u @ np.linalg.solve(self._zero.information, u), u.size)

    def wald_p(self) -> Floats:
        """Two-sided P values [p] of the single coefficients."""
        return np.asarray(2 * norm.sf(np.abs(self.coef / self.se)))

    def wald_limits(self, index: int, level: float = 0.95) -> tuple[float, float]:
        """Return coefficient -+ z x standard error, on the log hazard scale."""
        reach = float(norm.isf((1 - level) / 2) * self.se[index])
        return float(self.coef[index]) - reach, float(self.coef[index]) + reach

    def profile_limits(self, index: int, level: float = 0.95) -> tuple[float, float]:
        """Return the profile-likelihood limits of a coefficient, on the log hazard scale.

        Infinite where the likelihood never falls far enough; not a number when the search failed.
        """
        if not self.converged:
            return np.nan, np.nan
        lower, upper = profile_limits(self._objective, self.top, index, level)
        return lower / float(self.scale[index]), upper / float(self.scale[index])

    def drop_one(self, index: int) -> tuple[Test, Test]:
        """Return the likelihood-ratio and the score test that one coefficient is zero, the others free.

        With Firth's penalty the first compares penalised likelihoods and the second stays Rao's, without the
        penalty (not a number when the model without the coefficient has no maximum either).
        """
        none = Test(np.nan, 1, np.nan)
        if not self.converged:
            return none, none
        statistic, held = likelihood_ratio(self._objective, self.top, index)
        if self.penalised:
            free = np.arange(self.coef.size) != index
            held = maximise(self.likelihood, np.zeros(self.coef.size), free, enough=SHARP)
            if free.any() and (
                not held.converged
                or suspicious(
                    self._zero.information[np.ix_(free, free)], held.at.information[np.ix_(free, free)]
                )
            ):
                return chi2_test(statistic, 1), none
        return chi2_test(statistic, 1), chi2_test(score_statistic(held, index), 1)

    def wald_of(self, indices: Sequence[int]) -> Test:
        """Wald's test that several coefficients (the levels of one covariate, say) are all zero."""
        if not self.converged:
            return Test(np.nan, len(indices), np.nan)
        some = list(indices)
        b = self.coef[some]
        return chi2_test(b @ np.linalg.solve(self.covariance[np.ix_(some, some)], b), len(some))

    def lr_of(self, indices: Sequence[int]) -> Test:
        """Likelihood-ratio test that several coefficients are all zero, the others free."""
        if not self.converged:
            return Test(np.nan, len(indices), np.nan)
        free = np.ones(self.coef.size, dtype=bool)
        free[list(indices)] = False
        held = maximise(self._objective, np.where(free, self.top.beta, 0.0), free, FIRTH_STEPS)
        if not held.converged:
            return Test(np.nan, len(indices), np.nan)
        return chi2_test(max(2 * (self.top.at.value - held.at.value), 0.0), len(indices))


def fit(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    ties: Ties = "breslow",
    strata: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    firth: Literal["auto", "always", "never"] = "auto",
) -> CoxFit:
    """Fit Cox's model.

    Args:
        time: [n] follow-up, not negative.
        event: [n] 1 event, 0 censored.
        x: [n, p] or [n] covariates, finite.
        ties: "breslow" (SAS's default) or "efron" (R's).
        strata: [n] labels of strata with baseline hazards of their own.
        names: [p] for messages.
        firth: penalise always, never, or only when the likelihood has no maximum ("auto").

    Returns:
        The fit. When no maximum was found, ``converged`` is false and the estimates are not numbers.

    Raises:
        CohortError: unusable values, no event, a covariate that the others determine, or covariates that
            repeat the outcome (perfect separation; fitted all the same with ``firth`` "always").
    """
    matrix = np.asarray(x, dtype=float)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    labels = tuple(names) if names is not None else tuple(f"x{i + 1}" for i in range(matrix.shape[1]))
    if matrix.shape[1] == 0 or len(labels) != matrix.shape[1]:
        raise CohortError("A model needs at least one covariate, and one name for each.")
    for name, low, high in zip(labels, matrix.min(axis=0), matrix.max(axis=0), strict=True):
        if low == high:
            raise CohortError(f"{name} is the same in all {len(matrix)} patients of the model: leave it out.")
    # Scaling changes neither the likelihood nor its limits, and keeps the matrices well conditioned.
    standard, spread = _standardised(matrix)
    for name, size in zip(labels, spread, strict=True):
        if not SMALLEST < size < 1 / SMALLEST:
            raise CohortError(
                f"{name} is in a unit that cannot be computed with (standard deviation {size:.0e}): "
                "use another one."
            )
    likelihood = PartialLikelihood(time, event, standard, ties=ties, strata=strata)
    zero = likelihood.evaluate(np.zeros(likelihood.p))
    _refuse_aliases(zero.information, labels)
    top, runaway = _search(likelihood, zero, firth)
    if runaway.any() and firth != "always" and separated(likelihood):
        alone = "alone says" if len(labels) == 1 else "together say"
        raise CohortError(
            f"Perfect separation: {', '.join(labels)} {alone} who has the event, or in which order, so no "
            "hazard ratio has a meaning; leave it out, or ask for a penalised one with --firth always."
        )
    penalised = firth == "always" or (firth == "auto" and bool(runaway.any()))
    objective: Objective = likelihood
    if penalised:
        objective = FirthLikelihood(likelihood)
        top = maximise(objective, np.zeros(likelihood.p), limit=FIRTH_STEPS, enough=SHARP)
    elif runaway.any():
        top = Maximum(top.beta, top.at, top.iterations, False)
    if top.converged:
        scaled = np.linalg.inv(top.at.information)
        coef, covariance = top.beta / spread, scaled / np.outer(spread, spread)
    else:
        coef, covariance = np.full(likelihood.p, np.nan), np.full((likelihood.p, likelihood.p), np.nan)
    return CoxFit(
        names=labels,
        n=likelihood.n,
        events=int(likelihood.event.sum()),
        ties=ties,
        coef=coef,
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        loglik=top.at.value,
        loglik0=objective.evaluate(np.zeros(likelihood.p)).value,
        iterations=top.iterations,
        converged=top.converged,
        monotone=runaway,
        penalised=penalised,
        likelihood=likelihood,
        scale=spread,
        _objective=objective,
        top=top,
        _zero=zero,
    )


def _standardised(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the columns [n, p] centred and divided by their standard deviations, and these [p].

    By way of the largest deviation, so that values of 1e300 or 1e-300 neither overflow nor vanish.
    """
    with np.errstate(all="ignore"):
        size = np.abs(matrix).max(axis=0)
        shares = matrix / size
        centred = shares - shares.mean(axis=0)
        peak = np.abs(centred).max(axis=0)
        centred /= peak
        spread = centred.std(axis=0)
        return centred / spread, spread * peak * size


def _search(
    likelihood: PartialLikelihood, zero: Evaluation, firth: Literal["auto", "always", "never"]
) -> tuple[Maximum, NDArray[np.bool_]]:
    """Climb in two stages, so that a runaway likelihood is recognised before it looks converged."""
    start = np.zeros(likelihood.p)
    top = maximise(likelihood, start, limit=8, enough=SHARP)
    if not top.converged:
        if np.isfinite(top.at.information).all() and suspicious(zero.information, top.at.information):
            runaway = monotone(likelihood)
            if runaway.any():
                return top, runaway
        top = maximise(likelihood, top.beta if np.isfinite(top.at.value) else start, enough=SHARP)
    doubtful = not top.converged or suspicious(zero.information, top.at.information)
    return top, monotone(likelihood) if doubtful else np.zeros(likelihood.p, dtype=bool)


def _refuse_aliases(information: Floats, names: tuple[str, ...]) -> None:
    """Raise when some combination of covariates never varies among those at risk."""
    values, vectors = np.linalg.eigh(information)
    bad = values <= ALIASED * max(float(values[-1]), 1e-300)
    if not bad.any():
        return
    weight = np.abs(vectors[:, bad]).max(axis=1)
    same = [name for name, w in zip(names, weight, strict=True) if w > 1e-6]
    if len(same) == 1:
        raise CohortError(
            f"{same[0]} does not differ between patients at risk when an event happens: leave it out."
        )
    raise CohortError(f"{', '.join(same)} determine one another in these patients: leave one of them out.")
