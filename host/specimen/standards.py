"""What a reader is calibrated with: beads, a dye slide, single-stained cells; from a seed, with the truth."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.calibration.lot import Lot, load
from host.specimen import cells
from host.specimen.cells import Body
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS, Geometry, geometry
from host.specimen.io import VERSION, Specimen, save
from host.specimen.place import Placer
from host.specimen.render import render
from host.specimen.simulate import add

MESF_PER_GREY = 100.0
"""MESF per um2 that make one grey level of HER2 at the nominal exposure (the built-in line of the core)."""

BEADS_PER_LEVEL = 30
BEAD_CV = 0.06  # of the dye from bead to bead
BEAD_DIAMETER_CV = 0.015
BEAD_DAPI, BEAD_CK = 70.0, 60.0  # grey levels: what makes a bead an object
BLANK_GREY = 0.3  # autofluorescence of a bead without FITC
SLIDE_GREY = 110.0
BUFFER_GREY = 4.0
STAINED_PER_FIELD = 30


def prepare_standard(
    out: Path,
    *,
    beads: Path | None = None,
    flat: bool = False,
    stain: str | None = None,
    seed: int = 1,
    fields: int | None = None,
    response: float = 1.0,
) -> Path:
    """Write a calibration specimen to ``out`` (``.npz``) and return that path.

    Args:
        out: where to; written whole or not at all.
        beads: a bead lot's file; or
        flat: a slide of one even dye in every channel; or
        stain: cells with this one dye (a channel's name). Exactly one of the three.
        seed: of every random draw.
        fields: None takes the board's.
        response: of the HER2 channel, 1 as nominal: an instrument is brighter or dimmer than the next.

    Raises:
        SpecimenError: what is wrong and what to do.
        CalibrationError: the lot file cannot be used.
        OSError: a file cannot be read or written.
    """
    size = geometry()
    count = size.fields if fields is None else fields
    if not 1 <= count <= size.fields_max:
        raise SpecimenError(f"A run takes 1 to {size.fields_max} fields, not {count}: change --fields.")
    if (beads is not None) + flat + (stain is not None) != 1:
        raise SpecimenError("Give one of --beads LOT.toml, --flat and --stain DYE.")
    if beads is not None:
        return save(bead_specimen(load(beads), seed, count, response), out)
    if stain is not None:
        return save(stained_specimen(stain, seed, count), out)
    return save(flat_specimen(seed, count), out)


def bead_specimen(
    lot: Lot, seed: int, fields: int, response: float = 1.0, per_level: int = BEADS_PER_LEVEL
) -> Specimen:
    """Return ``per_level`` beads of each level: FITC as assigned on the surface, two dyes to find them by."""
    size = geometry()
    of_beads = np.random.default_rng(seed)
    bodies = []
    for level in lot.levels:
        for _ in range(per_level):
            spread = float(np.clip(of_beads.standard_normal(), -2.5, 2.5))
            width = lot.diameter_um * (1.0 + BEAD_DIAMETER_CV * float(of_beads.standard_normal()))
            grey = level.mesf / (np.pi / 4.0 * width * width) / MESF_PER_GREY * response
            body = Body(
                kind=f"bead {level.name}",
                diameter=width,
                elongation=1.0,
                angle=0.0,
                nucleus=0.9,
                dapi=BEAD_DAPI,
                ck=BEAD_CK,
                cd45=0.0,
                her2=max(grey * (1.0 + BEAD_CV * spread), BLANK_GREY),
            )
            bodies.append(body)
    order = of_beads.permutation(len(bodies))
    bodies = [bodies[n] for n in order]
    Placer(size, fields).scatter(of_beads, bodies)
    planes = _buffer(size, fields)
    for body in bodies:
        add(planes[body.field], *render(body, size.um_per_pixel))
    meta = {"seed": seed, "lot": lot.lot, "response": response, "truth": [_truth(body) for body in bodies]}
    return _specimen(planes, "beads", meta)


def flat_specimen(seed: int, fields: int) -> Specimen:
    """Return a slide of one even dye in every channel: what is uneven is the reader's light."""
    size = geometry()
    planes = np.full((fields, len(CHANNELS), size.height, size.width), SLIDE_GREY, np.float32)
    # Each channel has its own dye layer on such a slide, so nothing leaks from one to another.
    return _specimen(planes, "flat", {"seed": seed, "truth": None}, spillover_included=True)


def stained_specimen(dye: str, seed: int, fields: int) -> Specimen:
    """Return cells that carry one dye, at many brightnesses."""
    if dye not in CHANNELS:
        raise SpecimenError(f"There is no dye {dye!r}: give one of {', '.join(CHANNELS)}.")
    size = geometry()
    of_cells = np.random.default_rng(seed)
    bodies = []
    for body in cells.ctcs(of_cells, STAINED_PER_FIELD * fields, 0.0, cells.Stain()):
        body.kind = f"{dye} only"
        signal = float(of_cells.uniform(40.0, 140.0))
        body.dapi = body.ck = body.cd45 = body.her2 = 0.0
        setattr(body, dye, signal)
        body.score = None
        bodies.append(body)
    Placer(size, fields).scatter(of_cells, bodies)
    planes = _buffer(size, fields)
    for body in bodies:
        add(planes[body.field], *render(body, size.um_per_pixel))
    return _specimen(planes, f"{dye} only", {"seed": seed, "truth": [_truth(body) for body in bodies]})


def _buffer(size: Geometry, fields: int) -> NDArray[np.float32]:
    """Return fields with nothing in them but buffer: standards come in no blood, so without its haze."""
    return np.full((fields, len(CHANNELS), size.height, size.width), BUFFER_GREY, np.float32)


def _truth(body: Body) -> dict[str, Any]:
    return {key: value for key, value in asdict(body).items() if key in _TRUTH}


_TRUTH = ("kind", "field", "x", "y", "diameter", "dapi", "ck", "cd45", "her2")


def _specimen(
    planes: NDArray[np.float32], source: str, meta: dict[str, Any], spillover_included: bool = False
) -> Specimen:
    return Specimen(
        planes,
        {
            "version": VERSION,
            "source": source,
            "channels": list(CHANNELS),
            "um_per_pixel": geometry().um_per_pixel,
            "spillover_included": spillover_included,
            **meta,
        },
    )
