"""Light that is not the cells': haze, light from outside the focus, and an uneven field of illumination."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.specimen.geometry import CHANNELS, Geometry

HAZE = (3.0, 15.0)  # grey levels per channel: unbound dye and autofluorescence
HAZE_CV = 0.1  # from field to field
BLOBS = 1.5  # mean number per field
BLOB_SIGMA_UM = (15.0, 35.0)
BLOB_PEAK = (1.0, 4.0)  # grey levels
TILT = 0.04  # largest share of the mean by which the light rises from the centre to an edge
VIGNETTE = 0.05  # largest share by which it falls off, quadratically


def _grid(size: Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (
        np.arange(size.width, dtype=np.float64)[None, :] * size.um_per_pixel,
        np.arange(size.height, dtype=np.float64)[:, None] * size.um_per_pixel,
    )


def illumination(rng: np.random.Generator, size: Geometry) -> NDArray[np.float64]:
    """Draw one smooth field of light per channel, [4, height, width], mean 1.

    It belongs to the optics, so it is the same in every field of a run.
    """
    u = np.linspace(-1.0, 1.0, size.width)[None, :]
    v = np.linspace(-1.0, 1.0, size.height)[:, None]
    planes = []
    for _ in CHANNELS:
        tilt_x, tilt_y = rng.uniform(-TILT, TILT, size=2)
        plane = 1.0 + tilt_x * u + tilt_y * v - rng.uniform(0.0, VIGNETTE) * (u**2 + v**2)
        planes.append(plane / plane.mean())
    return np.stack(planes)


def background(rng: np.random.Generator, size: Geometry, fields: int) -> NDArray[np.float64]:
    """Draw haze and out-of-focus blobs, [fields, 4, height, width], in grey levels."""
    x, y = _grid(size)
    haze = rng.uniform(*HAZE, size=len(CHANNELS))
    planes = np.empty((fields, len(CHANNELS), size.height, size.width))
    for plane in planes:
        plane[:] = (haze * np.clip(1.0 + HAZE_CV * rng.standard_normal(len(CHANNELS)), 0.7, 1.3))[
            :, None, None
        ]
        for _ in range(rng.poisson(BLOBS)):
            cx, cy = rng.uniform(0.0, x[0, -1]), rng.uniform(0.0, y[-1, 0])
            sigma, peak = rng.uniform(*BLOB_SIGMA_UM), rng.uniform(*BLOB_PEAK)
            shares = rng.uniform(0.2, 1.0, size=len(CHANNELS))
            blob = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2.0 * sigma**2))
            plane += peak * shares[:, None, None] * blob
    return planes
