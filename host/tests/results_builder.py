"""Result records as a reader writes them: keys in order, rows and crops of one field after the other."""

from __future__ import annotations

import binascii
import struct
from array import array
from collections.abc import Sequence
from typing import Any

import cbor2

from host import core

READER = "e66058388334b12a"
RULE, SIGNAL, CELL = core.RULES


def row(
    field: int = 0,
    score: int | None = 0,
    gate: int = 0,
    x: int = 6400,
    y: int = 3200,
    flags: int = 0,
    reach: tuple[int, int] | None = None,
) -> bytes:
    """Pack one row: a CTC with ``score``, or with None an object that ``gate`` rejected.

    ``reach`` is the range of its score; the score itself when left out.
    """
    ctc = score is not None
    low, high = reach or (score or 0, score or 0)
    her2 = (4, 16, 45, 110)[(score or 0) % 4]
    signals = [(90, 60), (80 if ctc else 0, 40), (1, 2), (her2, 3)]
    return b"".join(
        (
            struct.pack("<4B", field, flags | ctc, 255 if score is None else score, gate),
            # centroid, area, perimeter, box, eccentricity; nucleus, range, overlaps; HER2, its error, focus
            struct.pack("<4H2BH", x, y, 130, 44, 13, 12, 0),
            struct.pack("<2HB3B", 70, 70, low & 15 | (high & 15) << 4 if ctc else 255, 255, 0, 255),
            struct.pack("<I2H", her2 * 100, 20, 600),
            *(struct.pack("<h2H3B", 64 * mean, 64 * sd, 64 * 20, 120, 60, 0) for mean, sd in signals),
            struct.pack("<HB", 120, 21),
        )
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
    rule = changes.get("rule", RULE)
    part = ctc - tally[0] if rule == SIGNAL else tally[3]
    counts = array("I", [*tally, 0, *tally, *tally])
    positive = {RULE: 10 * part > 3 * ctc, SIGNAL: 2 * part >= ctc}.get(rule, part >= 1)
    status = "NO CTC" if not ctc else "POSITIVE" if positive else "NEGATIVE"
    known = rule if rule in core.RULES else RULE
    flags = [core.flag_text(bit) for bit in (1, 2, 4) if core.flags(counts, known) & bit]
    figures = [640, 60, 1300, 8960, 0, 900]
    sound = {
        "format": 2,
        "reader": READER,
        "firmware": "0.1.0",
        "core": "1.0.0",
        "git": "0123abc",
        "gate_set": "cellsearch-1",
        "calibration": "PROVISIONAL-1",
        "cutoffs": "PROVISIONAL-1",
        "settings": "",
        "rule": RULE,
        "kind": "simulated",
        "sample": "S-1",
        "operator": "AB",
        "utc": "2026-03-01T09:30:00Z",
        "boots": 4,
        "sequence": 7,
        "fields_planned": fields,
        "cells": table(scores, rejected, fields),
        "quality": [
            {
                "field": n,
                "leukocytes": 5,
                "hot": 2,
                **dict.fromkeys(("dark", "dapi", "ck", "cd45", "her2"), figures),
            }
            for n in range(fields)
        ],
        "fields": fields,
        "imaged_mm2": round(fields * 316 * 244 / 1e6, 6),
        "tally": tally,
        "tally_low": tally,
        "tally_high": tally,
        "rejected": rejected,
        "leukocytes": 5 * fields,
        "interval": list(core.interval(part, ctc)),
        "status": status,
        "flags": [*flags, "PROVISIONAL"],
        "fault": None,
        "timing": {"capture": 3000, "dapi": 42},
    }
    assert set(changes) <= set(sound)
    return {**sound, **changes}


def crop(number: int, level: int = 15) -> bytes:
    """Pack a crop: four channels, a square of 8 pixels of ``level`` in the middle."""
    rows = [bytes([level << 4 | level if 4 <= at < 8 else 0 for at in range(12)]), bytes(12)]
    return struct.pack("<H", number) + b"".join(rows[not 8 <= y < 16] for y in range(24)) * 4


class Parts(list[bytes]):
    """Rows and crops of one field after the other, as they are; a plain list is rows, without crops."""


def encode(record: dict[str, Any], *, crc: int | None = None) -> bytes:
    """Encode ``record`` and end it with its CRC-32 (``binascii``: not the code under test), or with
    ``crc``."""
    parts = [struct.pack(">BB", 0xB8, len(record) + 1)]
    for key, value in record.items():
        parts.append(cbor2.dumps(key))
        if key == "cells" and isinstance(value, list):
            old = record["format"] == 1
            as_it_is = old or isinstance(value, Parts)
            pairs = value if as_it_is else [part for rows in value for part in (rows, b"")]
            parts += [b"\x5f" if old else b"\x9f", *(cbor2.dumps(chunk) for chunk in pairs), b"\xff"]
        else:
            parts.append(cbor2.dumps(value))
    body = b"".join(parts)
    checksum = binascii.crc32(body) if crc is None else crc
    return body + cbor2.dumps("crc") + b"\x1a" + struct.pack(">I", checksum)


def record(scores: Sequence[int] = (3, 3, 0, 1, 2), **changes: Any) -> bytes:
    """Return the bytes of a sound record, but for ``changes``."""
    return encode(values(scores, **changes))
