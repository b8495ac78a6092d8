"""A microscope's image as a specimen."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.specimen import tiles
from host.specimen.errors import SpecimenError
from host.specimen.geometry import CHANNELS, FULL_SCALE, Geometry, geometry
from host.specimen.io import VERSION, Specimen
from host.specimen.names import order
from host.specimen.ome import OmeMetadata
from host.specimen.resample import resample, size_after
from host.specimen.scale import full_scale
from host.specimen.tiff import Planes, TiffImage

UM_PER_PIXEL = (0.05, 20.0)
"""Sizes that a microscope's pixel can have here: from 100 x oil on small pixels to 1 x on large ones.
Beyond, a unit has been mixed up."""

_log = logging.getLogger(__name__)


def from_file(
    path: Path, *, um_per_pixel: float | None = None, bits: int | None = None, fields: int | None = None
) -> Specimen:
    """Read a four-channel TIFF or OME-TIFF of any size and depth.

    Args:
        path: the file.
        um_per_pixel: used only when the file does not say; without both, the reader's own.
        bits: significant bits; it wins over the file's, which cameras' software often leaves at the storage
        size.
        fields: use only the first so many fields, in reading order.

    Raises:
        SpecimenError: what is wrong with the file, and what to do.
    """
    size = geometry()
    if fields is not None and not 1 <= fields <= size.fields_max:
        raise SpecimenError(f"A run takes 1 to {size.fields_max} fields, not {fields}: change --fields.")
    with TiffImage(path) as image:
        header = image.header
        pixel_y, pixel_x = _pixel_size(header.metadata, um_per_pixel, size)
        scale_y, scale_x = pixel_y / size.um_per_pixel, pixel_x / size.um_per_pixel
        height, width = size_after(header.height, scale_y), size_after(header.width, scale_x)
        available = tiles.count(height, width, size)
        # Decided from the header: an image that will be refused is not read into memory.
        if available > size.fields_max and fields is None:
            raise SpecimenError(
                f"{path} makes {available} fields ({width} x {height} um) and a run takes at most "
                f"{size.fields_max}: "
                f"crop it, or give --fields {size.fields_max} to use the first ones."
            )
        wanted = order(header.metadata.channels)
        planes = image.read()
    scale = _full_scale(path, planes, bits)
    grey = [resample(_to_grey(planes.pixels[index], scale), scale_y, scale_x) for index in wanted]
    used = tiles.cut(np.stack(grey), size)[:fields]
    meta = {
        "version": VERSION,
        "source": "file",
        "file": path.name,
        "channels": list(CHANNELS),
        "um_per_pixel": size.um_per_pixel,
        "spillover_included": True,
        "parameters": {
            "um_per_pixel_x": pixel_x,
            "um_per_pixel_y": pixel_y,
            "full_scale": scale,
            "page_of_channel": list(wanted),
            "fields_available": available,
        },
        "truth": None,
    }
    return Specimen(used, meta)


def _pixel_size(metadata: OmeMetadata, option: float | None, size: Geometry) -> tuple[float, float]:
    """Return the pixel's height and width in um: the file's, else the option, else the reader's own."""
    low, high = UM_PER_PIXEL
    if option is not None and not low <= option <= high:
        raise SpecimenError(
            f"A pixel of {option:g} um is not a microscope's: give --um-per-pixel from {low:g} to {high:g}."
        )
    x, y = metadata.um_per_pixel_x, metadata.um_per_pixel_y
    if x is None or y is None:
        own = size.um_per_pixel if option is None else option
        return own, own
    for value in (y, x):
        if not low <= value <= high:
            raise SpecimenError(
                f"The file says its pixels are {value:g} um, which is not a microscope's ({low:g} to "
                f"{high:g}): "
                "correct the file's PhysicalSizeX and its unit."
            )
    if option is not None and abs(option - x) > 0.01 * x:
        _log.warning("The file says %g um per pixel: --um-per-pixel %g is not used.", x, option)
    return y, x


def _full_scale(path: Path, planes: Planes, bits: int | None) -> float:
    pixels = planes.pixels
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        bad = int(pixels.size - np.count_nonzero(np.isfinite(pixels)))
        raise SpecimenError(
            f"{path} has {bad} pixels that are not numbers (NaN or infinite): mend or mask them."
        )
    depth = planes.metadata.significant_bits if bits is None else bits
    if pixels.dtype.kind == "f" and bits is None:
        depth = None  # writers put the storage size there
    return full_scale(pixels.dtype, depth, float(pixels.max()), float(pixels.min()))


def _to_grey(plane: NDArray[Any], scale: float) -> NDArray[np.float32]:
    """Negative numbers, left by somebody's background subtraction, are no light."""
    grey: NDArray[np.float32] = np.maximum(
        plane.astype(np.float32) * np.float32(FULL_SCALE / scale), np.float32(0.0)
    )
    return grey
