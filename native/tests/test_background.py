"""Background, noise and the other quality figures against numpy, and against what was put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from host import core

IMAGE = core.WIDTH - core.STRIP_COLUMNS
ROUNDING = 4 / 64
"""Grey levels that fixed point may be off in twice a width."""


NOTHING = replace(core.Config.default(), corrections=0)
"""No hot pixels are looked for: these frames are full of them."""


def quality(frame: NDArray[np.uint8]) -> list[int]:
    reader = core.Core(NOTHING)
    reader.begin(0)
    reader.pixels[:] = frame
    reader.analyse(core.DARK)
    return [reader.quality(item) for item in range(6)]


def sampled(frame: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    """Every fourth pixel of each tile, one column further in each row (tiles.h)."""
    high, wide = core.HEIGHT // core.TILE_ROWS, 64
    tiles = []
    for top in range(0, core.HEIGHT, high):
        for left in range(0, IMAGE, wide):
            tile = frame[top : top + high, left : min(left + wide, IMAGE)]
            tiles.append(np.concatenate([row[y % 4 :: 4] for y, row in enumerate(tile)]).astype(np.int64))
    assert len(tiles) == core.TILES
    return tiles


def median_tile(values: list[float]) -> float:
    return sorted(values)[core.TILES // 2]


def specimen(seed: int, level: float, noise: float, share: float) -> NDArray[np.uint8]:
    """Normal background, with a share of the pixels brighter by 20..180."""
    rng = np.random.default_rng(seed)
    frame = rng.normal(level, noise, (core.HEIGHT, core.WIDTH))
    frame += (rng.random(frame.shape) < share) * rng.uniform(20, 180, frame.shape)
    return np.clip(frame.round(), 0, 255).astype(np.uint8)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    level=st.floats(10, 60),
    noise=st.floats(0.7, 4),
    share=st.sampled_from([0.0, 0.05, 0.2, 0.4]),
)
def test_background_is_found_under_objects(seed: int, level: float, noise: float, share: float) -> None:
    background, width, *_ = quality(specimen(seed, level, noise, share))
    assert abs(background / 64 - level) < 0.1 + 0.15 * noise
    assert abs(width / 64 - noise) < 0.1 + 0.25 * noise


def reference(values: NDArray[np.int64]) -> list[tuple[float, float]]:
    """The estimator as background.h words it, in floating point, from the pixels themselves.

    Where two widths are a whole number of levels, fixed point may find the reach on either side of it: both
    answers are given then.
    """
    counts = np.bincount(values, minlength=256).astype(float)
    peak = int(np.argmax(np.convolve(counts, [1, 2, 1], "same")))
    edges = np.arange(257) - 0.5
    cumulated = np.concatenate([[0], np.cumsum(counts)])

    def width(centre: float) -> float:
        below = np.interp(centre, edges, cumulated)
        occupied = np.concatenate([[True], np.diff(cumulated) > 0])
        median = np.interp(below / 2, cumulated[occupied], edges[occupied])
        return float(1.4826 * (centre - median))

    found = []
    for reach in {int(np.ceil(2 * width(peak) + slack)) for slack in (-ROUNDING, ROUNDING)}:
        mean = float(values[np.abs(values - peak) <= reach].mean())
        found.append((mean, width(mean)))
    return found


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), level=st.floats(5, 200), noise=st.floats(0.5, 6))
def test_against_reference(seed: int, level: float, noise: float) -> None:
    """The median tile's figures; where a tile has two answers, between the least and the most."""
    frame = specimen(seed, level, noise, 0.1)
    figures = quality(frame)
    tiles = [reference(values) for values in sampled(frame)]
    for item, number, slack in ((core.BACKGROUND, 0, 3), (core.NOISE, 1, 6)):
        low, high = (
            median_tile([64 * pick(a[number] for a in answers) for answers in tiles]) for pick in (min, max)
        )
        assert low - slack < figures[item] < high + slack


def test_mean_strip_and_saturation() -> None:
    rng = np.random.default_rng(3)
    frame = rng.integers(0, 256, (core.HEIGHT, core.WIDTH), np.uint8)
    image, strip = np.concatenate(sampled(frame)), frame[:, IMAGE:].astype(np.int64)
    figures = quality(frame)
    assert figures[core.MEAN] == (64 * image.sum() + image.size // 2) // image.size
    assert figures[core.STRIP] == (64 * strip.sum() + strip.size // 2) // strip.size
    assert figures[core.SATURATED] == 4 * np.sum(image == 255)
    assert figures[core.THRESHOLD] == 0


def test_hot_pixels_are_counted() -> None:
    frame = specimen(5, 16, 1.5, 0)
    for i in range(7):
        frame[20 + 30 * i, 11 + 43 * i] = 90
    frame[100, 200] = 16 + 5  # noise
    frame[100, IMAGE] = 255  # the strip's
    reader = core.Core()
    reader.begin(0)
    reader.pixels[:] = frame
    reader.analyse(core.DARK)
    assert reader.quality(core.HOT) == 7


@pytest.mark.parametrize("level", [0, 1, 16, 127, 128, 254, 255])
def test_one_level(level: int) -> None:
    figures = quality(np.full((core.HEIGHT, core.WIDTH), level, np.uint8))
    assert figures[core.BACKGROUND] == figures[core.MEAN] == figures[core.STRIP] == 64 * level
    assert figures[core.NOISE] == 24  # 0.37 of a level: background.h
