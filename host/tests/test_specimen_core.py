"""The core, shown simulated fields as the sensor would see them, finds what the truth says.

Frames are made here in a few lines (black level, spillover, reference strip, and optionally noise, all from
the board's data); the bench's sensor model is tested with the bench.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from host import board, core
from host.specimen import Specimen, parameters, simulate
from host.specimen.cells import CK_FRAGMENT, CTC, SCORES
from host.specimen.geometry import CHANNELS

BOARD = board.load()
SENSOR = BOARD["sensor"]
SPILLOVER = np.array([[BOARD["optics"]["spillover"][row][column] for column in CHANNELS] for row in CHANNELS])
PER_LEVEL = SENSOR["full_scale_electrons"] / 255.0


def frames(
    field: NDArray[np.float32], noise: np.random.Generator | None
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield dark, dapi, ck, cd45 and her2 as 8-bit frames."""
    signal = np.zeros((1 + len(CHANNELS), SENSOR["height"], SENSOR["width"]))
    strips = [BOARD["channels"][name]["strip"] for name in CHANNELS]
    signal[1:] = np.array(strips)[:, None, None]
    signal[1:, :, : -SENSOR["strip_columns"]] = np.tensordot(SPILLOVER, field, axes=1)
    if noise is not None:
        read = noise.normal(0.0, SENSOR["read_noise_electrons"], signal.shape)
        signal = (noise.poisson(signal * PER_LEVEL) + read) / PER_LEVEL
    levels = np.clip(np.round(signal + SENSOR["black_level"]), 0, 255).astype(np.uint8)
    yield from enumerate(levels)


def found(specimen: Specimen, noise: np.random.Generator | None) -> list[tuple[dict[str, Any], list[Any]]]:
    """Return each true body with the core's objects whose centroid is within 3 um of it; {} has the rest."""
    pairs: list[tuple[dict[str, Any], list[Any]]] = []
    for number, field in enumerate(specimen.fields):
        objects = core.Core().analyse_field(number, frames(field, noise))
        claimed = np.zeros(len(objects), dtype=bool)
        for body in (body for body in specimen.meta["truth"] if body["field"] == number):
            near = np.hypot(objects["x"] / 64 - body["x_um"], objects["y"] / 64 - body["y_um"]) < 3.0
            pairs.append((body, list(objects[near])))
            claimed |= near
        pairs.append(({"class": "nothing"}, list(objects[~claimed])))
    return pairs


@pytest.mark.parametrize("noisy", [False, True], ids=["clean", "noisy"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_core_finds_and_scores_every_ctc_and_nothing_else(seed: int, noisy: bool) -> None:
    specimen = simulate(parameters(seed))
    for body, objects in found(specimen, np.random.default_rng(seed) if noisy else None):
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
    for body, objects in found(simulate(parameters(4, leukocytes=40)), None):
        if body["class"] == body_class:
            assert [core.gate_name(int(one["gate"])) for one in objects] == [gate]


def test_measured_her2_is_the_level_of_the_truth() -> None:
    """Within 10 %, and what CK leaks into HER2: at most 3 % of 150 grey levels."""
    for body, objects in found(simulate(parameters(5)), None):
        if body["class"] == CTC:
            (cell,) = objects
            assert 0.9 * body["her2"] < cell["mean"][3] / 64 < 1.15 * body["her2"] + 4.5


def test_a_specimen_decides_as_its_share_of_3plus_says() -> None:
    for share, status in ((0.2, core.NEGATIVE), (0.5, core.POSITIVE)):
        objects = [one for _, some in found(simulate(parameters(6, her2=share)), None) for one in some]
        scores = np.array([one["score"] for one in objects if one["flags"] & core.FLAG_CTC])
        counts = core.counts_of([int((scores == n).sum()) for n in range(4)])
        assert core.decide(counts) == status
