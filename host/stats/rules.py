"""Patient-level rules over a tally of CTCs per score, and the status they give.

A rule is decided in integers, as on the reader. Patients without CTCs have no status.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from host.stats.errors import CohortError

TALLY = ("her2_0", "her2_1plus", "her2_2plus", "her2_3plus")
"""Columns of the CTCs per score, as results are joined and cohorts simulated."""

POSITIVE, NEGATIVE, NO_CTC = "POSITIVE", "NEGATIVE", "NO CTC"

Tallies = NDArray[np.int64]
"""CTCs per score, [n, 4]: 0, 1+, 2+, 3+."""


@dataclass(frozen=True)
class Rule:
    """A patient-level criterion over a tally.

    ``decide`` maps tallies [n, 4] to positive or not [n]; ``cut`` is the sweep's cut-off in %, None for a
    named rule.
    """

    key: str
    text: str
    decide: Callable[[Tallies], NDArray[np.bool_]]
    source: str = ""
    cut: int | None = None


def above_share(cut: int) -> Callable[[Tallies], NDArray[np.bool_]]:
    """Return "more than ``cut`` % of the CTCs score 3+"."""
    return lambda tallies: np.asarray(100 * tallies[:, 3] > cut * tallies.sum(axis=1))


SHIPPED = Rule(
    "her2-3plus-gt-30pct", "> 30 % of CTCs at 3+", above_share(30), "the study, and the rule of the reader"
)
SIGNAL = Rule(
    "her2-signal-ge-50pct",
    ">= 50 % of CTCs with signal",
    lambda tallies: np.asarray(2 * tallies[:, 1:].sum(axis=1) >= tallies.sum(axis=1)),
    "Pestrin et al., Breast Cancer Res. Treat. 118 (2009) 523: any immunofluorescence, here 1+ or more",
)
ANY = Rule(
    "her2-3plus-ge-1",
    ">= 1 CTC at 3+",
    lambda tallies: np.asarray(tallies[:, 3] >= 1),
    "Riethdorf et al., Clin. Cancer Res. 16 (2010) 2634; Ignatiadis et al., PLoS One 6 (2011) e15624",
)
NAMED = (SHIPPED, SIGNAL, ANY)


def sweep(step: int = 1) -> tuple[Rule, ...]:
    """Return the cut-offs > 0 %, > ``step`` %, ... up to > 100 % (which nobody can pass)."""
    return tuple(
        Rule(f"her2-3plus-gt-{cut}pct", f"> {cut} % at 3+", above_share(cut), cut=cut)
        for cut in range(0, 101, step)
    )


def check_tallies(tallies: ArrayLike) -> Tallies:
    """Return CTCs per score [n, 4] as whole numbers.

    Raises:
        CohortError: a count that is negative or not whole.
    """
    values = np.asarray(tallies, dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.rint(values)).any():
        raise CohortError("CTCs per score must be whole numbers, 0 or more: correct the table.")
    return values.astype(np.int64)


def statuses(tallies: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the status by the reader's rule of tallies [n, 4]."""
    decided = np.where(SHIPPED.decide(tallies), POSITIVE, NEGATIVE)
    return np.where(tallies.sum(axis=1) == 0, NO_CTC, decided)
