"""Landmark analysis: what the status at a chosen time says about what follows.

Comparing patients by a status they get later gives those who live longer more time to get it. At a landmark
only those still at risk count, each with the status of the last draw up to then, and time starts there
(Anderson, Cain and Gelber, J. Clin. Oncol. 1 (1983) 710; van Houwelingen, Scand. J. Stat. 34 (2007) 70).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from host.stats import cox
from host.stats.errors import CohortError
from host.stats.km import kaplan_meier
from host.stats.logrank import logrank
from host.stats.longitudinal import Draws
from host.stats.partial import Ties
from host.stats.rules import NEGATIVE, NO_CTC, POSITIVE
from host.stats.survtable import checked

STATUSES = (POSITIVE, NEGATIVE, NO_CTC)


@dataclass
class Landmark:
    """One landmark. Estimates are None where the patients at risk do not give them; ``note`` says why.

    Attributes:
        at: time of the landmark.
        at_risk: patients still followed without event; ``left`` those who are not.
        undrawn: at risk, but with no draw (recent enough) up to the landmark.
        groups: per status n, events and median from the landmark on (None: not reached).
        hr, lower, upper, p: positive against negative, from the landmark on.
        moves: patients by status at the first draw and at the landmark.
    """

    at: float
    at_risk: int
    left: int
    undrawn: int
    groups: list[dict[str, Any]]
    moves: dict[str, dict[str, int]]
    hr: float | None = None
    lower: float | None = None
    upper: float | None = None
    p: float | None = None
    p_logrank: float | None = None
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def landmarks(
    time: ArrayLike,
    event: ArrayLike,
    draws: Draws,
    at: Sequence[float],
    *,
    oldest: float | None = None,
    ties: Ties = "breslow",
    level: float = 0.95,
) -> list[Landmark]:
    """Analyse several landmarks.

    Args:
        time, event: [n] follow-up of the cohort.
        draws: of its patients.
        at: landmarks on the scale of ``time``, 0 or more; choose them before seeing the data.
        oldest: how old the last draw may be at a landmark; None: any age.
        ties, level: of Cox's model and its profile limits.

    Raises:
        CohortError: unusable follow-up, a negative landmark, or nobody at risk at one.
    """
    times, events = checked(time, event)
    out = []
    for moment in at:
        if not moment >= 0:
            raise CohortError(f"A landmark is a time of 0 or more, not {moment:g}.")
        at_risk = times > moment
        if not at_risk.any():
            raise CohortError(f"Nobody is at risk at {moment:g}: the longest follow-up is {times.max():g}.")
        last = draws.last_before(moment, times.size, oldest)
        first = draws.last_before(math.inf, times.size)
        first[draws.patient[::-1]] = np.arange(draws.patient.size)[::-1]
        used = at_risk & (last >= 0)
        status = np.where(last >= 0, draws.status[last], "")
        rest = times - moment
        found = Landmark(
            moment,
            int(at_risk.sum()),
            int((~at_risk).sum()),
            int((at_risk & (last < 0)).sum()),
            [],
            {
                start: {
                    end: int((used & (draws.status[first] == start) & (status == end)).sum())
                    for end in STATUSES
                }
                for start in STATUSES
            },
        )
        for name in STATUSES:
            member = used & (status == name)
            group: dict[str, Any] = {
                "status": name,
                "n": int(member.sum()),
                "events": int(events[member].sum()),
            }
            median = kaplan_meier(rest[member], events[member]).median() if member.any() else math.inf
            group["median"] = median if math.isfinite(median) else None
            found.groups.append(group)
        _compare(found, rest, events, used & (status != NO_CTC), status == POSITIVE, ties, level)
        out.append(found)
    return out


def _compare(
    found: Landmark,
    rest: Any,
    events: Any,
    known: Any,
    positive: Any,
    ties: Ties,
    level: float,
) -> None:
    """Add hazard ratio and log-rank of positive against negative."""
    marker = positive[known].astype(float)
    if marker.size == 0 or marker.min() == marker.max():
        found.note = "fewer than two groups at risk"
        return
    if events[known].sum() == 0:
        found.note = "no event after the landmark"
        return
    try:
        found.p_logrank = logrank(rest[known], events[known], marker)[2]
        fit = cox.fit(rest[known], events[known], marker, ties=ties, names=["CTC HER2"])
    except CohortError as why:
        found.note = str(why)
        return
    if not fit.converged:
        found.note = "the model has no estimate"
        return
    low, high = fit.profile_limits(0, level)
    found.hr, found.p = float(np.exp(fit.coef[0])), float(fit.wald_p()[0])
    found.lower = math.exp(low) if not math.isnan(low) else None
    found.upper = math.exp(high) if math.isfinite(high) else None
    if fit.penalised:
        found.note = "Firth's penalty: one group has no event"
