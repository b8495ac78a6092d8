"""Frames on disk: five exposures a field, 8 bit, 324 x 244, in the order dark, dapi, ck, cd45, her2.

One field or many, in any of these forms (docs/rescore.md):

- ``.npz`` with ``frames``, uint8 [fields, 5, 244, 324], and optionally ``meta``, JSON text whose ``truth`` is
  that of a prepared specimen;
- a TIFF with five pages a field;
- a folder of such files, taken in the order of their names;
- a prepared specimen (``host bench specimen --keep``), which a model of the reader's camera exposes.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from host import board
from host.core import HEIGHT, WIDTH
from host.files import whole
from host.imaging import Camera, Optics
from host.imaging.camera import CHANNELS
from host.rescore.errors import FramesError
from host.specimen import SpecimenError, io
from host.specimen.tiff import Complaints, lies_within

FIELDS_MAX = 256
"""A cell row has 8 bits for its field."""

SHAPE = (len(CHANNELS), HEIGHT, WIDTH)
WANTED = f"8-bit frames of {WIDTH} x {HEIGHT} pixels, five a field ({', '.join(CHANNELS)})"
SUFFIXES = (".npz", ".tif", ".tiff")

READER = "SIMULATED"
"""Whose optics a prepared specimen is seen through unless another serial number is given."""

_BROKEN = (OSError, ValueError, EOFError, TypeError, zipfile.BadZipFile, AttributeError)


@dataclass(frozen=True, slots=True)
class Frames:
    """Fields as the sensor delivered them.

    Attributes:
        pixels: uint8 [fields, 5, HEIGHT, WIDTH].
        meta: what is known besides; ``truth`` as in a prepared specimen, when there is one.
    """

    pixels: NDArray[np.uint8]
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def truth(self) -> list[dict[str, Any]] | None:
        """Every body of the specimen (docs/specimens.md), None when nobody knows."""
        truth = self.meta.get("truth")
        return truth if isinstance(truth, list) else None


def load(path: Path, *, reader: str = READER, seed: int = 1) -> Frames:
    """Read frames, or expose a prepared specimen.

    Args:
        path: a file or a folder of files.
        reader: serial number of the reader whose optics expose a prepared specimen.
        seed: of its sensor's noise.

    Raises:
        FramesError: what is wrong, in one sentence.
    """
    if not path.is_dir():
        return _file(path, reader, seed)
    try:
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
    except OSError as why:
        raise FramesError(f"{path} cannot be read ({why.strerror}): check its permissions.") from None
    if not files:
        raise FramesError(f"{path} has no .npz or .tif file in it: give a folder of {WANTED}.")
    parts = [_file(one, reader, seed + n) for n, one in enumerate(files)]
    total = sum(len(part.pixels) for part in parts)
    _check_number(path, total)
    truth: list[dict[str, Any]] | None = []
    first = 0
    for part in parts:
        if truth is not None:
            here = part.truth
            truth = None if here is None else truth + [one | {"field": one["field"] + first} for one in here]
        first += len(part.pixels)
    meta = {} if truth is None else {"truth": truth}
    return Frames(np.concatenate([part.pixels for part in parts]), meta)


def _file(path: Path, reader: str, seed: int) -> Frames:
    if path.suffix.lower() == ".npz":
        return _npz(path, reader, seed)
    if path.suffix.lower() in SUFFIXES:
        return _tiff(path)
    if not path.exists():
        raise FramesError(f"There is no file {path}: check the name.")
    raise FramesError(f"{path} is neither .npz nor .tif: give {WANTED}.")


def _npz(path: Path, reader: str, seed: int) -> Frames:
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = set(archive.files)
            pixels = np.asarray(archive["frames"]) if "frames" in names else None
            meta = json.loads(str(archive["meta"])) if pixels is not None and "meta" in names else {}
    except FileNotFoundError:
        raise FramesError(f"There is no file {path}: check the name.") from None
    except _BROKEN as why:
        raise FramesError(f"{path} is damaged or cut short ({_short(why)}): copy it again.") from None
    if pixels is None and "fields" in names:
        return _expose(path, reader, seed)
    if pixels is None:
        raise FramesError(f"{path} has no 'frames' in it: give {WANTED}.")
    if not isinstance(meta, dict):
        raise FramesError(f"The 'meta' of {path} is no JSON object: leave it out or write one.")
    _check(path, pixels)
    return Frames(np.ascontiguousarray(pixels), meta)


def _expose(path: Path, reader: str, seed: int) -> Frames:
    try:
        specimen = io.load(path)
    except SpecimenError as why:
        raise FramesError(str(why)) from None
    return exposed(specimen, Optics.of(board.load(), reader), seed)


def exposed(specimen: io.Specimen, optics: Optics, seed: int) -> Frames:
    """Return a prepared specimen as a reader's camera sees it, every field in five frames."""
    camera = Camera(optics, seed)
    mixed = specimen.spillover_included
    pixels = np.stack([camera.field(planes, spillover_included=mixed) for planes in specimen.fields])
    return Frames(pixels, dict(specimen.meta))


def _tiff(path: Path) -> Frames:
    complaints = Complaints()
    try:
        with complaints.listening(), tifffile.TiffFile(path) as file:
            pages = [page for one in file.series for page in one.pages]
            if any(page is None or not lies_within(page, path.stat().st_size) for page in pages):
                raise FramesError(f"{path} is cut short: copy it again.")
            arrays = [page.asarray() for page in pages if page is not None]
    except FramesError:
        raise
    except FileNotFoundError:
        raise FramesError(f"There is no file {path}: check the name.") from None
    except Exception as why:  # tifffile answers damage with whatever its parser trips over
        raise FramesError(f"{path} is no TIFF, or damaged ({_short(why)}): give {WANTED}.") from None
    try:
        complaints.check(path)
    except SpecimenError as why:
        raise FramesError(str(why)) from None
    if not arrays:
        raise FramesError(f"{path} holds no image: give {WANTED}.")
    if any(one.shape != arrays[0].shape or one.dtype != arrays[0].dtype for one in arrays):
        raise FramesError(f"The pages of {path} differ in size or depth: give {WANTED}.")
    if len(arrays) % len(CHANNELS):
        raise FramesError(f"{path} has {len(arrays)} pages, no whole number of fields: give {WANTED}.")
    pixels = np.stack(arrays)
    if pixels.ndim == 3:
        pixels = pixels.reshape(-1, len(CHANNELS), *pixels.shape[1:])
    _check(path, pixels)
    return Frames(pixels)


def _check(path: Path, pixels: NDArray[Any]) -> None:
    if pixels.dtype != np.uint8:
        raise FramesError(
            f"The frames of {path} are {pixels.dtype}, not 8 bit (uint8): save what the sensor delivered."
        )
    if pixels.ndim != 4 or pixels.shape[1:] != SHAPE:
        shape = " x ".join(map(str, pixels.shape))
        raise FramesError(f"{path} holds {shape}, not fields x {' x '.join(map(str, SHAPE))}: give {WANTED}.")
    _check_number(path, len(pixels))


def _check_number(path: Path, fields: int) -> None:
    if not 1 <= fields <= FIELDS_MAX:
        raise FramesError(f"{path} has {fields} fields and 1 to {FIELDS_MAX} can be analysed: split it.")


def _short(why: Exception) -> str:
    return (" ".join(str(why).split()) or type(why).__name__)[:120]


def save(frames: Frames, path: Path) -> Path:
    """Write frames as ``.npz``, whole or not at all; equal frames give equal bytes.

    Raises:
        OSError: the file cannot be written.
    """
    meta = np.array(json.dumps(frames.meta, allow_nan=False, ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as file:
        np.savez_compressed(file, frames=frames.pixels, meta=meta)
    return path
