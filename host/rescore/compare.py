"""A result beside the ground truth: cells found, missed and invented, scores given, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import core
from host.rescore.analyse import Measured
from host.rescore.errors import FramesError
from host.rescore.match import RADIUS_UM, match
from host.results.cells import PER_UNIT, SCORES

CTC = "ctc"
NOT_SEEN = "not seen"
AGAIN = "a CTC counted twice"
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Pair:
    """A true CTC and the cell that was found in its place."""

    truth: dict[str, Any]
    row: np.void

    @property
    def score(self) -> int:
        """The score given, 0 to 3."""
        return int(self.row["score"])


@dataclass(frozen=True, slots=True)
class Comparison:
    """One specimen's result beside its truth.

    Attributes:
        pairs: true CTCs that were found as CTCs.
        missed: the other true CTCs, each with the gate that rejected the object in its place, "not seen"
            where there is no object, or the fault of a run that is INVALID.
        false: cells called CTC that are none, each with what lies there.
        confusion: [4, 4] pairs by true score (row) and score given (column).
        valid: whether the run has a status.
    """

    pairs: list[Pair]
    missed: list[tuple[dict[str, Any], str]]
    false: list[tuple[np.void, str]]
    confusion: NDArray[np.int64]
    valid: bool = True
    remarks: list[str] = field(default_factory=list)

    @property
    def true_ctcs(self) -> int:
        """CTCs in the truth."""
        return len(self.pairs) + len(self.missed)

    @property
    def found_ctcs(self) -> int:
        """CTCs in the result."""
        return len(self.pairs) + len(self.false)

    def as_dict(self) -> dict[str, Any]:
        """Return counts, shares and reasons for JSON."""
        from host.rescore.agreement import kappa

        three, other = self.three_plus()
        return {
            "rule": f"one to one, as many pairs as possible, centres within {RADIUS_UM:g} um",
            "ctc": {
                "true": self.true_ctcs,
                "found": self.found_ctcs,
                "matched": len(self.pairs),
                "sensitivity": _share(len(self.pairs), self.true_ctcs),
                "precision": _share(len(self.pairs), self.found_ctcs),
            },
            "missed": dict(Counter(why for _, why in self.missed)),
            "false": dict(Counter(what for _, what in self.false)),
            "scores": list(SCORES),
            "confusion": self.confusion.tolist(),
            "kappa": _number(kappa(self.confusion, "none")),
            "kappa_quadratic": _number(kappa(self.confusion, "quadratic")),
            "three_plus": {"sensitivity": _share(*three), "specificity": _share(*other)},
        }

    def three_plus(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return true 3+ cells found as 3+ of all true 3+, and other true CTCs not called 3+ of all of them.

        A 3+ cell that is missed counts against sensitivity; any other that is missed was not called 3+.
        """
        lost = Counter(truth["her2_level"] == SCORES[3] for truth, _ in self.missed)
        high = int(self.confusion[3].sum()) + lost[True]
        low = int(self.confusion[:3].sum()) + lost[False]
        return (int(self.confusion[3, 3]), high), (low - int(self.confusion[:3, 3].sum()), low)


def compare(truth: list[dict[str, Any]], measured: Measured, um_per_pixel: float = 1.0) -> Comparison:
    """Match a result's CTCs with the true ones, field by field.

    Args:
        truth: as in a prepared specimen's ``meta``.
        measured: the result.
        um_per_pixel: of the frames.

    Raises:
        FramesError: the truth lacks what is needed.
    """
    _check(truth)
    is_ctc = (measured.rows["flags"] & core.FLAG_CTC) != 0
    places = np.stack((measured.rows["x"], measured.rows["y"]), axis=1) / PER_UNIT * um_per_pixel
    result = Comparison([], [], [], np.zeros((4, 4), np.int64), measured.fault is None)
    for number in range(measured.fields_planned):
        bodies = [body for body in truth if body["field"] == number]
        here = measured.rows["field"] == number
        if number >= measured.fields:
            result.missed.extend((body, "the run is INVALID") for body in bodies if body["class"] == CTC)
            continue
        _field(result, bodies, measured.rows[here], places[here], is_ctc[here])
    return result


def _field(
    result: Comparison,
    bodies: list[dict[str, Any]],
    rows: NDArray[np.void],
    places: NDArray[np.float64],
    is_ctc: NDArray[np.bool_],
) -> None:
    tumour = [body for body in bodies if body["class"] == CTC]
    others = [body for body in bodies if body["class"] != CTC]
    called, refused = np.flatnonzero(is_ctc), np.flatnonzero(~is_ctc)
    pairs = match(_places(tumour), places[called])
    taken = {j for _, j in pairs}
    lost = sorted(set(range(len(tumour))) - {i for i, _ in pairs})
    for i, j in pairs:
        row = rows[called[j]]
        result.pairs.append(Pair(tumour[i], row))
        result.confusion[SCORES.index(tumour[i]["her2_level"]), int(row["score"])] += 1
    reasons = dict(match(_places([tumour[i] for i in lost]), places[refused]))
    for n, i in enumerate(lost):
        why = core.gate_name(int(rows[refused[reasons[n]]]["gate"])) if n in reasons else NOT_SEEN
        result.missed.append((tumour[i], why))
    false = [called[j] for j in range(len(called)) if j not in taken]
    there = dict((j, i) for i, j in match(_places(others), places[false]))
    for n, index in enumerate(false):
        if n in there:
            what = str(others[there[n]]["class"])
        else:
            near = match(_places(tumour), places[index][None], RADIUS_UM * 2)
            what = AGAIN if near else NOTHING
        result.false.append((rows[index], what))


def _places(bodies: list[dict[str, Any]]) -> NDArray[np.float64]:
    return np.array([(body["x_um"], body["y_um"]) for body in bodies], np.float64).reshape(-1, 2)


def _check(truth: list[dict[str, Any]]) -> None:
    for body in truth:
        if not isinstance(body, dict) or not {"field", "x_um", "y_um", "class"} <= body.keys():
            raise FramesError(
                "The truth has an entry without field, x_um, y_um or class: give a specimen's own."
            )
        if body["class"] == CTC and body.get("her2_level") not in SCORES:
            raise FramesError(f"A true CTC has the level {body.get('her2_level')!r}: give one of {SCORES}.")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
