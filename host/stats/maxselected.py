"""The largest of many log-rank statistics, and how large it gets by chance.

Who tries every cut-off and reports the best has tested many times. The statistic here is the largest
standardised log-rank score over all cut-offs that leave enough patients on both sides; its P comes from
permuting the patients' follow-up against their marker, so that the correlation of neighbouring cut-offs is
accounted for. Lausen and Schumacher, Biometrics 48 (1992) 73; Hothorn and Lausen, Comput. Stat. Data Anal.
43 (2003) 121, whose permutation variance is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats.bootstrap import CELLS_AT_ONCE, Floats, TimeOrder
from host.stats.errors import CohortError


def logrank_scores(order: TimeOrder, weights: Floats) -> Floats:
    """Return event minus Nelson-Aalen's cumulative hazard [b, n], in time order; weighted they sum to 0.

    Args:
        order: of the n patients.
        weights: [b, n] in time order.
    """
    ended = order.totals(weights)
    at_risk = ended[:, ::-1].cumsum(axis=1)[:, ::-1]
    died = order.totals(weights * order.event)
    hazard = np.divide(died, at_risk, out=np.zeros_like(died), where=at_risk > 0).cumsum(axis=1)
    return np.asarray(order.event - hazard[:, order.block])


def standardised(scores: Floats, markers: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return standardised log-rank scores [b, m] of the marked patients; NaN where a side is empty.

    Positive: more events than expected. ``scores`` and ``weights`` [b, n], ``markers`` [n, m].
    """
    marked = markers.astype(float)
    total = weights.sum(axis=1, keepdims=True)
    size = weights @ marked
    spread = (weights * scores**2).sum(axis=1, keepdims=True)
    variance = size * (total - size) / (total * np.maximum(total - 1, 1)) * spread
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights * scores) @ marked / np.sqrt(np.where(variance > 0, variance, np.nan)))


@dataclass(frozen=True)
class MaxSelected:
    """The best of many cut-offs.

    Attributes:
        best: index of the marker with the largest statistic.
        statistic: its absolute standardised log-rank score.
        p: permutation P; at least 1 / (permutations + 1).
        p_single: two-sided P of that marker had it been the only one, by the same permutations.
        candidates: [m] markers that were eligible.
    """

    best: int
    statistic: float
    p: float
    p_single: float
    permutations: int
    candidates: NDArray[np.bool_]


def eligible(markers: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Return which markers [n, m] leave a share of at least ``least`` of the patients on both sides: [m]."""
    share = markers.mean(axis=0)
    return np.asarray((share > 0) & (share < 1) & (share >= least) & (share <= 1 - least))


def max_selected(
    time: ArrayLike,
    event: ArrayLike,
    markers: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    permutations: int = 9999,
    least: float = 0.1,
    progress: Callable[[int], None] | None = None,
) -> MaxSelected:
    """Test the best of m groupings of n patients.

    Args:
        time, event: [n] follow-up.
        markers: [n, m] groupings.
        permutations: at least 99.
        least: share of patients a group must have.
        progress: told how many permutations were done.

    Raises:
        CohortError: unusable follow-up, no event, all events at one time when everybody is at risk, or no
            grouping with enough patients on both sides.
    """
    order = TimeOrder.of(time, event)
    sorted_markers = markers[order.order]
    candidates = eligible(markers, least)
    if not candidates.any():
        raise CohortError(
            f"No cut-off leaves {100 * least:g} % of the patients on both sides: lower --min-share or "
            "see the rules."
        )
    if order.event.sum() == 0:
        raise CohortError(
            "Nobody has an event, so there is nothing to compare: follow the patients for longer."
        )
    tested = sorted_markers[:, candidates]
    ones = np.ones((1, order.event.size))
    scores = logrank_scores(order, ones)
    observed = np.abs(standardised(scores, tested, ones)[0])
    if np.isnan(observed).all():
        raise CohortError("All events fall together, so no cut-off can be told from another by follow-up.")
    best = int(np.nanargmax(observed))
    # Under permutation the variances stay as they are: only the sums of scores change.
    marked = tested.astype(float)
    size = marked.sum(axis=0)
    n = scores.size
    sd = np.sqrt(size * (n - size) / (n * (n - 1)) * float((scores**2).sum()))
    portion = max(1, min(1000, CELLS_AT_ONCE // n))
    above = single = done = 0
    while done < permutations:
        now = min(portion, permutations - done)
        shuffled = rng.permuted(np.repeat(scores, now, axis=0), axis=1)
        drawn = np.abs(shuffled @ marked) / sd
        above += int((drawn.max(axis=1) >= observed[best] - 1e-12).sum())
        single += int((drawn[:, best] >= observed[best] - 1e-12).sum())
        done += now
        if progress is not None:
            progress(now)
    return MaxSelected(
        int(np.flatnonzero(candidates)[best]),
        float(observed[best]),
        (above + 1) / (permutations + 1),
        (single + 1) / (permutations + 1),
        permutations,
        candidates,
    )
