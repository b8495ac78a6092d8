"""Does the likelihood have a maximum? If not, which coefficients run away, and do they repeat the outcome?

The partial likelihood rises for ever along g exactly when every patient with an event has the largest g'x of
those still at risk (Jacobsen, Scand. J. Statist. 16 (1989) 335-349; Bryson and Johnson, Technometrics 23
(1981) 381-383 give the case of one covariate). These are linear inequalities, so a linear program answers
without a threshold on estimates or standard errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, hstack

from host.stats.partial import Floats, PartialLikelihood

SUSPECT = 1e-2  # information left, as a share of that at zero, below which the program is worth solving
MOVES = 1e-4  # a direction's largest component is 1


def suspicious(at_zero: Floats, here: Floats) -> bool:
    """Say whether the information [p, p] has fallen so far along some direction that the likelihood may be
    monotone.
    """
    try:
        root = np.linalg.inv(np.linalg.cholesky(at_zero))
    except np.linalg.LinAlgError:
        return False
    return bool(np.linalg.eigvalsh(root @ here @ root.T)[0] < SUSPECT)


def monotone(likelihood: PartialLikelihood) -> NDArray[np.bool_]:
    """Return, per coefficient [p], whether the likelihood drives it to infinity.

    The variables are g [p] within -1..1 and M_k, the largest g'x among those at risk at the k-th event time.
    """
    p = likelihood.p
    system = _risk_sets(likelihood, own=True)
    ties = system.shape[1] - p
    limits = [(-1.0, 1.0)] * p + [(None, None)] * ties
    found = np.zeros(p, dtype=bool)
    for j in range(p):
        for direction in (-1.0, 1.0):
            if found[j]:
                continue
            cost = np.zeros(p + ties)
            cost[j] = direction
            answer = linprog(cost, A_ub=system, b_ub=np.zeros(system.shape[0]), bounds=limits, method="highs")
            if answer.status == 0:
                found |= np.abs(answer.x[:p]) > MOVES
    return found


def separated(likelihood: PartialLikelihood) -> bool:
    """Return whether a combination of covariates repeats the outcome, so that no hazard ratio has a meaning.

    Either it is larger in everybody with an event than in anybody without, or at every event time the
    patients with the event have the largest value of all at risk, with a gap. A group without events is
    neither as long as the other group is not all events.
    """
    x, died = _scaled(likelihood), likelihood.event
    if not died.all():
        sign = np.where(died, -1.0, 1.0)[:, None]  # g'x - c >= 1 with an event, <= -1 without
        if _feasible(np.hstack([sign * x, -sign]), -np.ones(likelihood.n)):
            return True
    system = _risk_sets(likelihood, own=False)
    gap = np.zeros(system.shape[0])
    gap[-likelihood.event_rows.size :] = -1.0  # M_k - g'x_event <= -1
    return _feasible(system, gap)


def _feasible(system: Any, right: Floats) -> bool:
    free = [(None, None)] * system.shape[1]
    return bool(
        linprog(np.zeros(system.shape[1]), A_ub=system, b_ub=right, bounds=free, method="highs").status == 0
    )


def _scaled(likelihood: PartialLikelihood) -> Floats:
    return np.asarray(likelihood.x / np.abs(likelihood.x).max(axis=0).clip(1e-300))


def _risk_sets(likelihood: PartialLikelihood, *, own: bool) -> Any:
    """Return the matrix [constraints, p + event times] of M_k >= g'x at risk, and g'x_event >= M_k.

    M grows from later to earlier times, so the constraints number n + events instead of n x events. The last
    rows are those of the events. With ``own`` the patients with the event are among those at risk.
    """
    x, p, n = _scaled(likelihood), likelihood.p, likelihood.n
    last = likelihood.last_at_risk
    ties = last.size
    stratum = np.searchsorted(likelihood.stratum_starts, np.arange(n), side="right")
    later = np.searchsorted(
        last, np.arange(n)
    )  # first event time, going back in time, at which a row is at risk
    if not own:
        later[likelihood.event_rows] += 1
    rows = np.flatnonzero(later < ties)
    rows = rows[stratum[last[later[rows]]] == stratum[rows]]
    chain = np.flatnonzero(stratum[last[1:]] == stratum[last[:-1]])
    events, tie = likelihood.event_rows, likelihood.tie_of_event
    a, b, c = rows.size, chain.size, events.size
    row = np.arange(a + b + c)
    gamma = coo_matrix(
        np.vstack([x[rows], np.zeros((b, p)), -x[events]])
    )  # g'x_j - M <= 0; M - g'x_event <= 0
    left = np.concatenate([later[rows], chain + 1, tie])
    sign = np.concatenate([-np.ones(a + b), np.ones(c)])
    bounds = coo_matrix(
        (
            np.concatenate([sign, np.ones(b)]),
            (np.concatenate([row, row[a : a + b]]), np.concatenate([left, chain])),
        ),
        shape=(a + b + c, ties),
    )
    return hstack([gamma, bounds], format="csr")
