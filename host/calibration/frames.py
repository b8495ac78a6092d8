"""Frames on disk: ``.npz`` with ``frames``, uint8 [fields, 5 (dark, dapi, ck, cd45, her2), 244, 324]."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import core
from host.calibration.errors import CalibrationError

CHANNELS = ("dapi", "ck", "cd45", "her2")
IMAGE = core.WIDTH - core.STRIP_COLUMNS
"""Columns of a frame that show the specimen; the others are the reference strip."""

Frames = NDArray[np.uint8]


def load(path: Path) -> Frames:
    """Read a frame set, without the strip's columns: [fields, 5, 244, 316].

    Raises:
        CalibrationError: it is not one.
        OSError: it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            frames = np.asarray(archive["frames"])
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as why:
        raise CalibrationError(
            f"{path} is no set of frames ({why}): give an .npz with the array 'frames' (docs/calibration.md)."
        ) from None
    shape = (5, core.HEIGHT, core.WIDTH)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[1:] != shape or not len(frames):
        raise CalibrationError(
            f"{path} has frames of {frames.dtype} {frames.shape}: give uint8, fields x 5 x {core.HEIGHT} x "
            f"{core.WIDTH}, dark first."
        )
    return frames[:, :, :, :IMAGE]


def save(path: Path, frames: NDArray[np.uint8]) -> None:
    """Write a frame set, strip included."""
    with path.open("wb") as file:
        np.savez_compressed(file, frames=frames)
