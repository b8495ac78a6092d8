"""What lies under the sensor of a virtual bench: simulated with ground truth, or a microscope's image.

``prepare`` writes the file that the bench's ``specimen`` command takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from host.specimen.errors import SpecimenError
from host.specimen.files import from_file
from host.specimen.io import Specimen, load, save
from host.specimen.simulate import Parameters, parameters, simulate

__all__ = [
    "Parameters",
    "Specimen",
    "SpecimenError",
    "from_file",
    "load",
    "parameters",
    "prepare",
    "save",
    "simulate",
]


def prepare(
    out: Path,
    *,
    file: Path | None = None,
    um_per_pixel: float | None = None,
    bits: int | None = None,
    simulate: int | None = None,
    fields: int | None = None,
    **wishes: Any,
) -> Path:
    """Write a specimen to ``out`` (``.npz``) and return that path.

    Args:
        out: where to; written whole or not at all.
        file: a four-channel TIFF or OME-TIFF; or
        simulate: the seed of a simulated specimen, at least 0. Exactly one of the two.
        um_per_pixel: of ``file``, when it does not say itself.
        bits: significant bits of ``file``, when it does not say itself.
        fields: fields of the simulated specimen (None: the board's), or how many of the file's to use (None:
        all).
        wishes: what the simulated specimen is made from: attributes of ``Parameters``.

    Raises:
        SpecimenError: what is wrong and what to do, in one sentence.
        OSError: ``out`` cannot be written.
    """
    if (file is None) == (simulate is None):
        raise SpecimenError("Give either a TIFF file or --simulate SEED: one of the two.")
    if file is not None:
        return save(from_file(file, um_per_pixel=um_per_pixel, bits=bits, fields=fields), out)
    assert simulate is not None
    return save(_simulate(parameters(simulate, fields=fields, **wishes)), out)


_simulate = simulate  # `prepare` has a parameter of that name, after the command's option
