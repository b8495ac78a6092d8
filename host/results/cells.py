"""The cell table: packed rows, version 1, 24 bytes each (docs/architecture.md, "Cell row")."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import core
from host.results.errors import RecordError

ROW = core.CELL_DTYPE
NOT_SCORED = 255
FILLER = 255
SCORES = ("0", "1+", "2+", "3+")
GATES = tuple(core.gate_name(n) or None for n in range(8))
"""``rejected_by`` by its number in a row; 0: none."""
CHANNELS = ("dapi", "ck", "cd45", "her2")
PER_UNIT = 64.0
"""Fixed point of centroids (pixels) and means (grey levels)."""

Rows = NDArray[np.void]


def unpack(table: bytes, *, broken_off: bool) -> Rows:
    """Return the rows of a cell table.

    Args:
        table: the packed rows.
        broken_off: the run ended in a fault, perhaps inside a chunk; what the chunk still lacked is rows
            of 255, which are left out. In any other run they are an error.

    Raises:
        RecordError: the table's length is no whole number of rows, or a row contradicts itself.
    """
    rows = np.frombuffer(whole_rows(table, ROW, broken_off=broken_off), dtype=ROW)
    ctc = (rows["flags"] & core.FLAG_CTC) != 0
    refuse(
        (
            "an unknown flag",
            (rows["flags"] & ~np.uint8(core.FLAG_CTC | core.FLAG_EDGE | core.FLAG_SATURATED)) != 0,
        ),
        ("an unknown gate", rows["gate"] >= len(GATES)),
        ("a CTC rejected by a gate, or a rejected object without one", ctc != (rows["gate"] == 0)),
        ("a CTC without a score", ctc & (rows["score"] >= len(SCORES))),
        ("a score on an object that is no CTC", ~ctc & (rows["score"] != NOT_SCORED)),
        ("a nucleus larger than its object", rows["nucleus"] > rows["area"]),
        ("an object without area", rows["area"] == 0),
    )
    return rows


def whole_rows(table: bytes, row: np.dtype[Any], *, broken_off: bool) -> bytes:
    """Return the rows of a cell table without what a chunk that broke off was filled up with.

    Raises:
        RecordError: the table's length is no whole number of rows.
    """
    if len(table) % row.itemsize:
        raise RecordError(
            f"The cell table has {len(table)} bytes, no whole number of {row.itemsize}-byte rows."
        )
    if broken_off:
        whole = np.frombuffer(table, dtype=np.uint8).reshape(-1, row.itemsize)
        table = whole[(whole != FILLER).any(axis=1)].tobytes()
    return table


def refuse(*faults: tuple[str, NDArray[np.bool_]]) -> None:
    """Refuse the first row that has one of these faults, given as what it has and which rows have it.

    Raises:
        RecordError: there is one.
    """
    for what, wrong in faults:
        if wrong.any():
            raise RecordError(f"Row {int(np.argmax(wrong))} of the cell table has {what}.")


def tally(rows: Rows) -> array[int]:
    """Return the tally of rows by the core (``core.tally``)."""
    counts = core.new_counts()
    core.tally(rows.tobytes(), len(rows), counts)
    return counts


def as_dicts(rows: Rows, um_per_pixel: float) -> list[dict[str, Any]]:
    """Return the rows in physical units.

    Keys: ``field``; ``x_um``, ``y_um`` (the first pixel's centre is 0); ``ctc``; ``score`` ("0" to "3+",
    None for no CTC); ``rejected_by`` (gate, None for a CTC); ``dapi``, ``ck``, ``cd45``, ``her2`` (means in
    grey levels above background); ``area_um2``, ``nucleus_um2``; ``edge``, ``saturated``.
    """
    square = um_per_pixel * um_per_pixel
    return [
        {
            "field": int(row["field"]),
            "x_um": round(float(row["x"]) / PER_UNIT * um_per_pixel, 4),
            "y_um": round(float(row["y"]) / PER_UNIT * um_per_pixel, 4),
            "ctc": bool(row["flags"] & core.FLAG_CTC),
            "score": None if row["score"] == NOT_SCORED else SCORES[row["score"]],
            "rejected_by": GATES[row["gate"]],
            **{channel: float(mean) / PER_UNIT for channel, mean in zip(CHANNELS, row["mean"], strict=True)},
            "area_um2": round(float(row["area"]) * square, 4),
            "nucleus_um2": round(float(row["nucleus"]) * square, 4),
            "edge": bool(row["flags"] & core.FLAG_EDGE),
            "saturated": bool(row["flags"] & core.FLAG_SATURATED),
        }
        for row in rows
    ]
