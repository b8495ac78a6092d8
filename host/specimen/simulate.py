"""A simulated specimen and the truth about it, from a seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from host.specimen import cells, light
from host.specimen.cells import Body
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS, geometry
from host.specimen.io import VERSION, Specimen
from host.specimen.place import Placer
from host.specimen.render import render

LEUKOCYTES_PER_FIELD = 25  # carry-over of a good capture; 60 per field is 1,000 cells in 16 fields
DEBRIS_PER_FIELD = 4
BODIES_MAX = 5000  # of one class: far above any capture, and still rendered in a minute


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a simulated specimen is made from.

    Attributes:
        seed: of every random draw; at least 0.
        ctc: number of CTCs in the whole specimen.
        her2: share of the CTCs at 3+, 0 to 1; met to the nearest whole cell.
        leukocytes: number in the whole specimen.
        fields: number of fields.
        touching: how many of the leukocytes lie rim to rim against a CTC.
    """

    seed: int
    ctc: int = 20
    her2: float = 0.4
    leukocytes: int = 100
    fields: int = 4
    touching: int = 0


def parameters(
    seed: int,
    *,
    ctc: int = 20,
    her2: float = 0.4,
    leukocytes: int | None = None,
    fields: int | None = None,
    touching: int = 0,
) -> Parameters:
    """Check the wishes and fill in the board's defaults.

    Raises:
        SpecimenError: a value is outside its range.
    """
    size = geometry()
    count = size.fields if fields is None else fields
    if not 1 <= count <= size.fields_max:
        raise SpecimenError(f"A run takes 1 to {size.fields_max} fields, not {count}: change --fields.")
    white = LEUKOCYTES_PER_FIELD * count if leukocytes is None else leukocytes
    if seed < 0:
        raise SpecimenError(f"The seed is {seed}: give a whole number from 0.")
    if not 0.0 <= her2 <= 1.0:
        raise SpecimenError(f"The share of 3+ is {her2:g}: give --her2 from 0 to 1.")
    for option, value in (("--ctc", ctc), ("--leukocytes", white)):
        if not 0 <= value <= BODIES_MAX:
            raise SpecimenError(f"{option} is {value}: give a whole number from 0 to {BODIES_MAX}.")
    if not 0 <= touching <= (white if ctc else 0):
        raise SpecimenError(
            f"{touching} touching leukocytes were asked for with {white} leukocytes and {ctc} CTCs: "
            "ask for no more than there are leukocytes, and at least one CTC."
        )
    return Parameters(seed, ctc, her2, white, count, touching)


def simulate(wishes: Parameters) -> Specimen:
    """Make the specimen that ``wishes`` describe; the same wishes give the same specimen, bit for bit.

    Every class has its own random stream: more leukocytes do not move a single CTC.
    """
    size = geometry()
    of_ctcs, of_leukocytes, of_debris, of_light = (
        np.random.default_rng(child) for child in np.random.SeedSequence(wishes.seed).spawn(4)
    )
    placer = Placer(size, wishes.fields)
    tumour = cells.ctcs(of_ctcs, wishes.ctc, wishes.her2)
    placer.scatter(of_ctcs, tumour)
    white = cells.leukocytes(of_leukocytes, wishes.leukocytes)
    if wishes.touching:
        placer.attach(of_leukocytes, white[: wishes.touching], tumour)
    placer.scatter(of_leukocytes, white[wishes.touching :])
    rest = cells.debris(of_debris, DEBRIS_PER_FIELD * wishes.fields)
    placer.scatter(of_debris, rest)

    uneven = light.illumination(of_light, size)
    planes = light.background(of_light, size, wishes.fields)
    bodies = tumour + white + rest
    for body in bodies:
        _add(planes[body.field], body, size.um_per_pixel)
    planes *= uneven

    meta = {
        "version": VERSION,
        "source": "simulated",
        "channels": list(CHANNELS),
        "um_per_pixel": size.um_per_pixel,
        "spillover_included": False,
        "seed": wishes.seed,
        "parameters": asdict(wishes),
        "truth": [_truth(body) for body in sorted(bodies, key=lambda body: body.field)],
    }
    return Specimen(planes.astype(np.float32), meta)


def _add(field: np.ndarray[Any, np.dtype[np.float64]], body: Body, um_per_pixel: float) -> None:
    """Add a body's light to its field, cut at the field's edges."""
    patch, column, row = render(body, um_per_pixel)
    height, width = field.shape[1:]
    rows, columns = patch.shape[1:]
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + rows, height), min(column + columns, width)
    field[:, top:bottom, left:right] += patch[:, top - row : bottom - row, left - column : right - column]


def _truth(body: Body) -> dict[str, Any]:
    return {
        "field": body.field,
        "x_um": round(body.x, 3),
        "y_um": round(body.y, 3),
        "class": body.kind,
        "diameter_um": round(body.diameter, 3),
        "her2_level": body.score,
        "dapi": round(body.dapi, 2),
        "ck": round(body.ck, 2),
        "cd45": round(body.cd45, 2),
        "her2": round(body.her2, 2),
    }
