"""What was different in records of format 1: rows of 24 bytes, and no range of a score. Frozen: such records
lie in the stores of laboratories and stay readable; nothing writes them any more."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from host import core
from host.results.cells import NOT_SCORED, SCORES, Noise, Rows, refuse, whole_rows

RULE = "her2-3plus-gt-30pct"
LOW_COUNT = 11
"""Fewer CTCs carry the flag LOW COUNT, its whole meaning in format 1."""

ROW = np.dtype(
    [
        ("field", "u1"),
        ("flags", "u1"),
        ("score", "u1"),
        ("gate", "u1"),
        ("x", "<u2"),
        ("y", "<u2"),
        ("area", "<u2"),
        ("nucleus", "<u2"),
        ("mean", "<u2", 4),
        ("width", "u1"),
        ("height", "u1"),
        ("perimeter", "<u2"),
    ]
)
"""Cell row, version 1; centroids in 1/64 pixel, means of dapi, ck, cd45, her2 in 1/64 grey level."""

_CTC, _EDGE, _SATURATED = 1, 2, 4
_GATES = (None, "dapi", "ck", "cd45", "small", "large", "shape", "nucleus")
_CHANNELS = ("dapi", "ck", "cd45", "her2")
_PER_UNIT = 64.0


def unpack(table: bytes, *, broken_off: bool) -> Rows:
    """Return the rows of a cell table; as :func:`host.results.cells.unpack`."""
    rows = np.frombuffer(whole_rows(table, ROW, broken_off=broken_off), dtype=ROW)
    ctc = (rows["flags"] & _CTC) != 0
    refuse(
        ("an unknown flag", (rows["flags"] & ~np.uint8(_CTC | _EDGE | _SATURATED)) != 0),
        ("an unknown gate", rows["gate"] >= len(_GATES)),
        ("a CTC rejected by a gate, or a rejected object without one", ctc != (rows["gate"] == 0)),
        ("a CTC without a score", ctc & (rows["score"] >= len(SCORES))),
        ("a score on an object that is no CTC", ~ctc & (rows["score"] != NOT_SCORED)),
        ("a nucleus larger than its object", rows["nucleus"] > rows["area"]),
        ("an object without area", rows["area"] == 0),
    )
    return rows


def tally(rows: Rows) -> array[int]:
    """Return the tally of rows; the range of a score is the score."""
    scores = [int((rows["score"] == score).sum()) for score in range(len(SCORES))]
    counts = core.counts_of(scores)
    counts[core.TALLY_REJECTED] = len(rows) - sum(scores)
    return counts


def as_dicts(rows: Rows, um_per_pixel: float, _noise: Noise) -> list[dict[str, Any]]:
    """Return the rows in physical units; as :func:`host.results.cells.as_dicts`, with fewer keys."""
    square = um_per_pixel * um_per_pixel
    return [
        {
            "field": int(row["field"]),
            "x_um": round(float(row["x"]) / _PER_UNIT * um_per_pixel, 4),
            "y_um": round(float(row["y"]) / _PER_UNIT * um_per_pixel, 4),
            "ctc": bool(row["flags"] & _CTC),
            "score": None if row["score"] == NOT_SCORED else SCORES[row["score"]],
            "rejected_by": _GATES[row["gate"]],
            **{name: float(mean) / _PER_UNIT for name, mean in zip(_CHANNELS, row["mean"], strict=True)},
            "area_um2": round(float(row["area"]) * square, 4),
            "nucleus_um2": round(float(row["nucleus"]) * square, 4),
            "edge": bool(row["flags"] & _EDGE),
            "saturated": bool(row["flags"] & _SATURATED),
        }
        for row in rows
    ]
