"""A synthetic cohort with the study's margins. Not one patient in it is real, and every row says so.

Counts the study prints are met exactly: 101 patients, 58 with 1 to 323 CTCs (mean 23, 36 of them with 1 to
10), 22 CTC HER2-positive by the rule, the cross-tables of Table 1, ranges and medians of age, the one-year
interval. What it does not print is drawn: which patient has which combination, the characteristics of those
without CTCs, scores below 3+, follow-up. PFS is Weibull with proportional hazards; its hazard ratio and
medians are the study's, its events those the printed limits imply. Draws whose estimates stray from the
truth are rejected, so that the cohort resembles the study and not any cohort of its size.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from host.stats import cox
from host.stats.errors import CohortError
from host.stats.km import kaplan_meier
from host.stats.paper import study
from host.stats.paper.categorical import interval_table
from host.stats.paper.findings import total_events
from host.stats.paper.models import line_of
from host.stats.paper.survival import weibull_shape
from host.stats.rules import NEGATIVE, NO_CTC, POSITIVE, SHIPPED, TALLY, statuses

LABEL = "simulated"
ATTEMPTS = 2000


@dataclass(frozen=True)
class Truth:
    """What the cohort was drawn from.

    Attributes:
        seed: gives the same cohort again.
        hr: hazard ratio of CTC HER2-positive against -negative.
        median_positive, median_negative, median_no_ctc: months.
        shape: of all three Weibull distributions; hr = (median_negative / median_positive)**shape.
        events_with_ctcs, events_no_ctc: aimed at by the length of follow-up.
        log_hr_tolerance, median_tolerance: how far the estimates may be from the truth (log scale, months).
        attempt: which draw met them.
    """

    seed: int
    hr: float
    median_positive: float
    median_negative: float
    median_no_ctc: float
    shape: float
    events_with_ctcs: int
    events_no_ctc: int
    log_hr_tolerance: float = 0.05
    median_tolerance: float = 0.5
    attempt: int = 0

    def to_json(self) -> dict[str, Any]:
        return {"specimen_kind": LABEL, **asdict(self)}


def study_truth(seed: int) -> Truth:
    """Return the truth that resembles the study."""
    hr = line_of("CTC HER2").hr.value
    positive, negative = study.KM_HER2.medians
    events = total_events().details
    with_ctcs = round(events["with_ctcs"])
    return Truth(
        seed=seed,
        hr=hr,
        median_positive=positive,
        median_negative=negative,
        median_no_ctc=study.KM_COUNT.medians[0],
        shape=weibull_shape(hr, (positive, negative)),
        events_with_ctcs=with_ctcs,
        events_no_ctc=round(events["enrolled"]) - with_ctcs,
    )


def weibull_scale(median: float, shape: float) -> float:
    """Scale a of S(t) = exp(-(t / a)**shape) with that median."""
    return float(median / math.log(2) ** (1 / shape))


def simulate(seed: int = 1) -> tuple[pd.DataFrame, Truth]:
    """Return a cohort of 101 patients and its truth.

    Columns: ``patient``, ``specimen_kind`` ("simulated"), ``age`` (years), ``er_pr``, ``metastases``,
    ``sites``, ``dfs`` (as printed, <=12 and >12), ``line``, ``treatment``, ``interval_years`` and
    ``interval`` (tissue to CTC test), ``ctc``, ``her2_0`` to ``her2_3plus``, ``ctc_status``,
    ``pfs_months``, ``progressed``.

    Raises:
        CohortError: no draw came near enough (not seen with any seed).
    """
    truth = study_truth(seed)
    rng = np.random.default_rng(seed)
    frame = _patients(rng)
    for attempt in range(ATTEMPTS):
        time, event = _follow_up(frame, truth, rng)
        if _near(frame, time, event, truth):
            frame["pfs_months"], frame["progressed"] = time, event
            frame = frame.sample(frac=1, random_state=int(rng.integers(2**31))).reset_index(drop=True)
            frame.insert(0, "patient", [f"SIM-{i + 1:03d}" for i in range(len(frame))])
            return frame, replace(truth, attempt=attempt)
    raise CohortError(f"No draw of {ATTEMPTS} resembled the study: take another --seed.")


def _patients(rng: np.random.Generator) -> pd.DataFrame:
    """Everything but follow-up: the positive patients first, then the negative, then those without CTCs."""
    sizes = (study.POSITIVE, study.NEGATIVE, study.ENROLLED - study.WITH_CTCS)
    frame = pd.DataFrame({"specimen_kind": [LABEL] * study.ENROLLED})
    frame["age"] = np.concatenate(_ages(rng))
    names = {
        "ER and/or PR": "er_pr",
        "number of metastases": "metastases",
        "metastatic sites": "sites",
        "DFS": "dfs",
        "systemic therapy line": "line",
        "treatment option": "treatment",
    }
    for characteristic in study.TABLE_1:
        levels = [
            level.name.replace("≥ ", ">=").replace("≤ ", "<=").replace("> ", ">")
            for level in characteristic.levels
        ]
        cells = np.array(characteristic.cells)
        parts = [rng.permutation(np.repeat(levels, cells[:, column])) for column in (0, 1)]
        share = cells.sum(axis=1) / cells.sum()
        parts.append(rng.choice(levels, size=sizes[2], p=share))
        frame[names[characteristic.name]] = np.concatenate(parts)
    frame["interval_years"], frame["interval"] = _intervals(rng, sizes)
    ctcs = np.concatenate([_ctc_counts(rng), np.zeros(sizes[2], dtype=np.int64)])
    frame["ctc"] = ctcs
    positive = np.arange(study.ENROLLED) < study.POSITIVE
    tallies = np.array([_tally(int(n), bool(p), rng) for n, p in zip(ctcs, positive, strict=True)])
    for i, name in enumerate(TALLY):
        frame[name] = tallies[:, i]
    frame["ctc_status"] = statuses(tallies)
    return frame


def _ages(rng: np.random.Generator) -> tuple[NDArray[np.int64], ...]:
    """Ages of the three groups; their medians, and those of all with CTCs and of all, are the study's.

    With the positive patients' middle at 49 and 49 and the negative ones' at 46 and 47, one positive
    patient of 48 and nobody else between the middles, the 29th and 30th of the 58 are 48 and 49, and a
    patient of 48 without CTCs makes the 51st of the 101 48.
    """

    def years(low: int, high: int, size: int) -> NDArray[np.int64]:
        return rng.integers(low, high, size=size, endpoint=True)

    all_, plus, minus = study.AGE_ENROLLED, study.AGE_POSITIVE, study.AGE_NEGATIVE
    positive = (
        [plus.youngest, 48, 49, 49, plus.oldest],
        years(plus.youngest, 47, 8),
        years(49, plus.oldest, 9),
    )
    negative = (
        [minus.youngest, 46, 47, minus.oldest],
        years(minus.youngest, 46, 16),
        years(49, minus.oldest, 16),
    )
    without = ([all_.youngest, 48], years(all_.youngest, 47, 20), years(49, all_.oldest, 21))
    return tuple(rng.permutation(np.concatenate(parts)) for parts in (positive, negative, without))


def _intervals(
    rng: np.random.Generator, sizes: tuple[int, int, int]
) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Years from tissue to CTC test, and on which side of one year, as many as the study has."""
    (above_negative, above_positive), below = interval_table()
    share = (above_negative + above_positive) / (above_negative + above_positive + sum(below))
    above = [
        rng.permutation(np.arange(sizes[0]) < above_positive),
        rng.permutation(np.arange(sizes[1]) < above_negative),
        rng.random(sizes[2]) < share,
    ]
    later = np.concatenate(above)
    n = later.size
    years = np.where(later, 1.01 + rng.exponential(2.0, n), rng.uniform(0.05, 0.99, n)).round(2)
    return years, np.where(later, ">1 year", "<1 year")


def _ctc_counts(rng: np.random.Generator) -> NDArray[np.int64]:
    """Return CTC counts of the 58: the study's range, mean and number of patients with 1 to 10."""
    few = np.clip(rng.geometric(0.25, size=study.FEW_CTCS - 1), 1, 10)
    total = round(study.CTC_MEAN.value * study.WITH_CTCS)
    many = study.WITH_CTCS - study.FEW_CTCS - 1
    rest = total - int(few.sum()) - study.CTC_MIN - study.CTC_MAX - 11 * many
    # Shares of what is left above 11 each: long-tailed, and none may pass the largest.
    weights = rng.lognormal(0, 1.0, many)
    extra = np.floor(rest * weights / weights.sum()).astype(np.int64)
    extra = np.minimum(extra, study.CTC_MAX - 11)
    while (short := rest - int(extra.sum())) > 0:
        open_ = np.flatnonzero(extra < study.CTC_MAX - 11)
        extra[rng.choice(open_, size=min(short, open_.size), replace=False)] += 1
    return rng.permutation(np.concatenate([few, [study.CTC_MIN], 11 + extra, [study.CTC_MAX]]))


def _tally(ctcs: int, positive: bool, rng: np.random.Generator) -> NDArray[np.int64]:
    """CTCs per score, with the status wanted by the rule."""
    tally: NDArray[np.int64] = np.zeros((1, 4), dtype=np.int64)
    if ctcs == 0:
        return tally.ravel()
    while True:
        share = rng.beta(4, 2.5) if positive else rng.beta(0.6, 5)
        three = int(rng.binomial(ctcs, share))
        tally[0, :3] = rng.multinomial(ctcs - three, (0.25, 0.4, 0.35) if positive else (0.5, 0.3, 0.2))
        tally[0, 3] = three
        if bool(SHIPPED.decide(tally)[0]) == positive:
            return tally.ravel()


def _medians(frame: pd.DataFrame, truth: Truth) -> NDArray[np.float64]:
    return np.select(
        [frame["ctc_status"] == POSITIVE, frame["ctc_status"] == NEGATIVE],
        [truth.median_positive, truth.median_negative],
        truth.median_no_ctc,
    )


def _follow_up(
    frame: pd.DataFrame, truth: Truth, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """PFS in months, and events. One draw per n-th of the distribution keeps each group near its truth."""
    status = frame["ctc_status"].to_numpy()
    u = np.empty(len(frame))
    for group in (POSITIVE, NEGATIVE, NO_CTC):
        member = status == group
        size = int(member.sum())
        u[member] = rng.permutation((np.arange(size) + rng.random(size)) / size)
    time = weibull_scale(1, truth.shape) * _medians(frame, truth) * (-np.log(u)) ** (1 / truth.shape)
    leaving = rng.random(len(frame))
    event = np.zeros(len(frame), dtype=np.int64)
    for member, wanted in (
        (status != NO_CTC, truth.events_with_ctcs),
        (status == NO_CTC, truth.events_no_ctc),
    ):
        limit = longest_follow_up(time[member], leaving[member], wanted)
        end = np.minimum(leaving[member] * limit, study.FOLLOW_UP)
        event[member] = time[member] <= end
        time[member] = np.minimum(time[member], end)
    return np.maximum(time.round(2), 0.01), event


def longest_follow_up(time: NDArray[np.float64], leaving: NDArray[np.float64], events: int) -> float:
    """Return the c for which follow-up that ends at ``leaving * c`` contains ``events`` events."""
    needed = np.sort(np.where(time <= study.FOLLOW_UP, time / leaving, np.inf))
    after = float(needed[events])
    return float(needed[events - 1] + min(after, needed[events - 1] * 1.01)) / 2


def _near(frame: pd.DataFrame, time: NDArray[np.float64], event: NDArray[np.int64], truth: Truth) -> bool:
    """True if hazard ratio and medians are within their tolerances of the truth."""
    status = frame["ctc_status"].to_numpy()
    for group, median in (
        (POSITIVE, truth.median_positive),
        (NEGATIVE, truth.median_negative),
        (NO_CTC, truth.median_no_ctc),
    ):
        found = kaplan_meier(time[status == group], event[status == group]).median()
        if not abs(found - median) <= truth.median_tolerance:
            return False
    known = status != NO_CTC
    fit = cox.fit(time[known], event[known], (status[known] == POSITIVE).astype(float))
    return bool(abs(float(fit.coef[0]) - math.log(truth.hr)) <= truth.log_hr_tolerance)
