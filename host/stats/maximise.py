"""Maximise a concave objective by Newton steps, with some coefficients held fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from host.stats.partial import Evaluation, Floats

# g' I^-1 g: twice the distance to the top in log likelihood, or its square in standard errors.
DECREMENT = 1e-12
SHARP = 1e-20  # for estimates that are printed
ROUNDING = 1e-9  # a decrement this small, from which no step leads upwards, is the end of double precision


class Objective(Protocol):
    """What can be maximised: the partial likelihood, or its penalised form."""

    p: int

    def evaluate(self, beta: Floats) -> Evaluation: ...


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the search ended: coefficients [p], what the objective is there, and whether it is the top."""

    beta: Floats
    at: Evaluation
    iterations: int
    converged: bool


def maximise(
    objective: Objective,
    start: Floats,
    free: NDArray[np.bool_] | None = None,
    limit: int = 60,
    enough: float = DECREMENT,
) -> Maximum:
    """Climb from ``start`` [p] over the coordinates marked in ``free`` [p] (all by default); halve steps
    that lead down.

    At most ``limit`` steps, until the decrement is ``enough`` or rounding stops it. Never raises: an
    objective without a maximum ends with ``converged`` false.
    """
    beta = np.array(start, dtype=float)
    moving = np.ones(beta.size, dtype=bool) if free is None else free
    here = objective.evaluate(beta)
    if not moving.any():
        return Maximum(beta, here, 0, bool(np.isfinite(here.value)))
    for iteration in range(limit + 1):
        step, decrement = _newton(here, moving)
        if not decrement >= -ROUNDING:  # also when it is not a number
            return Maximum(beta, here, iteration, False)
        if decrement <= enough:
            return Maximum(beta, here, iteration, True)
        if iteration == limit:
            break
        scale = 1.0
        while True:
            trial = beta.copy()
            trial[moving] += scale * step
            there = objective.evaluate(trial)
            if there.value > here.value:
                break
            if decrement < ROUNDING:  # values no longer tell up from down; the gradient still does
                if _newton(there, moving)[1] < decrement / 2:
                    break
                return Maximum(beta, here, iteration, True)
            scale /= 2
            if scale < 1e-6:
                return Maximum(beta, here, iteration, False)
        beta, here = trial, there
    return Maximum(beta, here, limit, False)


def _newton(at: Evaluation, moving: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return Newton's step over the moving coordinates and its decrement, not a number where there is
    none.
    """
    gradient = at.gradient[moving]
    if not np.isfinite(at.value) or not np.isfinite(at.information).all():
        return gradient, np.nan
    try:
        step: Floats = np.linalg.solve(at.information[np.ix_(moving, moving)], gradient).astype(float)
    except np.linalg.LinAlgError:
        return gradient, np.nan
    return step, float(gradient @ step)
