"""What a frame must be for its run to have a status; the limits are the board's."""

import board
import ctc_core

from reader import channels
from reader.void import Void

_GREY = 64  # the core's steps to one grey level
_DARK_MOST = int(board.QUALITY_DARK_MAX * _GREY)
_BACKGROUND_MOST = int(board.QUALITY_BACKGROUND_MAX * _GREY)
_SATURATED_MOST = int(board.QUALITY_SATURATED_MAX * board.SENSOR_WIDTH * board.SENSOR_HEIGHT)

ITEMS = (
    ctc_core.BACKGROUND,
    ctc_core.NOISE,
    ctc_core.THRESHOLD,
    ctc_core.STRIP,
    ctc_core.SATURATED,
    ctc_core.MEAN,
)
"""The core's quality items in the record's order."""

# What this core counts beside them; one that does not know the item counts nothing.
_LEUKOCYTES: int = getattr(ctc_core, "LEUKOCYTES", -1)
_HOT: int = getattr(ctc_core, "HOT", -1)
COUNTS = _LEUKOCYTES >= 0 and _HOT >= 0

ALSO = ((_HOT, 1), None, None, (_LEUKOCYTES, 0), None) if COUNTS else (None,) * channels.COUNT
"""By channel: the core's item that is known after its frame, and its place in the record."""

BACKGROUND = 0
STRIP = 3
SATURATED = 4
MEAN = 5


def strip_limits(channel: int) -> "tuple[int, int]":
    """Return the least and the most that the strip may show above dark, 1/64 grey level."""
    expected = channels.STRIP[channel]
    margin = expected * board.QUALITY_STRIP_TOLERANCE
    return int((expected - margin) * _GREY), int((expected + margin) * _GREY)


def judge_dark(mean: int) -> None:
    """Raise Void when the dark frame's mean (1/64 grey level) is too high."""
    if mean > _DARK_MOST:
        raise Void(
            "DARK LEVEL",
            "the dark frame has %d grey levels, more than %d" % (mean // _GREY, _DARK_MOST // _GREY),
        )


def judge_strip(channel: int, strip: int, dark: int) -> None:
    """Raise Void when the reference strip is not as bright as a good LED makes it (1/64 grey level)."""
    low, high = strip_limits(channel)
    if not low <= strip - dark <= high:
        name = channels.NAMES[channel]
        raise Void(
            "LED " + name,
            "the reference strip shows %d grey levels in %s instead of %d"
            % ((strip - dark) // _GREY, name, channels.STRIP[channel]),
        )


def judge_background(channel: int, background: int, dark: int) -> None:
    """Raise Void when the frame's background is too bright above the dark frame's (1/64 grey level).

    What covers more than half of the window is the background to the core, which then finds no cell in it:
    such a run must not end as NO CTC.
    """
    if background - dark > _BACKGROUND_MOST:
        raise Void(
            "BACKGROUND",
            "the background of %s has %d grey levels, more than %d"
            % (channels.NAMES[channel], (background - dark) // _GREY, _BACKGROUND_MOST // _GREY),
        )


def judge_saturated(channel: int, pixels: int) -> None:
    """Raise Void when too many pixels are at the top of the scale."""
    if pixels > _SATURATED_MOST:
        raise Void("SATURATED", "%d pixels are saturated in %s" % (pixels, channels.NAMES[channel]))
