"""The core, shown simulated fields as the reader's camera would, finds what the truth says."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import pytest

from host import board, core
from host.imaging import Camera, Optics
from host.specimen import Specimen, parameters, simulate
from host.specimen.cells import CK_FRAGMENT, CTC, SCORES

OPTICS = Optics.of(board.load(), "A", hot=0)


def found(specimen: Specimen, seed: int) -> list[tuple[dict[str, Any], list[Any]]]:
    """Return each true body with the core's objects whose centroid is within 3 um of it; {} has the rest."""
    pairs: list[tuple[dict[str, Any], list[Any]]] = []
    camera = Camera(OPTICS, seed)
    for number, field in enumerate(specimen.fields):
        objects = core.Core().analyse_field(number, enumerate(camera.field(field)))
        claimed = np.zeros(len(objects), dtype=bool)
        for body in (body for body in specimen.meta["truth"] if body["field"] == number):
            near = np.hypot(objects["x"] / 64 - body["x_um"], objects["y"] / 64 - body["y_um"]) < 3.0
            pairs.append((body, list(objects[near])))
            claimed |= near
        pairs.append(({"class": "nothing"}, list(objects[~claimed])))
    return pairs


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_core_finds_and_scores_every_ctc_and_nothing_else(seed: int) -> None:
    specimen = simulate(parameters(seed))
    for body, objects in found(specimen, seed):
        ctc = [one for one in objects if one["flags"] & core.FLAG_CTC]
        if body["class"] == CTC:
            assert [SCORES[one["score"]] for one in ctc] == [body["her2_level"]], body
        else:
            assert ctc == [], body
        if body["class"] not in (CTC, CK_FRAGMENT, "nothing"):
            assert len(objects) == 1, body  # seen, and rejected; only fragments may be too small to see


@pytest.mark.parametrize(
    ("body_class", "gate"), [("leukocyte", "ck"), ("bare_nucleus", "ck"), ("double_positive", "cd45")]
)
def test_each_class_fails_its_own_gate(body_class: str, gate: str) -> None:
    for body, objects in found(simulate(parameters(4, leukocytes=40)), 1):
        if body["class"] == body_class:
            assert [core.gate_name(int(one["gate"])) for one in objects] == [gate]


def test_measured_her2_is_the_level_of_the_truth() -> None:
    """Within 10 %, and what CK leaks into HER2: at most 3 % of 150 grey levels."""
    for body, objects in found(simulate(parameters(5)), 1):
        if body["class"] == CTC:
            (cell,) = objects
            assert 0.9 * body["her2"] < cell["mean"][3] / 64 < 1.15 * body["her2"] + 4.5


def test_a_specimen_decides_as_its_share_of_3plus_says() -> None:
    for share, status in ((0.2, core.NEGATIVE), (0.5, core.POSITIVE)):
        objects = [one for _, some in found(simulate(parameters(6, her2=share)), 1) for one in some]
        scores = np.array([one["score"] for one in objects if one["flags"] & core.FLAG_CTC])
        counts = array("I", [*(int((scores == n).sum()) for n in range(4)), 0])
        assert core.decide(counts) == status
