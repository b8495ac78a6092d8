"""Objects of random masks against scipy's labelling and numpy's sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from host import core

IMAGE = core.WIDTH - core.STRIP_COLUMNS
SPECK = 4
BASE = 20
EIGHT = np.ones((3, 3))

Mask = NDArray[np.bool_]


def random_mask(seed: int, blobs: int, roughness: float, runs: int) -> Mask:
    """A mask of random discs, eaten and sprinkled at random, within the core's bounds for runs."""
    rng = np.random.default_rng(seed)
    yy, xx = np.mgrid[: core.HEIGHT, :IMAGE]
    mask = np.zeros((core.HEIGHT, IMAGE), bool)
    for _ in range(blobs):
        x, y, r = rng.uniform(-5, IMAGE + 5), rng.uniform(-5, core.HEIGHT + 5), rng.uniform(1, 14)
        mask |= (xx - x) ** 2 + (yy - y) ** 2 < r * r
    mask &= rng.random(mask.shape) > roughness
    mask |= rng.random(mask.shape) < roughness / 500
    starts = np.cumsum(np.diff(mask, axis=1, prepend=False).clip(0) & mask)
    return mask & (starts.reshape(mask.shape) <= runs)


def frame_of(mask: Mask, seed: int) -> NDArray[np.uint8]:
    """Level 20 outside the mask, random levels of 60..254 inside; most pixels stay background."""
    rng = np.random.default_rng(seed)
    frame = np.full((core.HEIGHT, core.WIDTH), BASE, np.uint8)
    frame[:, :IMAGE][mask] = rng.integers(60, 255, mask.sum())
    frame[:, IMAGE:] = 255
    return frame


def perimeter(mask: Mask) -> int:
    padded = np.pad(mask, 1)
    return int(sum(np.abs(np.diff(padded.astype(np.int8), axis=axis)).sum() for axis in (0, 1)))


def mean(values: NDArray[np.uint8], background: int) -> int:
    total, n = int(values.sum(dtype=np.int64)), len(values)
    return max(0, (total * 64 + n // 2) // n - background) if n else 0


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    blobs=st.integers(0, 40),
    roughness=st.sampled_from([0.0, 0.02, 0.1, 0.25]),
)
def test_against_scipy(seed: int, blobs: int, roughness: float) -> None:
    dapi, ck = (random_mask(seed + i, blobs, roughness, 1500) for i in (0, 1))
    masks = (dapi, ck, dapi & False, ck)
    frames = [frame_of(mask, seed + i) for i, mask in enumerate(masks)]
    reader = core.Core()
    reader.begin(7)
    backgrounds = []
    for channel, frame in enumerate(frames, core.DAPI):
        reader.pixels[:] = frame
        reader.analyse(channel)
        backgrounds.append(reader.quality(core.BACKGROUND))
    assert backgrounds == [BASE * 64] * 4

    union = dapi | ck
    labels, count = ndimage.label(union, EIGHT)
    kept = [i for i in range(1, count + 1) if np.sum(labels == i) >= SPECK]
    assert reader.end() == len(kept)
    cells = reader.cells()
    for cell, label in zip(cells, kept, strict=True):
        region = labels == label
        y, x = np.nonzero(region)
        area = len(x)
        nucleus = region & dapi
        assert (cell["field"], cell["area"], cell["nucleus"]) == (7, area, nucleus.sum())
        assert cell["x"] == (64 * int(x.sum()) + area // 2) // area
        assert cell["y"] == (64 * int(y.sum()) + area // 2) // area
        assert (cell["width"], cell["height"]) == (min(255, np.ptp(x) + 1), np.ptp(y) + 1)
        assert cell["perimeter"] == perimeter(region)
        assert bool(cell["flags"] & core.FLAG_EDGE) == bool(
            x.min() == 0 or y.min() == 0 or x.max() == IMAGE - 1 or y.max() == core.HEIGHT - 1
        )
        assert cell["mean"][0] == mean(frames[0][:, :IMAGE][nucleus], BASE * 64)
        for i in (1, 2, 3):
            assert cell["mean"][i] == mean(frames[i][:, :IMAGE][region], BASE * 64)


def test_order_is_that_of_the_first_pixel(flat: NDArray[np.uint8]) -> None:
    """A late branch to the left does not change which object comes first."""
    frame = flat.copy()
    frame[50:60, 200:203] = 200
    frame[59, 100:203] = 200
    frame[52:56, 20:24] = 200
    reader = core.Core()
    frames = [(core.DAPI, frame), (core.CK, frame), (core.CD45, flat), (core.HER2, flat)]
    cells = reader.analyse_field(0, frames)
    assert [int(cell["area"]) for cell in cells] == [30 + 100, 16]


@pytest.mark.parametrize("channel", [core.DAPI, core.CK, core.CD45, core.HER2])
def test_saturation_is_flagged_in_every_channel(channel: int, flat: NDArray[np.uint8]) -> None:
    frames = {}
    for number in (core.DAPI, core.CK, core.CD45, core.HER2):
        frames[number] = flat.copy()
        frames[number][40:50, 40:50] = 120
        frames[number][100:110, 40:50] = 120
    frames[channel][109, 49] = 255
    cells = core.Core().analyse_field(0, frames.items())
    assert [bool(cell["flags"] & core.FLAG_SATURATED) for cell in cells] == [False, True]


def test_a_pixel_on_the_threshold_counts(flat: NDArray[np.uint8]) -> None:
    frame = flat.copy()
    frame[10:20, 10:20] = 32  # 12 above background: the default's least threshold
    frame[30:40, 10:20] = 31
    cells = core.Core().analyse_field(
        0, [(core.DAPI, frame), (core.CK, flat), (core.CD45, flat), (core.HER2, flat)]
    )
    assert [int(cell["area"]) for cell in cells] == [100]


def test_strip_is_never_an_object(flat: NDArray[np.uint8]) -> None:
    cells = core.Core().analyse_field(
        0, [(core.DAPI, flat), (core.CK, flat), (core.CD45, flat), (core.HER2, flat)]
    )
    assert len(cells) == 0
