"""Each simulated reader's own calibration, measured through its camera as a real one's would be.

Flat field: an evenly fluorescent slide, exposed several times, by tile. Spillover: the four single-stained
controls, the light in each channel relative to the stained one. HER2 line: beads of known density, found and
measured by the core like cells; the sensor is linear, so only the line's level is fitted.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import log2

import numpy as np
from numpy.typing import NDArray

from host import core
from host.imaging import DYES, Camera, Optics
from host.rescore.match import match
from host.specimen.cells import Body
from host.specimen.geometry import geometry
from host.specimen.place import Placer
from host.specimen.render import render
from host.specimen.simulate import add

SLIDE = 120.0  # grey levels
EXPOSURES = 4
SEED = 365470530625
Q16 = 1 << 16
BEAD_UM, BEAD_DAPI, BEAD_CK = 8.0, 70.0, 60.0
BEAD_GREYS = (8.0, 18.0, 40.0, 88.0, 160.0)  # HER2 of the levels, MESF_PER_GREY each
BEADS, BEAD_FIELDS = 24, 4  # of each level, in so many fields
BUFFER_GREY = 4.0
MESF_PER_GREY = 100.0
"""MESF per um2 of a grey level on the nominal reader: the core's built-in line, by decree."""

SPILLOVER_SE = 0.001
"""Least standard uncertainty: that of the controls themselves (unbound dye, autofluorescence)."""


def calibrated(config: core.Config, optics: Optics, reader: str) -> core.Config:
    """Return settings with flat field, spillover and HER2 line as measured through a reader's optics.

    Args:
        config: everything else.
        optics: the reader's.
        reader: its name, for the calibration's id.
    """
    flat, spillover, error = _measure(optics)
    found = replace(
        config,
        calibration=f"EVALUATION {reader}",
        flat=flat,
        spillover=spillover,
        spillover_se=error,
    )
    return replace(found, line_offset=config.line_offset + round(_line(optics, found) * Q16))


def with_light(config: core.Config, her2_light: float) -> core.Config:
    """Return settings whose HER2 line is that of a reader with so many grey levels per unit of HER2."""
    shift = round(log2(her2_light) * Q16 * config.line_slope / Q16)
    return replace(config, line_offset=config.line_offset - shift)


Flat = tuple[tuple[int, ...], ...]
Matrix = tuple[core.Row4, core.Row4, core.Row4, core.Row4]


@lru_cache(maxsize=64)
def _measure(optics: Optics) -> tuple[Flat, Matrix, Matrix]:
    camera = Camera(optics, SEED)
    sensor = optics.sensor
    shape = (len(DYES), sensor.height, sensor.image_width)
    even = _exposed(camera, np.full(shape, SLIDE, np.float32), mixed=True)
    flat = tuple(
        tuple(round(core.FLAT_ONE * float(tile / plane.mean())) for tile in _tiles(plane)) for plane in even
    )
    matrix = np.eye(len(DYES))
    error = np.zeros_like(matrix)
    for dye in range(len(DYES)):
        stained = np.zeros(shape, np.float32)
        stained[dye] = SLIDE
        tiles = np.array([_tiles(plane) for plane in _exposed(camera, stained, mixed=False)]) / np.array(
            [np.array(row) / core.FLAT_ONE for row in flat]
        )
        ratio = tiles / tiles[dye]
        matrix[:, dye] = ratio.mean(axis=1)
        spread = ratio.std(axis=1, ddof=1) / np.sqrt(core.TILES)
        error[:, dye] = np.hypot(spread, SPILLOVER_SE)
    error[np.diag_indices(len(DYES))] = 0.0
    np.fill_diagonal(matrix, 1.0)
    return flat, _q16(matrix), _q16(error)


@lru_cache(maxsize=64)
def _line(optics: Optics, config: core.Config) -> float:
    """Return by how much, log2, beads read too low."""
    rng = np.random.default_rng(SEED)
    size = geometry()
    bodies = [
        Body("bead", BEAD_UM, 1.0, 0.0, 0.9, BEAD_DAPI, BEAD_CK, 0.0, grey)
        for grey in BEAD_GREYS
        for _ in range(BEADS)
    ]
    Placer(size, BEAD_FIELDS).scatter(rng, bodies)
    camera, machine = Camera(optics, SEED), core.Core(config)
    ratios = []
    for number in range(BEAD_FIELDS):
        planes = np.full((len(DYES), size.height, size.width), BUFFER_GREY, np.float32)
        here = [body for body in bodies if body.field == number]
        for body in here:
            add(planes, *render(body, size.um_per_pixel))
        rows = machine.analyse_field(number, enumerate(camera.field(planes)))
        truth = np.array([(body.x, body.y) for body in here])
        places = np.stack((rows["x"], rows["y"]), axis=1) / 64 * size.um_per_pixel
        ratios += [here[i].her2 * MESF_PER_GREY / rows["her2"][j] for i, j in match(truth, places)]
    return float(np.mean(np.log2(ratios)))


def _exposed(camera: Camera, planes: NDArray[np.float32], *, mixed: bool) -> NDArray[np.float64]:
    """Return [4, height, image width]: means of several exposures above dark."""
    frames = np.zeros((1 + len(DYES), planes.shape[1], camera.optics.sensor.width))
    for _ in range(EXPOSURES):
        frames += camera.field(planes, spillover_included=mixed)
    frames /= EXPOSURES
    wide = camera.optics.sensor.image_width
    light: NDArray[np.float64] = (frames[1:] - frames[0])[:, :, :wide]
    return light


def _tiles(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each tile, row by row (``ctc/config.h``: 5 x 4, 64 x 61 pixels, last 60 wide)."""
    tall = plane.shape[0] // core.TILE_ROWS
    wide = -(-plane.shape[1] // core.TILE_COLUMNS)
    return np.array(
        [
            plane[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide].mean()
            for row in range(core.TILE_ROWS)
            for column in range(core.TILE_COLUMNS)
        ]
    )


def _q16(matrix: NDArray[np.float64]) -> Matrix:
    first, second, third, fourth = (
        (round(a * Q16), round(b * Q16), round(c * Q16), round(d * Q16)) for a, b, c, d in matrix
    )
    return first, second, third, fourth
