"""Crops: what a reader kept of how its CTCs look (docs/architecture.md, "Crops"; ``ctc/crop.h``).

In a record, each field has a byte string of them behind its rows: an object's number in the field, then its
four channels, CROP_SIDE x CROP_SIDE pixels of 4 bits each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import core
from host.results.errors import RecordError

CROP = np.dtype([("number", "<u2"), ("pixels", "u1", (4, core.CROP_BYTES))])
"""One crop; ``pixels`` of dapi, ck, cd45, her2."""
WHITE = 15
NO_OBJECT = 0xFFFF
"""Number in a crop that is missing: what a chunk that broke off was filled up with."""
GREY = 64.0

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Crop:
    """``row`` counts the record's cells; ``pixels``: [4, CROP_SIDE, CROP_SIDE], 0 to 15, dapi to her2."""

    row: int
    pixels: Pixels

    def grey(self, signal: Any) -> NDArray[np.float64]:
        """Return the pixels in grey levels, [4, CROP_SIDE, CROP_SIDE].

        Raw, and no finer than a fifteenth of what lies between the background and the maximum of the cell;
        what is beyond either is lost, and a pixel outside the image is the background.

        Args:
            signal: the cell's four, as in its row (``core.SIGNAL_DTYPE``).
        """
        background = signal["background"] / GREY
        span = np.maximum(signal["max"] - background, 0.0)
        return np.asarray(background[:, None, None] + self.pixels * (span / WHITE)[:, None, None])


def unpack(chunk: bytes, first: int, objects: int, *, broken_off: bool) -> list[Crop]:
    """Return the crops of one field.

    Args:
        chunk: packed crops.
        first: what the record counts the field's first object as.
        objects: how many the field has.
        broken_off: the run ended in a fault, perhaps inside a chunk: what it lacked is 255 and is left out.

    Raises:
        RecordError: no whole number of crops, of objects that the field does not have, or out of order.
    """
    if len(chunk) % CROP.itemsize:
        raise RecordError(
            f"A field's crops have {len(chunk)} bytes, no whole number of {CROP.itemsize}-byte crops."
        )
    crops = np.frombuffer(chunk, CROP)
    if broken_off:
        crops = crops[crops["number"] != NO_OBJECT]
    numbers = crops["number"].astype(int)
    if (np.diff(numbers, prepend=-1) <= 0).any() or (numbers >= objects).any():
        raise RecordError("The record has crops of objects that it does not have, or not in their order.")
    halves = crops["pixels"]
    pixels = np.stack([halves >> 4, halves & 15], axis=-1).reshape(-1, 4, core.CROP_SIDE, core.CROP_SIDE)
    return [Crop(first + number, one) for number, one in zip(numbers.tolist(), pixels, strict=True)]
