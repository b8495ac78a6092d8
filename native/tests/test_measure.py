"""What the core measures of an object, against numpy and against what was put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from core_fields import GROUND, IMAGE, PLAIN, analysed, disc, ground, painted
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from host import core

SEED = st.integers(0, 2**32 - 1)
IDENTITY = np.eye(4)


def settings_with(matrix: NDArray[np.float64], error: NDArray[np.float64] | None = None) -> core.Config:
    """The plain settings with a spillover matrix and its standard uncertainty."""
    q16 = (matrix * 65536).round().astype(int)
    se = (np.zeros((4, 4)) if error is None else error) * 65536
    rows = tuple(tuple(int(v) for v in row) for row in q16)
    return replace(
        PLAIN,
        spillover=rows,  # type: ignore[arg-type]
        spillover_se=tuple(tuple(int(v) for v in row) for row in se.round().astype(int)),  # type: ignore[arg-type]
    )


@settings(max_examples=25)
@given(seed=SEED, radius=st.floats(3, 20), wide=st.integers(0, 60))
def test_pixels_of_an_object(seed: int, radius: float, wide: int) -> None:
    """Mean, standard deviation, median, maximum and saturation are those of its pixels; overlap too."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, IMAGE), rng.uniform(0, core.HEIGHT)
    cell, nucleus = disc(x, y, radius), disc(x, y, radius / 2)
    frames = {}
    for name, mask in (("dapi", nucleus), ("ck", cell), ("cd45", cell), ("her2", cell)):
        frames[name] = ground()
        levels = rng.integers(120 - wide, 121 + wide, mask.sum())
        levels[rng.random(mask.sum()) < 0.02 * (name != "ck")] = 255
        frames[name][:, :IMAGE][mask] = levels
    if nucleus.sum() < 4 or cell.sum() < 4:
        return
    (found,) = analysed(**frames).cells
    assert (found["area"], found["nucleus"]) == (cell.sum(), nucleus.sum())
    assert 0.9 * nucleus.sum() <= found["inside"] <= nucleus.sum()  # one cut by the image's edge is not round
    for signal, name in zip(found["signal"], ("dapi", "ck", "cd45", "her2"), strict=True):
        pixels = frames[name][:, :IMAGE][nucleus if name == "dapi" else cell].astype(np.int64)
        coarse = 16 if name == "dapi" else 1  # a nucleus keeps its deviation in 1/4 grey level
        assert signal["max"] == pixels.max()
        assert signal["median"] == np.sort(pixels)[(len(pixels) - 1) // 2]
        assert signal["saturated"] == -(-255 * np.sum(pixels == 255) // len(pixels))
        assert abs(int(signal["sd"]) - 64 * pixels.std()) <= coarse
        shared = found["area"] / found["nucleus"] if name == "dapi" else 1  # compensated over the cell
        assert abs(int(signal["mean"]) - 64 * (pixels.mean() - GROUND)) <= 1.5 + shared
        assert signal["background"] == 64 * GROUND
    saturated = any(np.any(frame[:, :IMAGE][cell] == 255) for frame in frames.values())
    assert bool(found["flags"] & core.FLAG_SATURATED) == saturated
    for overlap, name in zip(found["overlap"], ("ck", "cd45", "her2"), strict=True):
        above = int(found["inside"]) if np.any(frames[name][:, :IMAGE][nucleus] >= GROUND + 8) else 0
        assert overlap == above * 255 // nucleus.sum()


@settings(max_examples=25)
@given(seed=SEED, slope=st.floats(-0.1, 0.1), noise=st.floats(0.6, 4))
def test_background_comes_from_around_the_cell(seed: int, slope: float, noise: float) -> None:
    """Uneven haze and noise: the ring has the background at the cell, within six standard errors."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(30, IMAGE - 30), rng.uniform(30, core.HEIGHT - 30)
    rows, columns = np.mgrid[: core.HEIGHT, : core.WIDTH]
    haze = 40 + slope * (columns - x) + slope * (rows - y)
    cell = disc(x, y, 7)
    frames = {}
    for name, level in (("dapi", 0), ("ck", 90), ("cd45", 0), ("her2", 40)):
        light = haze.copy()
        light[:, :IMAGE][cell] += level
        frames[name] = np.clip((light + rng.normal(0, noise, light.shape)).round(), 0, 255).astype(np.uint8)
    cells = analysed(**frames).cells
    found = cells[np.argmax(cells["area"])]
    assert abs(int(found["area"]) - cell.sum()) <= 2
    for signal, level in zip(found["signal"][1:], (90, 0, 40), strict=True):
        error = 6 * noise * np.sqrt(1 / cell.sum() + np.pi / 2 / 250) + 0.1
        assert abs(signal["background"] / 64 - 40) < error
        assert abs(signal["mean"] / 64 - level) < error
    assert not found["flags"] & core.FLAG_NO_RING


def test_neighbours_do_not_count_as_background() -> None:
    """A cell with bright neighbours all around reads as one on its own."""
    alone = disc(150, 120, 6)
    crowd = alone.copy()
    for angle in np.arange(0, 2 * np.pi, 0.7):
        crowd |= disc(150 + 17 * np.cos(angle), 120 + 17 * np.sin(angle), 6)
    signals = []
    for mask in (alone, crowd):
        cells = analysed(ck=painted((mask, 100)), her2=painted((mask, 80))).cells
        (found,) = [cell for cell in cells if cell["area"] == alone.sum()]
        signals.append([int(mean) for mean in found["signal"]["mean"]])
    assert signals[0] == signals[1]
    assert signals[0][3] == 60 * 64


@settings(max_examples=30)
@given(seed=SEED)
def test_spillover_is_taken_out(seed: int) -> None:
    """Light of known dyes mixed by a known matrix: the dyes come back, to the rounding of the frames."""
    rng = np.random.default_rng(seed)
    matrix = IDENTITY + rng.uniform(0, 0.25, (4, 4)) * (1 - IDENTITY)
    dyes = np.array([0, rng.uniform(60, 110), rng.uniform(0, 60), rng.uniform(0, 60)])
    matrix[:, 0] = IDENTITY[:, 0]  # without a nucleus, DAPI has no part in it
    matrix[0, :] = IDENTITY[0, :]
    light = (matrix @ dyes).round()
    mask = disc(150, 120, 8)
    frames = {
        name: painted((mask, GROUND + int(level)))
        for name, level in zip(("ck", "cd45", "her2"), light[1:], strict=True)
    }
    (cell,) = analysed(settings_with(matrix), **frames).cells
    exact = np.linalg.inv(matrix) @ light
    assert np.all(np.abs(cell["signal"]["mean"][1:] / 64 - exact[1:]) < 0.05)
    assert np.all(np.abs(cell["signal"]["mean"][1:] / 64 - dyes[1:]) < 2)
    off = replace(settings_with(matrix), corrections=core.CORRECT_ALL & ~8)
    (raw,) = analysed(off, **frames).cells
    assert np.array_equal(raw["signal"]["mean"][1:], light[1:] * 64)
    for key in ("max", "median", "sd", "background"):  # these stay as they were read
        assert np.array_equal(raw["signal"][key], cell["signal"][key])


def test_dapi_that_spills_into_her2_is_taken_out_by_area() -> None:
    """DAPI lights HER2 over the nucleus alone: a tenth of its light, spread over the cell."""
    matrix = IDENTITY.copy()
    matrix[3, 0] = 0.1
    cell, nucleus = disc(150, 120, 8), disc(150, 120, 5)
    her2 = painted((cell, GROUND + 40))
    her2[:, :IMAGE][nucleus] += 10
    (found,) = analysed(
        settings_with(matrix), dapi=painted((nucleus, GROUND + 100)), ck=painted((cell, 100)), her2=her2
    ).cells
    assert abs(found["signal"]["mean"][3] / 64 - 40) < 0.05
    assert abs(found["signal"]["mean"][0] / 64 - 100) < 0.05


@settings(max_examples=20)
@given(seed=SEED)
def test_flat_field_is_taken_out(seed: int) -> None:
    """Light that differs from tile to tile: equal cells at tile centres read equal HER2."""
    rng = np.random.default_rng(seed)
    response = rng.integers(core.FLAT_MIN, core.FLAT_MAX, core.TILES)
    flat = tuple(int(v) for v in response)
    config = replace(PLAIN, flat=(flat, flat, flat, flat))
    frames = {name: ground() for name in ("dapi", "ck", "her2")}
    for tile, share in enumerate(response / core.FLAT_ONE):
        x, y = 64 * (tile % 5) + 32, 61 * (tile // 5) + 30
        for name, level, radius in (("dapi", 80, 4), ("ck", 90, 7), ("her2", 60, 7)):
            frames[name][:, :IMAGE][disc(x, y, radius)] = GROUND + round(level * share)
    cells = analysed(config, **frames).cells
    assert len(cells) == core.TILES
    assert np.all(np.abs(cells["signal"]["mean"][:, 3] / 64 - 60) < 1.5)
    assert np.all(cells["score"] == 2)
    raw = analysed(replace(config, corrections=core.CORRECT_ALL & ~2), **frames).cells
    assert np.ptp(raw["signal"]["mean"][:, 3]) > 20 * 64


@pytest.mark.parametrize("level", [0, 8, 9, 26, 27, 69, 70, 200])
def test_score_and_range(level: int) -> None:
    """The score is that of MESF = 100 a grey level; its range that of two standard errors either way."""
    cell, nucleus = disc(150, 120, 7), disc(150, 120, 4)
    (found,) = analysed(
        dapi=painted((nucleus, 120)), ck=painted((cell, 110)), her2=painted((cell, GROUND + level))
    ).cells
    assert found["her2"] == 100 * level
    assert found["score"] == sum(100 * level >= cut for cut in PLAIN.score_min)
    se = found["her2_se"] / 64
    low, high = (sum(100 * (level + side * 2 * se) >= cut for cut in PLAIN.score_min) for side in (-1, 1))
    assert (found["range"] & 15, found["range"] >> 4) == (low, high)
    assert bool(found["flags"] & core.FLAG_BORDERLINE) == (low != high)


DARK, GAIN = 10, 3.7
"""Of the simulated sensor: dark level, electrons a grey level."""


def exposed(rng: np.random.Generator, light: NDArray[np.float64]) -> NDArray[np.uint8]:
    """One exposure: photon noise, which grows with the light."""
    return np.clip((DARK + rng.poisson(light * GAIN) / GAIN).round(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("her2", [0, 20, 60])
@pytest.mark.parametrize("radius", [5, 9])
@pytest.mark.parametrize("share", [0.0, 0.1])
def test_standard_error_is_the_spread_that_is_seen(her2: int, radius: int, share: float) -> None:
    """Cells exposed again and again: HER2 spreads as its stated error says, within a quarter."""
    rng = np.random.default_rng(1000 * her2 + 10 * radius + round(100 * share))
    matrix = IDENTITY.copy()
    matrix[3, 1] = share
    config = replace(settings_with(matrix))
    places = [(25 + 40 * i, 30 + 45 * j) for i in range(7) for j in range(5)]
    cell = np.logical_or.reduce([disc(x, y, radius) for x, y in places])
    nucleus = np.logical_or.reduce([disc(x, y, 4) for x, y in places])
    haze = 12.0
    read, stated = [], []
    for _ in range(8):
        frames = {}
        for name, mask, level in (
            ("dark", cell, -haze), ("dapi", nucleus, 100), ("ck", cell, 90), ("cd45", cell, 0),
            ("her2", cell, her2 + share * 90),
        ):  # fmt: skip
            light = np.full((core.HEIGHT, core.WIDTH), haze if name != "dark" else 0.0)
            light[:, :IMAGE][mask] += max(level, 0)
            frames[name] = exposed(rng, light)
        found = analysed(config, **frames).cells
        found = found[found["area"] > 40]
        assert len(found) == len(places)
        read += (found["signal"]["mean"][:, 3] * (found["area"] / found["body"])).tolist()
        stated += found["her2_se"].tolist()
    assert abs(np.mean(read) / 64 - her2) < 1
    assert 0.75 < np.sqrt(np.mean(np.square(stated))) / np.std(read) < 1.25


def test_uncertain_spillover_widens_the_error() -> None:
    """A share known to 0.01 of a CK of 90: 0.9 grey levels more, first order."""
    cell, nucleus = disc(150, 120, 7), disc(150, 120, 4)
    error = np.zeros((4, 4))
    error[3, 1] = 0.01
    frames = {
        "dapi": painted((nucleus, 120)),
        "ck": painted((cell, GROUND + 90)),
        "her2": painted((cell, GROUND + 50)),
    }
    (known,) = analysed(settings_with(IDENTITY), **frames).cells
    (unsure,) = analysed(settings_with(IDENTITY, error), **frames).cells
    added = np.sqrt(float(unsure["her2_se"]) ** 2 - float(known["her2_se"]) ** 2) / 64
    assert abs(added - 0.9) < 0.05
    assert known["her2"] == unsure["her2"]


GATES: dict[str, tuple[dict[str, int], str]] = {
    "least CK": ({"ck_min": 91 * 64}, "ck"),
    "least CK over its noise": ({"ck_snr_min": 65535}, "ck"),
    "least nucleus": ({"nucleus_min": 60}, "dapi"),
    "least DAPI": ({"dapi_min": 101 * 64}, "dapi"),
    "greatest CD45": ({"cd45_max": 4 * 64}, "cd45"),
    "greatest share of CD45": ({"cd45_share_max": 50}, "cd45"),
    "least area": ({"area_min": 150}, "small"),
    "greatest area": ({"area_max": 148}, "large"),
    "greatest P2A": ({"shape_max": 24}, "shape"),
    "greatest eccentricity": ({"eccentricity_max": 100}, "shape"),
    "least overlap": ({"overlap_min": 1000}, "nucleus"),
    "least focus": ({"focus_min": 1100}, "focus"),
    "greatest saturation": ({"saturated_max": 1}, "saturated"),
}


@pytest.mark.parametrize("name", GATES)
def test_every_gate_alone(name: str) -> None:
    """One cell that passes all gates as built in, and fails each when its limit is set just beyond it."""
    limit, gate = GATES[name]
    cell, nucleus = disc(150, 120, 7) & ~disc(150, 127, 0.5), disc(150, 124.6, 4)
    cell |= disc(158, 120, 0.5)  # so that it is not quite round, and 149 pixels
    her2 = painted((cell, GROUND + 50))
    her2[118, 150] = 255
    frames = {
        "dapi": painted((nucleus, GROUND + 100)), "ck": painted((cell, GROUND + 90)),
        "cd45": painted((cell, GROUND + 5)), "her2": her2,
    }  # fmt: skip
    (passed,) = analysed(**frames).cells
    assert (passed["gate"], passed["area"], passed["flags"] & core.FLAG_CTC) == (0, 149, core.FLAG_CTC)
    (failed,) = analysed(replace(PLAIN, gates=replace(PLAIN.gates, **limit)), **frames).cells
    assert core.gate_name(int(failed["gate"])) == gate
    assert (failed["score"], failed["range"], failed["flags"] & core.FLAG_CTC) == (255, 255, 0)
    for key in ("area", "her2", "signal", "focus", "perimeter"):  # a gate judges, and changes nothing
        assert np.array_equal(failed[key], passed[key])


@settings(max_examples=30)
@given(
    seed=SEED,
    noise=st.sampled_from([0.5, 2.0, 6.0, 20.0, 80.0]),
    level=st.sampled_from([0, 16, 60, 128, 200, 255]),
    slope=st.sampled_from([0.0, 0.2, 0.6]),
)
def test_frames_without_cells_have_no_ctc(seed: int, noise: float, level: int, slope: float) -> None:
    """Sensor noise of any width on any level, even or uneven: nothing that counts as a CTC, or an error."""
    rng = np.random.default_rng(seed)
    shape = (core.HEIGHT, core.WIDTH)
    frames = {}
    for name in ("dapi", "ck", "cd45", "her2"):
        light = level + slope * np.mgrid[: core.HEIGHT, : core.WIDTH][1] + rng.normal(0, noise, shape)
        frames[name] = np.clip(light.round(), 0, 255).astype(np.uint8)
    try:
        field = analysed(core.Config.default(), **frames)
    except core.Error as error:
        assert error.code in (core.ERROR_RUNS, core.ERROR_OBJECTS)
        return
    assert not np.any(field.cells["flags"] & core.FLAG_CTC)
