"""Frames of a prepared specimen through the bench's own sensor model, without a reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import board
from host.bench.parts.scene import DYES, Scene


def expose(specimen: Path, seed: int) -> NDArray[np.uint8]:
    """Return frames [field, channel, row, column]: dark, dapi, ck, cd45, her2 at their nominal exposures.

    Args:
        specimen: as `host bench specimen` prepares it.
        seed: of the sensor's noise.

    Raises:
        BenchError: the file is not a specimen.
    """
    tables = board.load()
    black = float(tables["sensor"]["black_level"])
    scene = Scene(tables, seed)
    scene.insert(specimen)
    frames = np.empty((scene.fields, 1 + len(DYES), scene.height, scene.width), np.uint8)
    for field in frames:
        for channel, frame in enumerate(field):
            light = np.zeros(len(DYES), np.float32)
            if channel:
                light[channel - 1] = 1.0
            for row in range(scene.height):
                frame[row] = np.frombuffer(scene.row(row, light, 0.0, 1.0, black), np.uint8)
        scene.next_field()
    return frames
