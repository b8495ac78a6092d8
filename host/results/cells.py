"""The cell table: packed rows, version 2, 71 bytes each (docs/architecture.md, "Cell row")."""

from __future__ import annotations

import math
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
GATES = tuple(core.gate_name(n) or None for n in range(core.GATE_COUNT))
"""``rejected_by`` by its number in a row; 0: none."""
CHANNELS = ("dapi", "ck", "cd45", "her2")
PER_UNIT = 64.0
"""Fixed point of centroids (pixels) and intensities (grey levels)."""
ECCENTRICITY_ONE = 65535.0
FOCUS_ONE = 1000.0
SHARE_ONE = 255.0

FLAGS = {
    "edge": core.FLAG_EDGE,
    "saturated": core.FLAG_SATURATED,
    "split": core.FLAG_SPLIT,
    "borderline": core.FLAG_BORDERLINE,
    "no_ring": core.FLAG_NO_RING,
    "out_of_range": core.FLAG_OUT_OF_RANGE,
}
"""What a row's flags are called; CTC has a key of its own."""

Rows = NDArray[np.void]
Noise = dict[int, dict[str, float]]
"""By field and channel, in grey levels: the width of the frame's noise."""


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
    borderline = (rows["flags"] & core.FLAG_BORDERLINE) != 0
    low, high = rows["range"] & 15, rows["range"] >> 4
    in_range = (low <= rows["score"]) & (rows["score"] <= high) & (high < len(SCORES))
    refuse(
        ("an unknown flag", (rows["flags"] & ~np.uint8(core.FLAGS)) != 0),
        ("an unknown gate", rows["gate"] >= len(GATES)),
        ("a CTC rejected by a gate, or a rejected object without one", ctc != (rows["gate"] == 0)),
        ("a CTC without a score", ctc & (rows["score"] >= len(SCORES))),
        ("a score on an object that is no CTC", ~ctc & (rows["score"] != NOT_SCORED)),
        ("a range of scores that its score is outside of", ctc & ~in_range),
        ("a range of scores on an object that is no CTC", ~ctc & (rows["range"] != NOT_SCORED)),
        ("a borderline that its range of scores does not show", ctc & (borderline != (low != high))),
        ("a body larger than its object", rows["body"] > rows["area"]),
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


def as_dicts(rows: Rows, um_per_pixel: float, noise: Noise) -> list[dict[str, Any]]:
    """Return the rows in physical units; the keys are those of docs/results.md.

    Args:
        rows: of one record.
        um_per_pixel: scale of the frames.
        noise: of the record's fields; where a field or channel is missing, the signal to noise ratio is None.
    """
    return [_as_dict(row, um_per_pixel, noise.get(int(row["field"]), {})) for row in rows]


def _as_dict(row: Any, um: float, noise: dict[str, float]) -> dict[str, Any]:
    flags = int(row["flags"])
    scored = row["score"] != NOT_SCORED
    area, body, nucleus = int(row["area"]), int(row["body"]), int(row["nucleus"])
    means = {name: float(mean) / PER_UNIT for name, mean in zip(CHANNELS, row["signal"]["mean"], strict=True)}
    return {
        "field": int(row["field"]),
        "x_um": round(float(row["x"]) / PER_UNIT * um, 4),
        "y_um": round(float(row["y"]) / PER_UNIT * um, 4),
        "ctc": bool(flags & core.FLAG_CTC),
        "score": SCORES[row["score"]] if scored else None,
        "score_low": SCORES[row["range"] & 15] if scored else None,
        "score_high": SCORES[row["range"] >> 4] if scored else None,
        "rejected_by": GATES[row["gate"]],
        **means,
        "her2_mesf_um2": int(row["her2"]),
        "her2_se": float(row["her2_se"]) / PER_UNIT,
        "cd45_low": round(int(row["cd45_low"]) - float(row["signal"]["background"][2]) / PER_UNIT, 4),
        "area_um2": round(body * um * um, 4),
        "outline_um2": round(area * um * um, 4),
        "equivalent_diameter_um": round(2.0 * math.sqrt(body / math.pi) * um, 4),
        "perimeter_um": round(int(row["perimeter"]) * um, 4),
        "p2a": round(int(row["perimeter"]) ** 2 / area, 4),
        "eccentricity": round(float(row["eccentricity"]) / ECCENTRICITY_ONE, 4),
        "nucleus_um2": round(nucleus * um * um, 4),
        "nucleus_inside": round(int(row["inside"]) / nucleus, 4) if nucleus else None,
        "nucleus_to_cell": round(nucleus / body, 4) if body else None,
        "focus": float(row["focus"]) / FOCUS_ONE,
        **{
            f"overlap_{name}": round(float(share) / SHARE_ONE, 4) if nucleus else None
            for name, share in zip(CHANNELS[1:], row["overlap"], strict=True)
        },
        **{name: bool(flags & bit) for name, bit in FLAGS.items()},
        **{
            f"{name}_{key}": value
            for name, signal in zip(CHANNELS, row["signal"], strict=True)
            for key, value in _signal(
                signal, nucleus if name == "dapi" else area, um, noise.get(name)
            ).items()
        },
    }


def _signal(signal: Any, pixels: int, um: float, noise: float | None) -> dict[str, float | int | None]:
    """One channel: raw but for the mass and the ratio, which are of the corrected mean."""
    mean = float(signal["mean"]) / PER_UNIT
    return {
        "mass": round(mean * pixels * um * um, 4),
        "snr": round(mean / noise, 4) if noise else None,
        "max": int(signal["max"]),
        "median": int(signal["median"]),
        "sd": float(signal["sd"]) / PER_UNIT,
        "background": float(signal["background"]) / PER_UNIT,
        "saturated_share": round(float(signal["saturated"]) / SHARE_ONE, 4),
    }
