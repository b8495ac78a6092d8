"""One body as the optics show it: four channels of dye signal, blurred and sampled.

Each body is drawn on a grid finer than the sensor's, blurred by the point spread, and averaged over each
pixel, so that its signal and centroid do not depend on where it falls between pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from host.specimen.cells import Body
from host.specimen.geometry import CHANNELS

PSF_SIGMA_UM = 1.2
"""Of the whole system: diffraction at NA 0.25 (0.21 lambda / NA, below 0.5 um), the lens, and the defocus of
cells that are thicker than the depth of field (lambda / NA^2, about 9 um)."""

FINE = 4  # grid points per pixel and axis
RIM_SIGMAS = 4.0  # how far beyond the rim the blur is followed
OUTLINE = 10.0  # grey levels of DAPI or CK from which a pixel counts as part of the cell
MEMBRANE_SHARE = 0.7  # of the HER2 signal; the rest is in the cytoplasm
NUCLEUS_CK = 0.65  # CK over the nucleus, relative to beside it: the nucleus displaces cytoplasm


def _fine_radius(body: Body, dx: NDArray[np.float64], dy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from the centre as a share of the distance to the rim in the same direction (1 on the rim)."""
    cos, sin = np.cos(body.angle), np.sin(body.angle)
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    stretch = np.sqrt(body.elongation)  # keeps the area
    along, across = along / stretch, across * stretch
    amplitude, phase = body.wobble
    rim = body.diameter / 2.0 * (1.0 + amplitude * np.cos(3.0 * np.arctan2(across, along) + phase))
    radius: NDArray[np.float64] = np.hypot(along, across) / rim
    return radius


def render(body: Body, um_per_pixel: float) -> tuple[NDArray[np.float64], int, int]:
    """Draw one body.

    Returns:
        The patch, float64 [4, n, n] in grey levels, and the column and row of its first pixel in the field
        (which may lie outside the field).
    """
    reach = body.diameter / 2.0 * np.sqrt(body.elongation) * 1.1 + RIM_SIGMAS * PSF_SIGMA_UM
    side = 2 * int(np.ceil(reach / um_per_pixel)) + 1
    column = round(body.x / um_per_pixel) - side // 2
    row = round(body.y / um_per_pixel) - side // 2

    steps = (np.arange(side * FINE) + 0.5) / FINE - 0.5  # pixel centres are whole numbers
    dx = (steps + column)[None, :] * um_per_pixel - body.x
    dy = (steps + row)[:, None] * um_per_pixel - body.y
    radius = _fine_radius(body, dx, dy)

    cell = (radius <= 1.0).astype(np.float64)
    nucleus = (radius <= np.sqrt(body.nucleus)).astype(np.float64)
    cytoplasm = cell * np.where(nucleus > 0.0, NUCLEUS_CK, 1.0)
    # A sphere's membrane seen from above is brighter towards the rim: thickness goes as 1 / sqrt(1 - r^2).
    membrane = cell / np.sqrt(np.maximum(1.0 - radius**2, 0.05))
    her2 = MEMBRANE_SHARE * _unit(membrane, cell) + (1.0 - MEMBRANE_SHARE) * cell

    fine = np.stack(
        (body.dapi * nucleus, body.ck * _unit(cytoplasm, cell), body.cd45 * _unit(membrane, cell), her2)
    )
    sigma = PSF_SIGMA_UM / um_per_pixel * FINE
    blurred = gaussian_filter(fine, sigma=(0.0, sigma, sigma), mode="constant", truncate=RIM_SIGMAS)
    patch = blurred.reshape(len(CHANNELS), side, FINE, side, FINE).mean(axis=(2, 4))

    outline = (patch[0] >= OUTLINE) | (patch[1] >= OUTLINE)
    seen = patch[3][outline].mean() if outline.any() else 1.0
    patch[3] *= body.her2 / seen
    return patch, column, row


def _unit(pattern: NDArray[np.float64], cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale ``pattern`` so that its mean over the cell is 1."""
    scaled: NDArray[np.float64] = pattern * (cell.sum() / pattern.sum())
    return scaled
