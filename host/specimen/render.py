"""One body as the optics show it: four channels of dye signal, blurred and sampled.

Each body is drawn on a grid finer than the sensor's, blurred by the point spread, and averaged over each
pixel, so that its signal and centroid do not depend on where it falls between pixels. Blur and average are
linear and the same for rows and columns, so both are one small matrix on each side of the drawing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from host.specimen.cells import Body

PSF_SIGMA_UM = 1.2
"""Of the whole system in focus: diffraction at NA 0.25 (0.21 lambda / NA, below 0.5 um), the lens, and the
defocus of cells that are thicker than the depth of field (lambda / NA^2, about 9 um)."""

NA = 0.25

FINE = 4  # grid points per pixel and axis
RIM_SIGMAS = 4.0  # how far beyond the rim the blur is followed
MEMBRANE_SHARE = 0.7  # of the HER2 signal; the rest is in the cytoplasm
NUCLEUS_CK = 0.65  # CK over the nucleus, relative to beside it: the nucleus displaces cytoplasm


def _fine_radius(body: Body, dx: NDArray[np.float64], dy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from the centre as a share of the distance to the rim in the same direction (1 on the rim)."""
    cos, sin = np.cos(body.angle), np.sin(body.angle)
    along, across = dx * cos + dy * sin, dy * cos - dx * sin
    stretch = np.sqrt(body.elongation)  # keeps the area
    along, across = along / stretch, across * stretch
    amplitude, phase = body.wobble
    distance = np.sqrt(along**2 + across**2) + 1e-9
    c, s = along / distance, across / distance
    # cos(3 t + phase) by the formulas for triple angles.
    third = (4.0 * c**2 - 3.0) * c * np.cos(phase) - (3.0 - 4.0 * s**2) * s * np.sin(phase)
    radius: NDArray[np.float64] = distance / (body.diameter / 2.0 * (1.0 + amplitude * third))
    return radius


def blur_sigma(defocus: float) -> float:
    """Return the standard deviation of the point spread in um at ``defocus`` um from the focal plane.

    A point out of focus is a disc of radius z tan(asin NA) in geometrical optics (Born and Wolf, Principles
    of Optics, 8.8); a uniform disc has a standard deviation of half its radius along each axis, and variances
    of convolved shapes add up.
    """
    radius = abs(defocus) * NA / np.sqrt(1.0 - NA**2)
    return float(np.hypot(PSF_SIGMA_UM, radius / 2.0))


@lru_cache(maxsize=256)
def _optics(side: int, sigma: float) -> NDArray[np.float64]:
    """Return [side, side * FINE]: blur an axis by ``sigma`` grid points, then average over pixels."""
    steps = np.arange(side * FINE)
    distance = steps[:, None] - steps[None, :]
    spread = np.exp(-0.5 * (distance / sigma) ** 2)
    spread[np.abs(distance) > int(RIM_SIGMAS * sigma + 0.5)] = 0.0
    reach = np.arange(-int(RIM_SIGMAS * sigma + 0.5), int(RIM_SIGMAS * sigma + 0.5) + 1)
    spread /= np.exp(-0.5 * (reach / sigma) ** 2).sum()
    whole: NDArray[np.float64] = spread.reshape(side, FINE, side * FINE).mean(axis=1)
    return whole


def unit_patch(body: Body, um_per_pixel: float, defocus: float = 0.0) -> tuple[NDArray[np.float64], int, int]:
    """Draw the shape of a body: every dye with a signal of 1 over the part that carries it.

    Returns:
        float64 [4, n, n], and the column and row of its first pixel in the field (may lie outside it).
    """
    blur = blur_sigma(defocus)
    reach = body.diameter / 2.0 * np.sqrt(body.elongation) * 1.1 + RIM_SIGMAS * blur
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
    rim = _unit(membrane, cell)
    her2 = MEMBRANE_SHARE * rim + (1.0 - MEMBRANE_SHARE) * cell

    fine = np.stack((nucleus, _unit(cytoplasm, cell), rim, her2))
    optics = _optics(side, blur / um_per_pixel * FINE)
    patch: NDArray[np.float64] = optics @ fine @ optics.T
    return patch, column, row


def render(body: Body, um_per_pixel: float, defocus: float = 0.0) -> tuple[NDArray[np.float64], int, int]:
    """Draw one body with its signals.

    Returns:
        The patch, float64 [4, n, n] in grey levels, and the column and row of its first pixel in the field
        (which may lie outside the field).
    """
    patch, column, row = unit_patch(body, um_per_pixel, defocus)
    patch *= np.array([body.dapi, body.ck, body.cd45, body.her2])[:, None, None]
    return patch, column, row


def _unit(pattern: NDArray[np.float64], cell: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale ``pattern`` so that its mean over the cell is 1."""
    scaled: NDArray[np.float64] = pattern * (cell.sum() / pattern.sum())
    return scaled
