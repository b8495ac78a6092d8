"""Cox's partial likelihood with its derivatives, for right-censored times, strata and ties.

The rows are sorted once, latest time first within each stratum, so that every risk-set sum is a cumulative sum.
With m events and p covariates one evaluation costs O(n p^2) in matrix products and keeps no p x p matrix per event.

Notation: r_i = exp(x_i b). For the e-th event, in a set of d tied ones, S0 and S1 are the sums of r and r x over those at
risk, D0 and D1 the same over the d tied events, and f is 0 (Breslow 1974) or (0, 1/d, ..., (d-1)/d) (Efron 1977):

    log L = sum_e [ x_e b - log(S0 - f D0) ],   z_e = (S1 - f D1) / (S0 - f D0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats.errors import CohortError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Ties = Literal["breslow", "efron"]
TIME_TOLERANCE = 1e-9  # relative; times that differ by less are one time (months made from days, 0.1 + 0.2)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Value, gradient [p] and information [p, p] (minus the Hessian, or a metric that stands for it) at a point [p]."""

    value: float
    gradient: Floats
    information: Floats


def merge_times(time: ArrayLike) -> Floats:
    """Return the times [n] with those closer than ``TIME_TOLERANCE`` made equal, so that ties are ties."""
    values = np.asarray(time, dtype=float)
    unique, inverse = np.unique(values, return_inverse=True)
    if unique.size < 2:
        return values
    apart = np.diff(unique) > TIME_TOLERANCE * np.maximum(1e-300, np.abs(unique[1:]))
    first = np.concatenate(([0], np.cumsum(apart)))
    return np.asarray(unique[np.concatenate(([True], apart))][first][inverse], dtype=float)


class PartialLikelihood:
    """The likelihood of one data set and covariate matrix; ``evaluate`` is a pure function of the coefficients."""

    def __init__(
        self, time: ArrayLike, event: ArrayLike, x: ArrayLike, *, ties: Ties = "breslow", strata: ArrayLike | None = None
    ) -> None:
        """Sort the rows and find the risk sets.

        Args:
            time: [n] follow-up, > = 0, any unit.
            event: [n] 1 event, 0 censored.
            x: [n, p] covariates, finite.
            ties: Breslow's or Efron's approximation.
            strata: [n] labels; risk sets never cross strata.

        Raises:
            CohortError: shapes differ, a value is not usable, or there is no event.
        """
        times = merge_times(time)
        events = np.asarray(event)
        matrix = np.asarray(x, dtype=float)
        if matrix.ndim == 1:
            matrix = matrix[:, None]
        n = times.size
        if n == 0 or events.shape != (n,) or matrix.shape[0] != n:
            raise CohortError("Times, events and covariates must be given for the same patients, at least one.")
        if not np.isfinite(times).all() or (times < 0).any():
            raise CohortError("Follow-up times must be numbers that are not negative: correct or leave out those rows.")
        if not np.isin(events, (0, 1)).all():
            raise CohortError("Events must be coded 0 (censored) or 1 (event).")
        if not np.isfinite(matrix).all():
            raise CohortError("Covariates must be finite numbers: leave out the patients with a missing value.")
        if not events.any():
            raise CohortError("Nobody has an event: without events there is no hazard to compare.")
        if ties not in ("breslow", "efron"):
            raise CohortError(f'Ties are handled by "breslow" or "efron", not by "{ties}".')
        codes = np.zeros(n, dtype=np.intp) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
        order = np.lexsort((-times, codes))
        self.order: Ints = order
        self.time: Floats = times[order]
        self.event: NDArray[np.bool_] = events[order].astype(bool)
        self.x: Floats = np.ascontiguousarray(matrix[order])
        self.n, self.p = self.x.shape
        self._index_risk_sets(codes[order], ties)
        self._x_events = self.x[self.event].sum(axis=0)

    def _index_risk_sets(self, stratum: Ints, ties: Ties) -> None:
        n = self.n
        new_stratum = np.concatenate(([True], stratum[1:] != stratum[:-1]))
        new_block = new_stratum | np.concatenate(([True], self.time[1:] != self.time[:-1]))
        self.stratum_starts: Ints = np.flatnonzero(new_stratum)
        starts = np.flatnonzero(new_block)
        ends = np.append(starts[1:], n) - 1
        block = np.cumsum(new_block) - 1
        rows = np.flatnonzero(self.event)
        self.event_rows: Ints = rows
        used, self.tie_of_event = np.unique(block[rows], return_inverse=True)
        self.last_at_risk: Ints = ends[used]  # per tie: those at risk are the stratum's rows up to this one
        self.tie_size: Ints = np.bincount(self.tie_of_event)
        first = np.concatenate(([0], np.cumsum(self.tie_size)[:-1]))
        self.first_of_tie: Ints = first
        rank = np.arange(rows.size) - first[self.tie_of_event]
        self.fraction: Floats = (
            rank / self.tie_size[self.tie_of_event] if ties == "efron" else np.zeros(rows.size, dtype=float)
        )
        self.tied = bool(self.fraction.any())

    def cumulate(self, values: Floats) -> Floats:
        """Sum down the rows [n, ...] within each stratum."""
        if self.stratum_starts.size == 1:
            return np.cumsum(values, axis=0)
        out = np.empty_like(values)
        for a, b in zip(self.stratum_starts, np.append(self.stratum_starts[1:], self.n), strict=True):
            np.cumsum(values[a:b], axis=0, out=out[a:b])
        return out

    def at_events(self, values: Floats) -> Floats:
        """Sum row values [n, ...] over each event's risk set, less Efron's share of the tied events: [m, ...]."""
        sums = self.cumulate(values)[self.last_at_risk][self.tie_of_event]
        if self.tied:
            deaths = np.add.reduceat(values[self.event_rows], self.first_of_tie, axis=0)[self.tie_of_event]
            share = self.fraction.reshape((-1,) + (1,) * (values.ndim - 1))
            sums = sums - share * deaths
        return np.asarray(sums)

    def risks(self, beta: Floats) -> tuple[Floats, Floats]:
        """Return the linear predictor [n], shifted so that its largest value is 0, and exp of it."""
        eta = self.x @ beta
        eta -= eta.max()
        return eta, np.exp(eta)

    def exposure(self, risk: Floats, per_event: Floats) -> Floats:
        """Return, per row [n], risk times the sum of ``per_event`` [m] over the events it was at risk for."""
        step = np.zeros(self.n)
        step[self.last_at_risk] = np.add.reduceat(per_event, self.first_of_tie)
        total = np.empty(self.n)
        for a, b in zip(self.stratum_starts, np.append(self.stratum_starts[1:], self.n), strict=True):
            total[a:b] = np.cumsum(step[a:b][::-1])[::-1]
        if self.tied:
            share = np.add.reduceat(per_event * self.fraction, self.first_of_tie)
            total[self.event_rows] -= share[self.tie_of_event]
        return np.asarray(risk * total)

    def value(self, beta: Floats) -> float:
        """Return the log likelihood at ``beta`` [p], or minus infinity where it cannot be computed."""
        eta, risk = self.risks(np.asarray(beta, dtype=float))
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(eta[self.event_rows].sum() - np.log(self.at_events(risk)).sum())
        return value if np.isfinite(value) else -np.inf

    def means(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return risk [n], risk-set sums [m] and weighted covariate means z [m, p] at ``beta``."""
        _, risk = self.risks(beta)
        below = self.at_events(risk)
        return risk, below, self.at_events(risk[:, None] * self.x) / below[:, None]

    def weighted_information(self, risk: Floats, below: Floats, z: Floats, weight: Floats | None = None) -> Floats:
        """Return sum_e weight_e V_e [p, p], V_e the covariates' variance in the e-th risk set (weight 1 by default)."""
        w = np.ones(z.shape[0]) if weight is None else weight
        exposure = self.exposure(risk, w / below)
        return np.asarray((self.x * exposure[:, None]).T @ self.x - (z * w[:, None]).T @ z)

    def evaluate(self, beta: Floats) -> Evaluation:
        """Return log likelihood, score and information at ``beta`` [p]."""
        beta = np.asarray(beta, dtype=float)
        eta, risk = self.risks(beta)
        below = self.at_events(risk)
        if not (below > 0).all():
            nothing = np.full(self.p, np.nan)
            return Evaluation(-np.inf, nothing, np.full((self.p, self.p), np.nan))
        z = self.at_events(risk[:, None] * self.x) / below[:, None]
        value = float(eta[self.event_rows].sum() - np.log(below).sum())
        return Evaluation(value, self._x_events - z.sum(axis=0), self.weighted_information(risk, below, z))
