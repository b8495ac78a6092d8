"""A large plane cut into the reader's fields."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from host.specimen.geometry import Geometry


def count(height: int, width: int, size: Geometry) -> int:
    """Return how many fields an image of ``height`` x ``width`` reader pixels makes."""
    return math.ceil(height / size.height) * math.ceil(width / size.width)


def cut(planes: NDArray[np.float32], size: Geometry) -> NDArray[np.float32]:
    """Cut [4, height, width] into fields in reading order: [fields, 4, size.height, size.width].

    The last field of a row or column is filled up with its channel's median over the whole image:
    background, as long as cells cover less than half of it.
    """
    channels, height, width = planes.shape
    down, across = math.ceil(height / size.height), math.ceil(width / size.width)
    full = np.empty((channels, down * size.height, across * size.width), dtype=np.float32)
    full[:] = np.median(planes, axis=(1, 2))[:, None, None]
    full[:, :height, :width] = planes
    grid = full.reshape(channels, down, size.height, across, size.width)
    return np.ascontiguousarray(grid.transpose(1, 3, 0, 2, 4).reshape(-1, channels, size.height, size.width))
