"""Result records of format 1, as readers wrote them. Frozen."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from host.tests.results_builder import READER, encode

Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int, int]


def row(
    field: int = 0, score: int | None = 0, gate: int = 0, x: int = 6400, y: int = 3200, flags: int = 0
) -> bytes:
    """Pack one row: a CTC with ``score``, or with None an object that ``gate`` rejected."""
    ctc = score is not None
    return struct.pack(
        "<4B8H2BH",
        field,
        flags | ctc,
        score if score is not None else 255,
        gate,
        x,
        y,
        120,
        70,
        90 * 64,
        80 * 64 if ctc else 0,
        64,
        (4, 16, 45, 110)[(score or 0) % 4] * 64,
        13,
        12,
        44,
    )


def table(scores: Sequence[int], rejected: int = 3, fields: int = 2) -> list[bytes]:
    """Pack CTCs with these scores, spread over the fields, and rejected objects; one chunk per field."""
    chunks = [b""] * fields
    for n, score in enumerate(scores):
        chunks[n % fields] += row(n % fields, score, x=64 * (10 + n), y=64 * (20 + n))
    for n in range(rejected):
        chunks[n % fields] += row(n % fields, None, gate=2)
    return chunks


def values(
    scores: Sequence[int] = (3, 3, 0, 1, 2), rejected: int = 3, fields: int = 2, **changes: Any
) -> dict[str, Any]:
    """Return the keys of a sound record, in order and without ``crc``; ``changes`` replace values."""
    tally = [list(scores).count(score) for score in range(4)]
    ctc = len(scores)
    status = "NO CTC" if not ctc else "POSITIVE" if 10 * tally[3] > 3 * ctc else "NEGATIVE"
    figures = [640, 60, 1300, 8960, 0, 900]
    sound = {
        "format": 1,
        "reader": READER,
        "firmware": "0.1.0",
        "core": "1.0.0",
        "git": "0123abc",
        "gate_set": "cellsearch-1",
        "rule": "her2-3plus-gt-30pct",
        "kind": "simulated",
        "sample": "S-1",
        "operator": "AB",
        "utc": "2026-03-01T09:30:00Z",
        "boots": 4,
        "sequence": 7,
        "fields_planned": fields,
        "cells": table(scores, rejected, fields),
        "quality": [
            {"field": n, **dict.fromkeys(("dark", "dapi", "ck", "cd45", "her2"), figures)}
            for n in range(fields)
        ],
        "fields": fields,
        "imaged_mm2": round(fields * 316 * 244 / 1e6, 6),
        "tally": tally,
        "rejected": rejected,
        "status": status,
        "flags": ["PROVISIONAL", "LOW COUNT"] if ctc < 11 else ["PROVISIONAL"],
        "fault": None,
        "timing": {"capture": 3000, "dapi": 42},
        "calibration": "PROVISIONAL-1",
    }
    assert set(changes) <= set(sound)
    return {**sound, **changes}


def record(scores: Sequence[int] = (3, 3, 0, 1, 2), **changes: Any) -> bytes:
    """Return the bytes of a sound record, but for ``changes``."""
    return encode(values(scores, **changes))
