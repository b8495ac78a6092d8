"""What a rule's concordance owes to having been judged on the patients it was found on.

In every bootstrap sample the direction of each rule, and the choice of the best cut-off, are found anew and
judged on the cohort (Harrell et al., Stat. Med. 15 (1996) 361). All samples and rules at once, as weights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.stats.bootstrap import Floats, TimeOrder, draws
from host.stats.concordance import concordance
from host.stats.maxselected import logrank_scores, standardised


@dataclass
class Resampled:
    """Concordance of the cohort [m] and of samples [b, m], oriented; NaN where a group is empty.

    ``selected`` [b] are the columns of the best cut-off per sample (-1: none), ``selected_c`` its C there and
    ``selected_original`` in the cohort.
    """

    original: Floats
    sample: Floats
    of_prediction: Floats
    selected: NDArray[np.intp]
    selected_c: Floats
    selected_original: Floats


def resample(
    order: TimeOrder,
    markers: NDArray[np.bool_],
    eligible: NDArray[np.bool_],
    least: float,
    samples: int,
    rng: np.random.Generator,
    progress: Callable[[str, int, int], None] | None,
) -> Resampled:
    """Repeat the whole procedure in every sample: direction of each rule, and choice among the cut-offs.

    Args:
        order: of the n patients.
        markers: [n, m] groupings, in time order.
        eligible: [m] which of them are cut-offs that may be chosen.
        least: share of patients a chosen cut-off leaves on each side.
        samples: bootstrap samples.
        rng: draws them.
        progress: told ("bootstrap samples", done now, of how many).
    """
    n, m = markers.shape
    ones = np.ones((1, n))
    cohort_c = concordance(order, markers, ones)[0]
    marked = markers.astype(float)

    def judged(weights: Floats) -> tuple[Floats, NDArray[np.bool_], Floats, NDArray[np.bool_]]:
        """C for "positive lives longer", whether it does, statistics of eligible cut-offs, emptiness."""
        z = standardised(logrank_scores(order, weights), markers, weights)
        share = weights @ marked / weights.sum(axis=1, keepdims=True)
        empty = (share == 0) | (share == 1)
        allowed = eligible & ~empty & (share >= least) & (share <= 1 - least)
        # The sign of the log-rank score is that of Cox's coefficient: the partial likelihood is concave.
        return concordance(order, markers, weights), z <= 0, np.where(allowed, np.abs(z), -1.0), empty

    def turned(c: Floats, longer: NDArray[np.bool_]) -> Floats:
        return np.asarray(np.where(longer, c, 1 - c))

    c, longer, ranks, empty = judged(ones)
    original = np.where(empty[0], np.nan, turned(c[0], longer[0]))
    parts: list[tuple[Floats, Floats, NDArray[np.intp], Floats, Floats]] = []
    for weights in draws(n, samples, rng):
        drawn = weights.astype(float)
        c, longer, ranks, empty = judged(drawn)
        here = np.where(empty, np.nan, turned(c, longer))
        there = np.where(empty, np.nan, turned(np.broadcast_to(cohort_c, c.shape), longer))
        ranks = np.nan_to_num(ranks, nan=-1.0)
        pick = np.where((ranks > 0).any(axis=1), ranks.argmax(axis=1), -1)
        rows = np.arange(len(pick))
        parts.append(
            (
                here,
                there,
                pick,
                np.where(pick >= 0, here[rows, pick], np.nan),
                np.where(pick >= 0, there[rows, pick], np.nan),
            )
        )
        if progress is not None:
            progress("bootstrap samples", len(pick), samples)
    if not parts:
        none = np.full((0, m), np.nan)
        parts = [(none, none, np.zeros(0, dtype=np.intp), np.zeros(0), np.zeros(0))]
    here, there, pick, picked, picked_there = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Resampled(original, here, there, pick, picked, picked_there)
