"""The core, shown simulated fields as a calibrated reader's camera would, finds what the truth says."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from host import board, core
from host.evaluate.calibrated import calibrated
from host.imaging import Optics
from host.rescore import Comparison, Measured, analyse, compare
from host.rescore.frames import exposed
from host.specimen import parameters, simulate
from host.specimen.cells import BARE_NUCLEUS, DOUBLE_POSITIVE, LEUKOCYTE

OPTICS = Optics.of(board.load(), "A")
SETTINGS = calibrated(core.Config.default(), OPTICS, "A")


def measured(seed: int, **wishes: Any) -> tuple[list[dict[str, Any]], Measured, Comparison]:
    """Return truth, result and comparison of a specimen."""
    specimen = simulate(parameters(seed, **wishes))
    result = analyse(exposed(specimen, OPTICS, seed).pixels, SETTINGS)
    truth = specimen.meta["truth"]
    return truth, result, compare(truth, result)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_core_finds_and_scores_every_ctc_and_nothing_else(seed: int) -> None:
    _, result, found = measured(seed)
    assert result.fault is None
    assert (found.missed, found.false) == ([], [])
    assert np.array_equal(found.confusion, np.diag(np.diag(found.confusion)))
    assert found.true_ctcs == 20


def near(result: Measured, body: dict[str, Any]) -> list[str]:
    """Return the gates of the objects within 3 um of a body."""
    rows = result.rows[result.rows["field"] == body["field"]]
    close = np.hypot(rows["x"] / 64 - body["x_um"], rows["y"] / 64 - body["y_um"]) < 3.0
    return [core.gate_name(int(row["gate"])) for row in rows[close]]


def test_what_is_no_ctc_fails_its_own_gate_or_is_no_object() -> None:
    truth, result, _ = measured(4, leukocytes=40, debris=40)
    counts: Counter[str] = Counter()
    for body in truth:
        counts[body["class"]] += 1
        if body["class"] == DOUBLE_POSITIVE:
            assert near(result, body) == ["cd45"]
        if body["class"] in (LEUKOCYTE, BARE_NUCLEUS):
            assert near(result, body) == []  # objects come from cytokeratin
    assert min(counts[kind] for kind in (DOUBLE_POSITIVE, LEUKOCYTE, BARE_NUCLEUS)) >= 8


def test_leukocytes_are_counted() -> None:
    _, result, _ = measured(5, leukocytes=120)
    assert result.leukocytes == pytest.approx(120, abs=6)


def test_measured_her2_is_the_density_of_the_truth() -> None:
    """The median within 15 %, single cells within a quarter or one grey level: 100 MESF per um2."""
    _, _, found = measured(6, ctc=60)
    ratios = []
    for pair in found.pairs:
        true, read = pair.truth["her2"] * 100, float(pair.row["her2"])
        assert abs(read - true) < 0.25 * true + 100
        ratios.append(read / true)
    assert np.median(ratios) == pytest.approx(1.0, abs=0.15)


def test_a_specimen_decides_as_its_share_of_3plus_says() -> None:
    for share, status in ((0.2, "NEGATIVE"), (0.5, "POSITIVE")):
        assert measured(6, her2=share)[1].status == status
