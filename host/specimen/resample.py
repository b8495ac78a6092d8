"""From the microscope's pixels to the reader's, without inventing or losing light.

Shrinking averages over area, which is its own antialiasing filter: the mean over any region keeps its value
(to within its border pixels) and the sum times pixel area is kept exactly. Enlarging interpolates linearly.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

TOLERANCE = 1e-6  # relative; pixel sizes in metadata are rounded decimal numbers


def size_after(pixels: int, scale: float) -> int:
    """Return how many pixels ``pixels`` become when each is ``scale`` new pixels wide (at least 1)."""
    return max(1, math.ceil(pixels * scale * (1.0 - TOLERANCE)))


def weights(pixels: int, scale: float) -> csr_array:
    """Return the matrix [new, pixels] that resamples one axis; every row sums to 1.

    A last new pixel that reaches beyond the image is the mean of the part inside it.
    """
    new = size_after(pixels, scale)
    if scale >= 1.0:
        centres = np.clip((np.arange(new) + 0.5) / scale - 0.5, 0.0, pixels - 1.0)
        left = np.minimum(np.floor(centres).astype(np.intp), max(pixels - 2, 0))
        share = centres - left
        right = np.minimum(left + 1, pixels - 1)
        rows = np.repeat(np.arange(new), 2)
        columns = np.stack((left, right), axis=1).ravel()
        values = np.stack((1.0 - share, share), axis=1).ravel()
    else:
        edges = np.minimum(np.arange(new + 1) / scale, float(pixels))
        first = np.minimum(np.floor(edges[:-1]).astype(np.intp), pixels - 1)
        span = math.ceil(1.0 / scale) + 1
        columns = first[:, None] + np.arange(span)
        overlap = np.minimum(edges[1:, None], columns + 1) - np.maximum(edges[:-1, None], columns)
        overlap = np.where(columns < pixels, np.maximum(overlap, 0.0), 0.0)
        values = (overlap / overlap.sum(axis=1, keepdims=True)).ravel()
        rows = np.repeat(np.arange(new), span)
        columns = np.minimum(columns, pixels - 1).ravel()
    return csr_array((values, (rows, columns)), shape=(new, pixels))


def resample(plane: NDArray[np.float32], scale_y: float, scale_x: float) -> NDArray[np.float32]:
    """Resample one plane [height, width]; ``scale`` is old pixel size over new pixel size, per axis.

    Returns:
        float32 [size_after(height, scale_y), size_after(width, scale_x)].
    """
    if abs(scale_y - 1.0) < TOLERANCE and abs(scale_x - 1.0) < TOLERANCE:
        return plane
    height, width = plane.shape
    tall = weights(height, scale_y) @ plane.astype(np.float64)
    both = (weights(width, scale_x) @ tall.T).T
    return np.ascontiguousarray(both, dtype=np.float32)
