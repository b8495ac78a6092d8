"""Light that is not the cells': haze, and light from outside the focus."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.specimen.geometry import CHANNELS, Geometry

HAZE = (3.0, 15.0)  # grey levels per channel: unbound dye and autofluorescence
HAZE_CV = 0.1  # from field to field
BLOBS = 1.5  # mean number per field
BLOB_SIGMA_UM = (15.0, 35.0)
BLOB_PEAK = (1.0, 4.0)  # grey levels


def background(rng: np.random.Generator, size: Geometry, fields: int) -> NDArray[np.float32]:
    """Draw haze and out-of-focus blobs, [fields, 4, height, width], in grey levels."""
    x = np.arange(size.width) * size.um_per_pixel
    y = np.arange(size.height) * size.um_per_pixel
    haze = rng.uniform(*HAZE, size=len(CHANNELS))
    planes = np.empty((fields, len(CHANNELS), size.height, size.width), np.float32)
    for plane in planes:
        plane[:] = (haze * np.clip(1.0 + HAZE_CV * rng.standard_normal(len(CHANNELS)), 0.7, 1.3))[
            :, None, None
        ]
        for _ in range(rng.poisson(BLOBS)):
            cx, cy = rng.uniform(0.0, x[-1]), rng.uniform(0.0, y[-1])
            sigma, peak = rng.uniform(*BLOB_SIGMA_UM), rng.uniform(*BLOB_PEAK)
            shares = rng.uniform(0.2, 1.0, size=len(CHANNELS))
            across, down = (np.exp(-0.5 * ((at - centre) / sigma) ** 2) for at, centre in ((x, cx), (y, cy)))
            blob = np.outer(down, across).astype(np.float32)
            plane += (peak * shares).astype(np.float32)[:, None, None] * blob
    return planes
