"""Are hazards proportional? The score test for a coefficient that changes with time, and Schoenfeld's
residuals.

Source: Grambsch and Therneau, Biometrika 81 (1994) 515-526, in the exact form of R's ``cox.zph`` since
survival 3.0: the score test, at the fitted coefficients, of adding x g(t), with g centred over the events.
Residuals: Schoenfeld, Biometrika 69 (1982) 239-241.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from host.stats.cox import CoxFit, Test, chi2_test
from host.stats.errors import CohortError
from host.stats.km import kaplan_meier
from host.stats.partial import Floats, PartialLikelihood

Transform = Literal["km", "identity", "log", "rank"]


@dataclass(frozen=True)
class ProportionalHazards:
    """Tests per covariate and of all together; ``residuals`` [m, p] scaled, at ``times`` [m], around the
    coefficient.
    """

    tests: dict[str, Test]
    overall: Test
    transform: Transform
    times: Floats
    residuals: Floats


def check(
    fit: CoxFit, blocks: Mapping[str, Sequence[int]] | None = None, transform: Transform = "km"
) -> ProportionalHazards:
    """Test a fitted model.

    Args:
        fit: a fit that converged and was not penalised.
        blocks: which coefficients belong to which covariate; by default each by itself.
        transform: of time: 1 - Kaplan-Meier (R's default), time, its logarithm, or its rank.

    Raises:
        CohortError: the model did not converge, is penalised, or has events at time 0 with ``log``.
    """
    if not fit.converged or fit.penalised:
        raise CohortError(
            "Proportional hazards cannot be checked in a model whose likelihood has no maximum."
        )
    model = fit.likelihood
    beta = np.asarray(fit.top.beta)
    risk, below, z = model.means(beta)
    residuals = model.x[model.event_rows] - z[model.term_of_event]
    g = _scale(model, transform)
    at_term = np.empty(len(below))
    at_term[model.term_of_event] = g
    plain = model.weighted_information(risk, below, z)
    cross = model.weighted_information(risk, below, z, at_term)
    square = model.weighted_information(risk, below, z, at_term**2)
    u = (residuals * g[:, None]).sum(axis=0)
    # Score test of the added block, the coefficients themselves free: u' (S - C I^-1 C)^-1 u.
    reduced = square - cross @ np.linalg.solve(plain, cross)
    groups = blocks or {name: [i] for i, name in enumerate(fit.names)}
    tests = {}
    for name, indices in groups.items():
        some = np.asarray(list(indices))
        part = square[np.ix_(some, some)] - cross[some] @ np.linalg.solve(plain, cross[:, some])
        tests[name] = _test(part, u[some])
    scaled = residuals @ np.linalg.inv(plain) * len(residuals) + beta
    order = np.argsort(model.time[model.event_rows], kind="stable")
    return ProportionalHazards(
        tests, _test(reduced, u), transform, model.time[model.event_rows][order], (scaled / fit.scale)[order]
    )


def _test(information: Floats, u: Floats) -> Test:
    try:
        return chi2_test(u @ np.linalg.solve(information, u), u.size)
    except np.linalg.LinAlgError:
        return Test(np.nan, u.size, np.nan)


def _scale(model: PartialLikelihood, transform: Transform) -> Floats:
    """Return g [m] at the events, centred."""
    times = model.time[model.event_rows]
    if transform == "km":
        curve = kaplan_meier(model.time, model.event.astype(int))
        g = 1 - np.concatenate(([1.0], curve.survival))[np.searchsorted(curve.times, times, side="left")]
    elif transform == "identity":
        g = times.copy()
    elif transform == "log":
        if not (times > 0).all():
            raise CohortError("The logarithm of time needs events after time 0: use another transform.")
        g = np.log(times)
    elif transform == "rank":
        _, inverse, count = np.unique(model.time, return_inverse=True, return_counts=True)
        g = (np.cumsum(count) - (count - 1) / 2)[inverse][model.event_rows]
    else:
        raise CohortError(f'"{transform}" is no transform of time: use km, identity, log or rank.')
    return np.asarray(g - g.mean(), dtype=float)
