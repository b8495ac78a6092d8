"""Leukocytes that capture carried over: thousands, each at a place of its own, whatever lies there.

Their shapes come from a bank that is drawn once; place and signals are each cell's own. Positions are
independent, so how many touch or overlap a cell follows from density alone: within r of it lies a leukocyte
with probability 1 - exp(-density pi r^2) (Poisson process).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from host.specimen import cells
from host.specimen.cells import Body
from host.specimen.geometry import Geometry
from host.specimen.render import unit_patch

BANK = 1024  # shapes
BANK_SEED = 20041015  # of the shapes; any number would do


@lru_cache(maxsize=1)
def _bodies() -> tuple[Body, ...]:
    """The bank's bodies, each centred somewhere within the pixel at the origin."""
    rng = np.random.default_rng(BANK_SEED)
    bodies = cells.leukocytes(rng, BANK)
    for body in bodies:
        body.x, body.y = (float(value) for value in rng.uniform(-0.5, 0.5, size=2))
    return tuple(bodies)


@lru_cache(maxsize=2 * BANK)
def _patch(shape: int, um_per_pixel: float, defocus: float) -> tuple[NDArray[np.float32], int, int]:
    """The unit patch of a shape."""
    body = _bodies()[shape]
    at_origin = replace(body, x=body.x * um_per_pixel, y=body.y * um_per_pixel)
    patch, column, row = unit_patch(at_origin, um_per_pixel, defocus)
    return patch.astype(np.float32), column, row


def draw(rng: np.random.Generator, count: int, size: Geometry, fields: int) -> list[tuple[Body, int]]:
    """Draw ``count`` leukocytes with their shapes' numbers, centres anywhere in the fields' areas."""
    shapes = rng.integers(BANK, size=count)
    where = rng.integers(fields, size=count)
    columns, rows = rng.integers(size.width, size=count), rng.integers(size.height, size=count)
    dapi, ck, cd45, her2 = cells.leukocyte_signals(rng, count)
    drawn = []
    for n, shape in enumerate(shapes):
        form = _bodies()[shape]
        body = replace(
            form,
            dapi=float(dapi[n]),
            ck=float(ck[n]),
            cd45=float(cd45[n]),
            her2=float(her2[n]),
            field=int(where[n]),
            x=(int(columns[n]) + form.x) * size.um_per_pixel,
            y=(int(rows[n]) + form.y) * size.um_per_pixel,
        )
        drawn.append((body, int(shape)))
    return drawn


def patch(
    body: Body, shape: int, um_per_pixel: float, defocus: float
) -> tuple[NDArray[np.float32], int, int]:
    """Return a drawn leukocyte as ``render.render`` does."""
    unit, column, row = _patch(shape, um_per_pixel, defocus)
    form = _bodies()[shape]
    signals = np.array([body.dapi, body.ck, body.cd45, body.her2], np.float32)
    return (
        unit * signals[:, None, None],
        column + round(body.x / um_per_pixel - form.x),
        row + round(body.y / um_per_pixel - form.y),
    )
