"""Each simulated reader's own calibration, by the code that calibrates real ones (``host.calibration``).

Standards are made by the simulator and exposed by the reader's camera: an even dye slide, four single-stained
controls, and beads, which the core finds and measures like cells.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import log2
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import core
from host.calibration import beads, flat, lot, spillover
from host.calibration.frames import CHANNELS, IMAGE
from host.calibration.limits import judge
from host.imaging import Camera, Optics
from host.specimen import Specimen
from host.specimen.standards import bead_specimen, flat_specimen, stained_specimen

LOT = lot.load(Path(beads.__file__).with_name("virtual-beads.toml"))
FIELDS = 4
SEED = 365470530625
Q16 = 1 << 16
MESF_PER_GREY = 100.0
"""MESF per um2 of a grey level on the nominal reader: the core's built-in line, by decree."""


@lru_cache(maxsize=64)
def calibrated(config: core.Config, optics: Optics, reader: str) -> core.Config:
    """Return settings with flat field, spillover and HER2 line as measured through a reader's optics.

    Args:
        config: everything else.
        optics: the reader's.
        reader: its name, for the calibration's id.

    Raises:
        CalibrationRefused: the reader is not good enough.
    """
    camera = Camera(optics, SEED)
    name = f"EVALUATION {reader}"
    even = flat.measure(_frames(camera, flat_specimen(1, FIELDS))[..., :IMAGE])
    controls = {dye: _frames(camera, stained_specimen(dye, 2, FIELDS))[..., :IMAGE] for dye in CHANNELS}
    leak = spillover.measure(controls)
    corrected = leak.apply(even.apply(config, name), name)
    machine = core.Core(corrected)
    rows = [
        machine.analyse_field(number, enumerate(frames))
        for number, frames in enumerate(_frames(camera, bead_specimen(LOT, 3, FIELDS)))
    ]
    line = beads.calibrate(np.concatenate(rows), LOT, config.score_min)
    for what, found in (("flat field", even), ("spillover matrix", leak), ("bead calibration", line)):
        judge(f"The {what} of {reader}", list(found.checks))
    return line.apply(corrected, name)


def with_light(config: core.Config, her2_light: float) -> core.Config:
    """Return settings whose HER2 line is that of a reader with so many grey levels per unit of HER2."""
    shift = round(log2(her2_light) * config.line_slope)
    return replace(config, line_offset=config.line_offset - shift)


def _frames(camera: Camera, specimen: Specimen) -> NDArray[np.uint8]:
    mixed = specimen.spillover_included
    return np.stack([camera.field(planes, spillover_included=mixed) for planes in specimen.fields])
