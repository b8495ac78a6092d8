"""Cox's partial likelihood with its derivatives, for right-censored times, strata and ties.

The rows are sorted once, latest time first within each stratum, so that every risk-set sum is a cumulative
sum. One evaluation costs O(n p^2) in matrix products and keeps no p x p matrix per event.

Notation: r_i = exp(x_i b). For the e-th event, one of d tied ones, S0 and S1 are the sums of r and r x over
those at risk, D0 and D1 the same over the d tied events, and f is 0 (Breslow 1974) or (0, 1/d, ..., (d-1)/d)
(Efron 1977):

    log L = sum_e [ x_e b - log(S0 - f D0) ],   z_e = (S1 - f D1) / (S0 - f D0).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
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
    """Value, gradient [p] and information [p, p] (minus the Hessian, or a metric that stands for it) at a
    point [p].
    """

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
    """The likelihood of one data set and covariate matrix; ``evaluate`` is a pure function of the
    coefficients.
    """

    def __init__(
        self,
        time: ArrayLike,
        event: ArrayLike,
        x: ArrayLike,
        *,
        ties: Ties = "breslow",
        strata: ArrayLike | None = None,
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
            raise CohortError(
                "Times, events and covariates must be given for the same patients, at least one."
            )
        if not np.isfinite(times).all() or (times < 0).any():
            raise CohortError(
                "Follow-up times must be numbers that are not negative: correct or leave out those rows."
            )
        if not np.isin(events, (0, 1)).all():
            raise CohortError("Events must be coded 0 (censored) or 1 (event).")
        if not np.isfinite(matrix).all():
            raise CohortError(
                "Covariates must be finite numbers: leave out the patients with a missing value."
            )
        if not events.any():
            raise CohortError("Nobody has an event: without events there is no hazard to compare.")
        if ties not in ("breslow", "efron"):
            raise CohortError(f'Ties are handled by "breslow" or "efron", not by "{ties}".')
        codes = (
            np.zeros(n, dtype=np.intp)
            if strata is None
            else np.unique(np.asarray(strata), return_inverse=True)[1]
        )
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
        self._starts: Ints = np.flatnonzero(new_block)  # blocks: the rows of one time in one stratum
        self._sizes: Ints = np.diff(np.append(self._starts, n))
        block = np.cumsum(new_block) - 1
        edges = np.append(block[self.stratum_starts], self._starts.size)
        self._spans = [slice(a, b) for a, b in pairwise(edges)]
        self.event_rows: Ints = np.flatnonzero(self.event)
        self._tie_block, self.tie_of_event = np.unique(block[self.event_rows], return_inverse=True)
        self.last_at_risk: Ints = (self._starts + self._sizes - 1)[
            self._tie_block
        ]  # per tie: at risk up to this row
        size: Ints = np.bincount(self.tie_of_event)
        self._tie_first: Ints = np.concatenate(([0], np.cumsum(size)[:-1]))
        # Terms of the likelihood's denominator: with Breslow's ties one each, d-fold; with Efron's one per
        # event.
        if ties == "efron" and size.max() > 1:
            self._tie_of_term: Ints = self.tie_of_event
            rank = np.arange(self.event_rows.size) - self._tie_first[self.tie_of_event]
            self._fraction: Floats = rank / size[self.tie_of_event]
            self._term_first: Ints = self._tie_first
            self.weight: Floats = np.ones(self.event_rows.size)
            self.term_of_event: Ints = np.arange(self.event_rows.size)
        else:
            self._tie_of_term = self._term_first = np.arange(size.size)
            self._fraction = np.zeros(size.size)
            self.weight = size.astype(float)
            self.term_of_event = self.tie_of_event
        self._shared = bool(self._fraction.any())

    def at_events(self, values: Floats) -> Floats:
        """Sum row values [n, ...] over each term's risk set, less Efron's share of the tied events: [terms,
        ...].
        """
        blocks = np.add.reduceat(values, self._starts, axis=0)
        for span in self._spans:
            np.cumsum(blocks[span], axis=0, out=blocks[span])
        sums = blocks[self._tie_block]
        if not self._shared:
            return np.asarray(sums)
        deaths = np.add.reduceat(values[self.event_rows], self._tie_first, axis=0)
        share = self._fraction.reshape((-1,) + (1,) * (values.ndim - 1))
        return np.asarray(sums[self._tie_of_term] - share * deaths[self._tie_of_term])

    def risks(self, beta: Floats) -> tuple[Floats, Floats]:
        """Return the linear predictor [n], shifted so that its largest value is 0, and exp of it."""
        eta = self.x @ beta
        eta -= eta.max()
        return eta, np.exp(eta)

    def exposure(self, risk: Floats, per_term: Floats) -> Floats:
        """Return, per row [n], risk times the sum of ``per_term`` over the terms it was at risk for."""
        steps = np.zeros(self._starts.size)
        steps[self._tie_block] = np.add.reduceat(per_term, self._term_first)
        for span in self._spans:
            steps[span] = np.cumsum(steps[span][::-1])[::-1]
        total = np.repeat(steps, self._sizes)
        if self._shared:
            share = np.add.reduceat(per_term * self._fraction, self._term_first)
            total[self.event_rows] -= share[self.tie_of_event]
        return np.asarray(risk * total)

    def means(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return risk [n], and per term the risk-set sum and the covariates' weighted means z [terms, p], at
        ``beta``.
        """
        _, risk = self.risks(beta)
        below = self.at_events(risk)
        return risk, below, self.at_events(risk[:, None] * self.x) / below[:, None]

    def weighted_information(
        self, risk: Floats, below: Floats, z: Floats, factor: Floats | None = None
    ) -> Floats:
        """Return sum_e factor_e V_e [p, p], V_e the covariates' variance in the e-th risk set.

        ``factor`` [terms] is 1 by default, and must be the same for all events of one time.
        """
        w = self.weight if factor is None else self.weight * factor
        exposure = self.exposure(risk, w / below)
        return np.asarray((self.x * exposure[:, None]).T @ self.x - (z * w[:, None]).T @ z)

    def evaluate(self, beta: Floats) -> Evaluation:
        """Return log likelihood, score and information at ``beta`` [p]; minus infinity where it cannot be
        computed.
        """
        beta = np.asarray(beta, dtype=float)
        eta, risk = self.risks(beta)
        below = self.at_events(risk)
        if not (below > 0).all():
            nothing = np.full(self.p, np.nan)
            return Evaluation(-np.inf, nothing, np.full((self.p, self.p), np.nan))
        z = self.at_events(risk[:, None] * self.x) / below[:, None]
        value = float(eta[self.event_rows].sum() - self.weight @ np.log(below))
        with np.errstate(over="ignore", invalid="ignore"):  # far out, where the search turns back
            information = self.weighted_information(risk, below, z)
        return Evaluation(value, self._x_events - self.weight @ z, information)
