"""The size of a field and its scale, from the board's data."""

from __future__ import annotations

from dataclasses import dataclass

from host import board

CHANNELS = ("dapi", "ck", "cd45", "her2")
"""The channels that image a dye, in the order of a specimen's planes (and of the reader's frames)."""

FULL_SCALE = 255.0
"""Largest grey level of the reader's 8-bit frame."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """What of the specimen one frame shows: the sensor's area without the reference strip."""

    width: int  # pixels
    height: int  # pixels
    um_per_pixel: float
    fields: int  # per run, unless the start request says otherwise
    fields_max: int  # that one run can take


def geometry(name: str = "CTC_READER") -> Geometry:
    """Return the geometry of one board (``board.toml``, tables ``sensor`` and ``assay``)."""
    tables = board.load(name)
    sensor, assay = tables["sensor"], tables["assay"]
    return Geometry(
        width=sensor["width"] - sensor["strip_columns"],
        height=sensor["height"],
        um_per_pixel=sensor["um_per_pixel"],
        fields=assay["fields"],
        fields_max=assay["fields_max"],
    )
