"""The flat field: how much of the mean each tile of the sensor sees, measured on an even dye slide.

Response of a tile = (its mean - dark) / (the frame's mean - dark), averaged over the frames (EMVA 1288
release 4.0, section 8: non-uniformity relative to the mean, dark subtracted).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host import core
from host.calibration.frames import CHANNELS, Frames
from host.calibration.limits import Check, limits

TILE_WIDTH, TILE_HEIGHT = 64, 61
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class FlatField:
    """``response`` [4, TILE_ROWS, TILE_COLUMNS], ``repeat`` its SD between frames, ``signal`` [4] in grey."""

    response: Numbers
    repeat: Numbers
    signal: Numbers
    frames: int
    checks: tuple[Check, ...]

    def apply(self, config: core.Config, calibration_id: str) -> core.Config:
        """Return the settings with this flat field."""
        tiles = np.rint(self.response.reshape(4, core.TILES) * core.FLAT_ONE).astype(int)
        return replace(config, calibration=calibration_id, flat=tuple(tuple(map(int, row)) for row in tiles))


def _tiles(image: Numbers) -> Numbers:
    """Return the mean of each tile of an image [row, column]."""
    rows = np.arange(core.TILE_ROWS) * TILE_HEIGHT
    columns = np.arange(core.TILE_COLUMNS) * TILE_WIDTH
    sums = np.add.reduceat(np.add.reduceat(image, rows, axis=0), columns, axis=1)
    counts = np.diff(np.append(rows, image.shape[0]))[:, None] * np.diff(np.append(columns, image.shape[1]))
    found: Numbers = sums / counts
    return found


def measure(frames: Frames) -> FlatField:
    """Return the flat field of frames [fields, 5, 244, 316] of an even slide."""
    limit = limits("flat")
    images = frames.astype(np.float64)
    dark = images[:, 0].mean(axis=0)
    above = images[:, 1:] - dark
    signal = above.mean(axis=(0, 2, 3))
    relative = np.array(
        [[_tiles(image) / max(float(image.mean()), 1e-9) for image in field] for field in above]
    )
    response = relative.mean(axis=0)
    repeat = relative.std(axis=0, ddof=1) if len(frames) > 1 else np.full_like(response, np.inf)
    checks = [
        Check(
            "frames", len(frames) >= limit["frames_min"], len(frames), f">= {limit['frames_min']:g}",
            f"there are {len(frames)} frames of each channel; take at least {limit['frames_min']:g}.",
        )
    ]  # fmt: skip
    low, high = limit["signal_min"], limit["signal_max"]
    for channel, grey in zip(CHANNELS, signal, strict=True):
        checks.append(
            Check(
                f"signal {channel}", bool(low <= grey <= high), float(grey), f"{low:g} to {high:g}",
                f"the slide shows {grey:.0f} grey levels above dark in {channel}, not {low:g} to {high:g}; "
                "use a slide of another strength.",
            )
        )  # fmt: skip
    low, high = limit["range_min"], limit["range_max"]
    for channel, tiles, spread in zip(CHANNELS, response, repeat, strict=True):
        worst = float(tiles.flat[np.argmax(np.abs(np.log(np.maximum(tiles, 1e-6))))])
        checks.append(
            Check(
                f"response {channel}", low <= worst <= high, worst, f"{low:g} to {high:g}",
                f"a tile in {channel} has {worst:.2f} of the mean; check that the light reaches it.",
            )
        )  # fmt: skip
        most = limit["repeat_max"]
        checks.append(
            Check(
                f"repeat {channel}", bool(spread.max() <= most), float(spread.max()), f"<= {most:g}",
                f"a tile in {channel} changes by {100 * float(spread.max()):.1f} % from frame to frame; "
                "check that the slide is even, clean and still, and the light steady.",
            )
        )  # fmt: skip
    return FlatField(response, repeat, signal, len(frames), tuple(checks))
