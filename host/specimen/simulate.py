"""A simulated specimen and the truth about it, from a seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.specimen import carryover, cells, light
from host.specimen.cells import Body, Stain
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS, geometry
from host.specimen.io import VERSION, Specimen
from host.specimen.place import Placer
from host.specimen.render import render

LEUKOCYTES_PER_FIELD = 25  # carry-over of a good capture; 60 per field is 1,000 cells in 16 fields
DEBRIS_PER_FIELD = 4
BODIES_MAX = 5000  # of one class: far above any capture, and still rendered in a minute
CARRY_OVER_MAX = 50000
CLUSTER_MAX = 8
DIAMETERS = (6.0, 30.0)  # um
FACTORS = (0.05, 2.0)  # of a signal
DEFOCUS_MAX = 50.0  # um


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a simulated specimen is made from.

    Attributes:
        seed: of every random draw; at least 0.
        ctc: number of CTCs in the whole specimen.
        her2: share of the CTCs at 3+, 0 to 1; met to the nearest whole cell.
        leukocytes: number in the whole specimen, apart from each other and from CTCs as far as there is room.
        fields: number of fields.
        touching: how many of the leukocytes lie rim to rim against a CTC.
        carry_over: leukocytes in the whole specimen besides, at independent places: touching and overlapping
            follow from density.
        cluster: CTCs lie in groups of that many, rim to rim; 1: alone.
        ck_bright: CTCs besides with bright CK and HER2 0.
        debris: bodies of the debris classes.
        diameter: median of the CTCs in um; None: as in blood.
        ck_signal, dapi_signal, her2_signal: factors on the CTCs' signals (HER2 with unchanged scores).
        her2_cv: spread of HER2 within a score.
        her2_even: HER2 even over its logarithm, up to and across the cut-offs; ``her2`` is not met then.
        defocus: um from the focal plane.
    """

    seed: int
    ctc: int = 20
    her2: float = 0.4
    leukocytes: int = 100
    fields: int = 4
    touching: int = 0
    carry_over: int = 0
    cluster: int = 1
    ck_bright: int = 0
    debris: int = 16
    diameter: float | None = None
    ck_signal: float = 1.0
    dapi_signal: float = 1.0
    her2_signal: float = 1.0
    her2_cv: float = cells.HER2_CV
    her2_even: bool = False
    defocus: float = 0.0


def parameters(
    seed: int,
    *,
    leukocytes: int | None = None,
    fields: int | None = None,
    debris: int | None = None,
    **wishes: Any,
) -> Parameters:
    """Check the wishes and fill in the board's defaults.

    Args:
        seed: see ``Parameters``, as for all others.
        leukocytes: None: 25 per field, none with ``carry_over``.
        fields: None: the board's.
        debris: None: 4 per field.
        wishes: other attributes of ``Parameters``.

    Raises:
        SpecimenError: a value is outside its range.
        TypeError: no such wish.
    """
    size = geometry()
    count = size.fields if fields is None else fields
    if not 1 <= count <= size.fields_max:
        raise SpecimenError(f"A run takes 1 to {size.fields_max} fields, not {count}: change --fields.")
    apart = 0 if wishes.get("carry_over") else LEUKOCYTES_PER_FIELD * count
    wanted = Parameters(
        seed,
        leukocytes=apart if leukocytes is None else leukocytes,
        fields=count,
        debris=DEBRIS_PER_FIELD * count if debris is None else debris,
        **wishes,
    )
    if seed < 0:
        raise SpecimenError(f"The seed is {seed}: give a whole number from 0.")
    if not 0.0 <= wanted.her2 <= 1.0:
        raise SpecimenError(f"The share of 3+ is {wanted.her2:g}: give --her2 from 0 to 1.")
    for name in ("ctc", "leukocytes", "ck_bright", "debris"):
        _check(name, getattr(wanted, name), 0, BODIES_MAX)
    _check("carry_over", wanted.carry_over, 0, CARRY_OVER_MAX)
    _check("cluster", wanted.cluster, 1, CLUSTER_MAX)
    if wanted.diameter is not None:
        _check("diameter", wanted.diameter, *DIAMETERS)
    for name in ("ck_signal", "dapi_signal", "her2_signal"):
        _check(name, getattr(wanted, name), *FACTORS)
    _check("her2_cv", wanted.her2_cv, 0.0, 0.5)
    _check("defocus", wanted.defocus, 0.0, DEFOCUS_MAX)
    if not 0 <= wanted.touching <= (wanted.leukocytes if wanted.ctc else 0):
        raise SpecimenError(
            f"{wanted.touching} touching leukocytes were asked for with {wanted.leukocytes} leukocytes and "
            f"{wanted.ctc} CTCs: "
            "ask for no more than there are leukocytes, and at least one CTC."
        )
    return wanted


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        option = "--" + name.replace("_", "-")
        what = "a whole number" if isinstance(value, int) and isinstance(most, int) else "a number"
        raise SpecimenError(f"{option} is {value:g}: give {what} from {least:g} to {most:g}.")


def simulate(wishes: Parameters) -> Specimen:
    """Make the specimen that ``wishes`` describe; the same wishes give the same specimen, bit for bit.

    Every class has its own random stream: more leukocytes do not move a single CTC.
    """
    size = geometry()
    of_ctcs, of_leukocytes, of_debris, of_light, of_bright, of_carry_over = (
        np.random.default_rng(child) for child in np.random.SeedSequence(wishes.seed).spawn(6)
    )
    stain = Stain(
        diameter=wishes.diameter,
        ck=wishes.ck_signal,
        dapi=wishes.dapi_signal,
        her2=wishes.her2_signal,
        her2_cv=wishes.her2_cv,
        her2_even=wishes.her2_even,
    )
    placer = Placer(size, wishes.fields)
    tumour = cells.ctcs(of_ctcs, wishes.ctc, wishes.her2, stain)
    placer.cluster(of_ctcs, tumour, wishes.cluster)
    bright = cells.ck_bright(of_bright, wishes.ck_bright, stain)
    placer.cluster(of_bright, bright, wishes.cluster)
    white = cells.leukocytes(of_leukocytes, wishes.leukocytes)
    if wishes.touching:
        placer.attach(of_leukocytes, white[: wishes.touching], tumour)
    placer.scatter(of_leukocytes, white[wishes.touching :])
    rest = cells.debris(of_debris, wishes.debris)
    placer.scatter(of_debris, rest)
    carried = carryover.draw(of_carry_over, wishes.carry_over, size, wishes.fields)

    planes = light.background(of_light, size, wishes.fields)
    bodies = tumour + bright + white + rest
    for body in bodies:
        add(planes[body.field], *render(body, size.um_per_pixel, wishes.defocus))
    for body, shape in carried:
        add(planes[body.field], *carryover.patch(body, shape, size.um_per_pixel, wishes.defocus))
    bodies += [body for body, _ in carried]

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
    return Specimen(planes, meta)


def add(field: NDArray[np.float32], patch: NDArray[Any], column: int, row: int) -> None:
    """Add a body's light to its field, cut at the field's edges."""
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
