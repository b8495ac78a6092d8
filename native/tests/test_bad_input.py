"""Frames no sound reader delivers: an error, or no CTC; never a number that only looks right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from host import core

CHANNELS = (core.DARK, core.DAPI, core.CK, core.CD45, core.HER2)
Frame = NDArray[np.uint8]


def analysed(frame: Frame, dark: Frame | None = None) -> NDArray[np.void]:
    """One field of four equal frames."""
    blank = np.zeros((core.HEIGHT, core.WIDTH), np.uint8) if dark is None else dark
    frames = ((channel, blank if channel == core.DARK else frame) for channel in CHANNELS)
    return core.Core().analyse_field(0, frames)


def ctcs(cells: NDArray[np.void]) -> int:
    return int((cells["flags"] & core.FLAG_CTC != 0).sum())


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_frames_of_one_level_hold_nothing(level: int) -> None:
    frame = np.full((core.HEIGHT, core.WIDTH), level, np.uint8)
    assert len(analysed(frame)) == len(analysed(frame, dark=frame)) == 0


def test_saturation_is_told() -> None:
    """By it the reader voids the run: no status comes of frames at the top of the scale."""
    one = core.Core()
    one.begin(0)
    one.pixels[:] = 255
    one.analyse(core.DARK)
    assert one.quality(core.SATURATED) == core.HEIGHT * (core.WIDTH - core.STRIP_COLUMNS)


@pytest.mark.parametrize(("side", "pitch", "objects"), [(1, 2, 19276), (1, 3, 8692), (2, 3, 8692)])
def test_thousands_of_objects_are_an_error(side: int, pitch: int, objects: int) -> None:
    rows, columns = np.arange(core.HEIGHT) % pitch < side, np.arange(core.WIDTH) % pitch < side
    frame = np.where(rows[:, None] & columns, 200, 20).astype(np.uint8)
    frame[:, core.WIDTH - core.STRIP_COLUMNS :] = 20
    assert (
        len(range(0, core.HEIGHT, pitch)) * len(range(0, core.WIDTH - core.STRIP_COLUMNS, pitch)) == objects
    )
    with pytest.raises(core.Error) as caught:
        analysed(frame)
    assert caught.value.code in (core.ERROR_OBJECTS, core.ERROR_RUNS)


@pytest.mark.parametrize("share", [0.2, 0.45, 0.7, 0.95, 1.0])
def test_one_object_that_fills_the_frame_is_no_ctc(share: float) -> None:
    frame = np.full((core.HEIGHT, core.WIDTH), 20, np.uint8)
    frame[: round(share * core.HEIGHT), : core.WIDTH - core.STRIP_COLUMNS] = 120
    try:
        found = analysed(frame)
    except core.Error:
        return
    assert ctcs(found) == 0


@pytest.mark.parametrize("share", [0.6, 0.8, 1.0])
def test_what_fills_the_frame_is_told_as_a_bright_background(share: float) -> None:
    """By it the reader voids the run: nothing is found in such a frame, and that is not NO CTC."""
    one = core.Core()
    one.begin(0)
    one.pixels[:] = 20
    one.pixels[: round(share * core.HEIGHT)] = 120
    one.analyse(core.DAPI)
    assert one.quality(core.BACKGROUND) >= 70 * 64


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((core.HEIGHT - 1, core.WIDTH), np.uint8),
        np.zeros((core.HEIGHT, core.WIDTH + 1), np.uint8),
        np.zeros((core.WIDTH, core.HEIGHT), np.uint8),
        np.zeros((1, core.WIDTH), np.uint8),
        np.zeros(core.WIDTH, np.uint8),
        np.zeros((), np.uint8),
        np.zeros((core.HEIGHT, core.WIDTH), np.uint16),
        np.full((core.HEIGHT, core.WIDTH), 300.0),
        np.zeros((0, 0), np.uint8),
    ],
    ids=lambda frame: f"{frame.dtype} {frame.shape}",
)
def test_a_frame_of_another_shape_or_type_is_refused(frame: Any) -> None:
    """Also those that numpy would stretch or cut to fit."""
    with pytest.raises(ValueError, match="uint8"):
        core.Core().analyse_field(0, [(core.DAPI, frame)])
