"""The file of a specimen: ``.npz`` with the planes and what is known about them.

``fields``: float32 [fields, 4, height, width], dye signal in grey levels above dark at the nominal exposure
of ``board.toml``, channels in the order dapi, ck, cd45, her2. ``meta``: JSON text.
Neither shot nor read noise is in it: the sensor adds those, once for each exposure. Nor is uneven light: that
is the reader's own (``host.imaging``), the same for every specimen.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.files import whole
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS, geometry

VERSION = 2
"""2: without the uneven light that version 1 carried."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """What lies under the sensor.

    Attributes:
        fields: float32 [fields, 4, height, width], grey levels above dark.
        meta: JSON-able; at least ``version``, ``source``, ``spillover_included`` and ``truth`` (list or
        null).
    """

    fields: NDArray[np.float32]
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def spillover_included(self) -> bool:
        """Whether one dye's light in another's channel is already part of the planes."""
        return bool(self.meta["spillover_included"])


def check(specimen: Specimen) -> None:
    """Raise ``SpecimenError`` unless the planes fit the reader and are finite light."""
    size = geometry()
    shape = specimen.fields.shape
    if len(shape) != 4 or shape[0] < 1 or shape[1:] != (len(CHANNELS), size.height, size.width):
        raise SpecimenError(
            f"The specimen's planes are {shape}, not fields x {len(CHANNELS)} x {size.height} x "
            f"{size.width}: "
            "make it again with `host bench specimen`."
        )
    if not np.isfinite(specimen.fields).all():
        raise SpecimenError(
            "The specimen holds values that are not numbers: mend or mask them and try again."
        )
    if specimen.fields.min() < 0:
        raise SpecimenError("The specimen holds negative light: clip it at 0 and try again.")


def save(specimen: Specimen, path: Path) -> Path:
    """Write ``specimen`` to ``path``, whole or not at all; equal specimens give equal bytes.

    Raises:
        SpecimenError: the planes do not fit the reader.
        OSError: the file cannot be written.
    """
    check(specimen)
    meta = np.array(json.dumps(specimen.meta, allow_nan=False, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez_compressed(file, fields=specimen.fields.astype(np.float32, copy=False), meta=meta)
    return path


def load(path: Path) -> Specimen:
    """Read what ``save`` wrote.

    Raises:
        SpecimenError: the file is missing, is no specimen, or is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            fields = np.asarray(archive["fields"], dtype=np.float32)
            meta = json.loads(str(archive["meta"]))
    except FileNotFoundError:
        raise SpecimenError(f"There is no specimen file {path}: check the name.") from None
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, AttributeError) as why:
        raise SpecimenError(
            f"{path} is not a specimen of this reader ({why}): make one with `host bench specimen`."
        ) from None
    if not isinstance(meta, dict) or meta.get("version") != VERSION:
        raise SpecimenError(
            f"{path} is a specimen of another version: make it again with `host bench specimen`."
        )
    specimen = Specimen(fields, meta)
    check(specimen)
    return specimen
