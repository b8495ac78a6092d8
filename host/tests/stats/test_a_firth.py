"""Monotone likelihoods are recognised exactly, and Firth's estimate is the maximum its definition says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize

from host.stats import cox, monotone
from host.stats.firth import FirthLikelihood
from host.stats.partial import PartialLikelihood


def simulate(seed: int, n: int = 40, p: int = 2):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, size=(n, p)).astype(float)
    return np.ceil(rng.exponential(5, n)), rng.integers(0, 2, n), x


def naive(time, event, x, beta, ties):
    """Return log likelihood and information straight from the definition, one risk set after the other."""
    r = np.exp(x @ beta)
    value, information = 0.0, np.zeros((x.shape[1],) * 2)
    for t in np.unique(time[event == 1]):
        dead, risk = (time == t) & (event == 1), time >= t
        d = int(dead.sum())
        for k in range(d):
            w = np.where(risk, r, 0.0)
            if ties == "efron":
                w = w - np.where(dead, k / d * r, 0.0)
            mean = w @ x / w.sum()
            information += (x - mean).T @ (w[:, None] * (x - mean)) / w.sum()
            value -= np.log(w.sum())
        value += (x @ beta)[dead].sum()
    return value, information


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_likelihood_and_penalty_are_their_definitions(ties):
    time, event, x = simulate(1)
    beta = np.array([0.3, -0.7])
    model = PartialLikelihood(time, event, x, ties=ties)
    value, information = naive(time, event, x, beta, ties)
    at = model.evaluate(beta)
    assert at.value == pytest.approx(value, rel=1e-12)
    assert np.allclose(at.information, information, rtol=1e-10)
    firth = FirthLikelihood(model)
    assert firth.evaluate(beta).value == pytest.approx(
        value + 0.5 * np.linalg.slogdet(information)[1], rel=1e-12
    )
    step = 1e-5
    slope = [
        (firth.evaluate(beta + step * e).value - firth.evaluate(beta - step * e).value) / (2 * step)
        for e in np.eye(2)
    ]
    assert np.allclose(firth.evaluate(beta).gradient, slope, atol=1e-6)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_firth_of_a_separated_group_is_the_penalised_maximum(ties):
    time, event, x = simulate(2)
    x[:, 1] = np.arange(40) < 4
    event[x[:, 1] == 1] = 0  # a group without events: its hazard ratio runs to 0
    fit = cox.fit(time, event, x, ties=ties)
    assert fit.monotone.tolist() == [False, True]
    assert fit.penalised and fit.converged

    def cost(beta):
        value, information = naive(time, event, x, beta, ties)
        return -(value + 0.5 * np.linalg.slogdet(information)[1])

    best = minimize(
        cost, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000}
    )
    assert np.allclose(fit.coef, best.x, atol=1e-6)
    lower, upper = fit.profile_limits(1)
    assert lower < fit.coef[1] < upper < 3
    for limit in (lower, upper):  # the penalised profile at the limit lies 3.84 / 2 below the top
        held = minimize(
            lambda b, at=limit: cost(np.array([b[0], at])), [0.0], method="BFGS", options={"gtol": 1e-8}
        )
        assert 2 * (held.fun - best.fun) == pytest.approx(3.841458820694124, abs=1e-5)


def test_without_the_penalty_there_is_no_estimate():
    time, event, x = simulate(2)
    x[:, 1] = np.arange(40) < 4
    event[x[:, 1] == 1] = 0
    fit = cox.fit(time, event, x, firth="never")
    assert not fit.converged and np.isnan(fit.coef).all() and np.isnan(fit.profile_limits(0)).all()


def test_monotone_agrees_with_the_definition_on_small_data():
    """A direction of a fine grid along which the likelihood never falls exists exactly when the program
    finds one.
    """
    seen = set()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        time, x = rng.integers(1, 9, 7).astype(float), rng.integers(0, 2, size=(7, 2)).astype(float)
        event = rng.integers(0, 2, 7)
        if not event.any():
            continue
        directions = [np.array(d, float) for d in itertools.product(range(-3, 4), repeat=2) if any(d)]

        def runs(g, time=time, event=event, x=x):
            score = x @ g
            gaps = [score[i] - score[time >= time[i]] for i in np.flatnonzero(event)]
            return all((gap >= 0).all() for gap in gaps)

        expected = any(runs(g) for g in directions)
        assert monotone.monotone(PartialLikelihood(time, event, x)).any() == expected
        seen.add(expected)
    assert seen == {True, False}


def test_a_strong_effect_is_not_taken_for_a_monotone_one():
    rng = np.random.default_rng(3)
    x = np.repeat([0.0, 1.0], 200)
    time = rng.exponential(np.where(x == 1, 0.02, 1.0))
    fit = cox.fit(time, np.ones(400), x)
    assert not fit.monotone.any() and not fit.penalised and fit.coef[0] > 3


def test_separation_agrees_with_the_definition_on_small_data():
    """A direction of a fine grid that tells events from the rest, or orders them, exists exactly when the
    program finds one.
    """
    seen = set()
    for seed in range(80):
        rng = np.random.default_rng(seed)
        n = 5
        time, x = rng.integers(1, 7, n).astype(float), rng.integers(0, 3, size=(n, 2)).astype(float)
        event = rng.integers(0, 2, n)
        if not event.any() or (x.min(axis=0) == x.max(axis=0)).any():
            continue

        def tells(g, time=time, event=event, x=x):
            score, dead = x @ g, event == 1
            apart = (~dead).any() and score[dead].min() > score[~dead].max()
            ordered = True
            for t in np.unique(time[dead]):
                own = dead & (time == t)
                others = (time >= t) & ~own
                ordered &= not others.any() or score[own].min() > score[others].max()
            return apart or ordered

        directions = [np.array(d, float) for d in itertools.product(range(-4, 5), repeat=2) if any(d)]
        expected = any(tells(g) for g in directions)
        assert monotone.separated(PartialLikelihood(time, event, x)) == expected, seed
        seen.add(expected)
    assert seen == {True, False}
