"""One specimen of the plan: simulated, exposed, analysed, compared. Runs in a worker process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from host import board, core
from host.evaluate import plan
from host.evaluate.calibrated import MESF_PER_GREY, calibrated, with_light
from host.evaluate.plan import Condition
from host.imaging import Optics
from host.rescore import analyse, compare
from host.rescore.compare import CTC, Comparison
from host.rescore.frames import exposed
from host.results.cells import SCORES
from host.specimen import parameters, simulate

GAPS = ("overlapping", "touching", "near", "alone")
GAP_LIMITS = (-3.0, 0.5, 4.0)
"""From rim to rim of a CTC and its nearest neighbour, um: below -3 overlapping, below 0.5 touching (the blur
closes the gap), below 4 near."""

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one specimen adds to the counts; all that comes back from a worker.

    Attributes:
        condition, seed, reader: which specimen, and the serial number of the reader that saw it.
        valid: whether the run has a status; ``fault`` says why not.
        true, matched, found: CTCs.
        confusion: [16] matched CTCs, true score times 4 plus score given.
        three: true 3+ found as 3+; true 3+; others not called 3+; others.
        gaps: per class of ``GAPS``: true CTCs, matched ones.
        missed, false: reasons and how often.
        status, truth: measured, and what the rule says of the truth.
        her2: (true, measured) MESF per um2 of matched CTCs.
        examples: (reason, field, x um, y um) of failures.
    """

    condition: str
    seed: int
    reader: str
    valid: bool
    fault: str | None
    true: int
    matched: int
    found: int
    found_three: int
    confusion: tuple[int, ...]
    three: tuple[int, int, int, int]
    gaps: tuple[tuple[int, int], ...]
    missed: dict[str, int]
    false: dict[str, int]
    status: str
    truth: str
    her2: list[tuple[float, float]] = field(default_factory=list)
    examples: list[tuple[str, int, float, float]] = field(default_factory=list)


@lru_cache(maxsize=64)
def optics(reader: str, fall_off: float | None, hot: int | None, leak: float | None) -> Optics:
    """Return a reader's optics under a condition."""
    tables = board.load()
    if leak is not None:
        mixing = {row: dict(columns) for row, columns in tables["optics"]["spillover"].items()}
        mixing["her2"]["ck"] = leak
        tables = tables | {"optics": tables["optics"] | {"spillover": mixing}}
    return Optics.of(tables, reader, fall_off=fall_off, hot=hot)


def measure(condition: Condition, seed: int, number: int, config: core.Config) -> Outcome:
    """Measure one specimen of a condition.

    Args:
        condition: the kind.
        seed: of specimen and noise.
        number: of the specimen within its condition; readers take turns.
        config: the locked settings; each reader's calibration is added to them.
    """
    reader = f"READER-{number % plan.READERS}"
    seen_by = optics(reader, condition.fall_off, condition.hot, condition.leak)
    wishes = plan.wishes(condition, seed)
    specimen = simulate(parameters(seed, **wishes))
    light = wishes.get("her2_signal", 1.0)
    used = calibrated(config, seen_by, reader) if condition.calibrated else config
    used = with_light(used, light)
    frames = exposed(specimen, seen_by, seed ^ 0x5EED)
    measured = analyse(frames.pixels, used)
    truth = specimen.meta["truth"]
    compared = compare(truth, measured)
    three, other = compared.three_plus()
    return Outcome(
        condition=condition.name,
        seed=seed,
        reader=reader,
        valid=measured.fault is None,
        fault=measured.fault,
        true=compared.true_ctcs,
        matched=len(compared.pairs),
        found=measured.ctc,
        found_three=measured.tally[3],
        confusion=tuple(int(count) for count in compared.confusion.ravel()),
        three=(*three, *other),
        gaps=_gaps(truth, compared),
        missed=dict(Counter(why for _, why in compared.missed)),
        false=dict(Counter(what for _, what in compared.false)),
        status=measured.status,
        truth=_true_status(truth),
        her2=[
            (float(pair.truth["her2"]) / light * MESF_PER_GREY, float(pair.row["her2"]))
            for pair in compared.pairs[:40]
        ],
        examples=_examples(compared),
    )


def _gaps(truth: list[dict[str, Any]], compared: Comparison) -> tuple[tuple[int, int], ...]:
    """Count true and matched CTCs by how close their nearest neighbour is."""
    counts = [[0, 0] for _ in GAPS]
    table = np.array([(b["field"], b["x_um"], b["y_um"], b["diameter_um"] / 2) for b in truth]).reshape(-1, 4)
    for bodies, matched in (
        ([pair.truth for pair in compared.pairs], 1),
        ([body for body, _ in compared.missed], 0),
    ):
        for body in bodies:
            here = table[table[:, 0] == body["field"]]
            apart = np.hypot(here[:, 1] - body["x_um"], here[:, 2] - body["y_um"])
            gaps = apart - here[:, 3] - body["diameter_um"] / 2
            gaps[np.argmin(apart)] = np.inf  # itself
            kind = int(np.searchsorted(GAP_LIMITS, gaps.min(), side="right"))
            counts[kind][0] += 1
            counts[kind][1] += matched
    return tuple((whole, part) for whole, part in counts)


def _true_status(truth: list[dict[str, Any]]) -> str:
    levels = Counter(body["her2_level"] for body in truth if body["class"] == CTC)
    return core.status_text(core.decide(core.counts_of([levels[score] for score in SCORES])))


def _examples(compared: Comparison) -> list[tuple[str, int, float, float]]:
    found: list[tuple[str, int, float, float]] = []
    for body, why in compared.missed[:EXAMPLES]:
        found.append((f"missed: {why}", body["field"], body["x_um"], body["y_um"]))
    for row, what in compared.false[:EXAMPLES]:
        found.append((f"false: {what}", int(row["field"]), float(row["x"]) / 64, float(row["y"]) / 64))
    for pair in compared.pairs:
        true, given = pair.truth["her2_level"], SCORES[pair.score]
        if true != given and len(found) < 3 * EXAMPLES:
            found.append(
                (f"{true} scored {given}", pair.truth["field"], pair.truth["x_um"], pair.truth["y_um"])
            )
    return found
