"""Repeated draws: simulated ones, and reading those of a study.

The study drew blood once and asks for more. Here CTC count and HER2 status change over time, and the hazard
follows the status of the moment. Simulated rows say so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from host.stats.data import Cohort
from host.stats.errors import CohortError
from host.stats.paper import study
from host.stats.rules import NO_CTC, POSITIVE, TALLY, check_tallies, statuses
from host.stats.simulate import LABEL, Truth, longest_follow_up, weibull_scale


@dataclass(frozen=True)
class Change:
    """How a simulated patient's CTCs change.

    Attributes:
        interval: months between draws (8 weeks: the study's scans are every 6 to 8).
        loss, gain: rates per month at which HER2 is lost and gained by the clone that sheds CTCs.
        response: factor of the CTC count from the first draw to the second.
        spread: standard deviation of the log count's step from draw to draw.
        background: expected CTCs of a patient with none at the first draw.
    """

    interval: float = 8 * 7 / (365.25 / 12)
    loss: float = 0.05
    gain: float = 0.02
    response: float = 0.6
    spread: float = 0.5
    background: float = 0.7

    def to_json(self) -> dict[str, float]:
        return asdict(self)


def _switches(positive: bool, change: Change, rng: np.random.Generator) -> list[float]:
    """Return the months at which the clone's status turns over, up to the horizon."""
    times: list[float] = []
    now = 0.0
    while True:
        rate = change.loss if positive else change.gain
        now = now + rng.exponential(1 / rate) if rate > 0 else study.FOLLOW_UP
        if now >= study.FOLLOW_UP:
            return times
        times.append(now)
        positive = not positive


def _event_time(
    start_positive: bool, switches: list[float], base: float, truth: Truth, limit: float
) -> float:
    """Return when the cumulative hazard reaches ``limit``.

    The hazard is base x shape x t**(shape - 1) / a**shape, times HR while the clone is positive; a is
    the scale of the negative patients.
    """
    scale = weibull_scale(truth.median_negative, truth.shape)
    done, begin, positive = 0.0, 0.0, start_positive
    for end in [*switches, np.inf]:
        rate = base * (truth.hr if positive else 1.0)
        step = rate * ((end / scale) ** truth.shape - (begin / scale) ** truth.shape)
        if done + step >= limit:
            return float(
                scale * ((begin / scale) ** truth.shape + (limit - done) / rate) ** (1 / truth.shape)
            )
        done, begin, positive = done + step, end, not positive
    raise AssertionError("the last step has no end")


def _draws_of(
    row: Any, positive: bool, switches: list[float], change: Change, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Return the draws of one patient until follow-up ends; the first is the cohort's own."""
    first = [int(getattr(row, name)) for name in TALLY]
    out = [
        {
            "patient": row.patient,
            "specimen_kind": LABEL,
            "months": 0.0,
            **dict(zip(TALLY, first, strict=True)),
        }
    ]
    mean = max(float(sum(first)), change.background) * change.response
    month = change.interval
    while round(month, 2) < row.pfs_months:
        turned = sum(1 for time in switches if time <= month)
        now = positive if turned % 2 == 0 else not positive
        ctcs = int(rng.poisson(mean))
        three = int(rng.binomial(ctcs, rng.beta(8, 5) if now else rng.beta(0.6, 6)))
        others = rng.multinomial(ctcs - three, (0.25, 0.4, 0.35) if now else (0.5, 0.3, 0.2))
        tally = dict(zip(TALLY, [*map(int, others), three], strict=True))
        out.append({"patient": row.patient, "specimen_kind": LABEL, "months": round(month, 2), **tally})
        mean *= float(np.exp(rng.normal(0.05, change.spread)))
        month += change.interval
    return out


def simulate_draws(
    cohort: pd.DataFrame, truth: Truth, change: Change | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give a simulated cohort repeated draws, and follow-up that answers to them.

    Args:
        cohort: of ``simulate.simulate``; its first draw and characteristics stay, its follow-up is drawn
            anew, since the hazard ratio is now that of the status of the moment.
        truth: its truth.
        change: how CTCs change.

    Returns:
        The cohort with new ``pfs_months`` and ``progressed``, and the draws: ``patient``,
        ``specimen_kind``, ``months``, ``ctc``, ``her2_0`` to ``her2_3plus``, ``ctc_status``.
    """
    change = change or Change()
    rng = np.random.default_rng([truth.seed, 1])
    out = cohort.copy()
    status = out["ctc_status"].to_numpy()
    known = status != NO_CTC
    share = (status == POSITIVE).sum() / known.sum()
    positive = np.where(known, status == POSITIVE, rng.random(len(out)) < share)
    paths = [_switches(bool(start), change, rng) for start in positive]
    # Without CTCs at the start the clone is there, unseen: the hazard follows it too, about the group's own
    # median.
    quiet = (truth.median_negative / truth.median_no_ctc) ** truth.shape / (share * truth.hr + 1 - share)
    time = np.array(
        [
            _event_time(bool(start), path, 1.0 if seen else quiet, truth, float(rng.exponential()))
            for start, path, seen in zip(positive, paths, known, strict=True)
        ]
    )
    leaving = rng.random(len(out))
    event = np.zeros(len(out), dtype=np.int64)
    for member, wanted in ((known, truth.events_with_ctcs), (~known, truth.events_no_ctc)):
        end = np.minimum(
            leaving[member] * longest_follow_up(time[member], leaving[member], wanted), study.FOLLOW_UP
        )
        event[member] = time[member] <= end
        time[member] = np.minimum(time[member], end)
    out["pfs_months"], out["progressed"] = np.maximum(time.round(2), 0.01), event
    rows = [
        draw
        for row, start, path in zip(out.itertuples(index=False), positive, paths, strict=True)
        for draw in _draws_of(row, bool(start), path, change, rng)
    ]
    draws = pd.DataFrame(rows)
    tallies = draws[list(TALLY)].to_numpy()
    draws.insert(3, "ctc", tallies.sum(axis=1))
    draws["ctc_status"] = statuses(tallies)
    return out, draws


@dataclass(frozen=True)
class Draws:
    """Draws of a study, in the order of patient and time.

    Attributes:
        patient: [d] position of the patient in the cohort.
        month: [d] time of the draw on the scale of follow-up.
        tally: [d, 4] CTCs per score.
        status: [d] POSITIVE, NEGATIVE or NO CTC, by the reader's rule.
        strangers: draws of patients who are not in the cohort, left out.
    """

    patient: NDArray[np.intp]
    month: NDArray[np.float64]
    tally: NDArray[np.int64]
    status: NDArray[np.str_]
    strangers: int

    def of(self, kept: NDArray[np.bool_]) -> Draws:
        """Return the draws of the patients marked in ``kept`` [n], who are counted anew from 0."""
        position = np.cumsum(kept) - 1
        own = kept[self.patient]
        return Draws(
            position[self.patient[own]], self.month[own], self.tally[own], self.status[own], self.strangers
        )

    def last_before(self, month: float, patients: int, oldest: float | None = None) -> NDArray[np.intp]:
        """Return for each patient [n] the index of the last draw at or before ``month``, -1 if there is none.

        A draw more than ``oldest`` before ``month`` does not count.
        """
        out = np.full(patients, -1, dtype=np.intp)
        usable = self.month <= month
        if oldest is not None:
            usable &= self.month >= month - oldest
        for i in np.flatnonzero(usable):
            out[self.patient[i]] = i
        return out


def join_draws(
    cohort: Cohort, table: Cohort, *, month: str = "months", tally: tuple[str, ...] = TALLY
) -> Draws:
    """Join a table of draws, several rows per patient, with the cohort by the cohort's patient column.

    Raises:
        CohortError: the cohort has no patient column or the draws lack it, a draw without time or with a
            negative one, two draws of a patient at one time, unusable counts, or no draw of anybody in the
            cohort.
    """
    if cohort.id is None:
        raise CohortError(
            "Draws are joined by patient, and the cohort has no patient column: name it with --id."
        )
    known = {patient: i for i, patient in enumerate(cohort.texts(cohort.id))}
    who = table.texts(cohort.id)
    months = table.numbers(month)
    if np.isnan(months).any() or (months < 0).any():
        bad = int(np.flatnonzero(np.isnan(months) | (months < 0))[0])
        raise CohortError(
            f'The draw at {table.place(bad)} has no time in column "{month}", or a negative one: correct it.'
        )
    counts = check_tallies(np.column_stack([table.numbers(name) for name in tally]))
    position = np.array([known.get(name, -1) for name in who], dtype=np.intp)
    kept = np.flatnonzero(position >= 0)
    if kept.size == 0:
        raise CohortError(f'No patient of the draws is in the cohort: compare their columns "{cohort.id}".')
    kept = kept[np.lexsort((months[kept], position[kept]))]
    same = (np.diff(position[kept]) == 0) & (np.diff(months[kept]) == 0)
    if same.any():
        first = kept[int(np.flatnonzero(same)[0])]
        raise CohortError(f"Patient {who[first]} has two draws at {months[first]:g}: keep one of them.")
    return Draws(
        position[kept], months[kept], counts[kept], statuses(counts[kept]), int((position < 0).sum())
    )
