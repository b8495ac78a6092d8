"""Frames of a prepared specimen through a reader's optics and sensor, without the reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import board
from host.imaging import Camera, Optics
from host.specimen.io import load


def expose(specimen: Path, seed: int, reader: str = "SIMULATED") -> NDArray[np.uint8]:
    """Return frames [field, channel, row, column]: dark, dapi, ck, cd45, her2 at their nominal exposures.

    Args:
        specimen: as `host bench specimen` prepares it.
        seed: of the sensor's noise.
        reader: serial number of the reader whose optics these are: a calibration is that reader's alone.

    Raises:
        SpecimenError: the file is not a specimen.
    """
    made = load(specimen)
    camera = Camera(Optics.of(board.load(), reader), seed)
    mixed = made.spillover_included
    return np.stack([camera.field(planes, spillover_included=mixed) for planes in made.fields])
