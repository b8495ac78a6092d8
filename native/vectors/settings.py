"""Settings blobs for the vectors, packed by the table in ``ctc/settings.h``: the same bytes under MicroPython
and CPython.
"""

import struct
from binascii import crc32

TILES = 20
ONE = 4096
Q16 = 65536
ALL = 15
HOT, FLAT, BACKGROUND, SPILLOVER = 1, 2, 4, 8
"""Bits of ``corrections``."""


def identity() -> list[list[int]]:
    """Return a spillover matrix without spillover."""
    return [[Q16 if row == column else 0 for column in range(4)] for row in range(4)]


def name(text: str) -> bytes:
    return text.encode() + bytes(24 - len(text))


def pack(corrections=ALL, flat=None, spillover=None, gates=None) -> bytes:
    """Return settings with the built-in thresholds and cut-offs and these corrections.

    ``flat``: 4 rows of TILES values, ONE for none. ``spillover``: 4 rows of 4, each known exactly.
    ``gates``: 13 values in the order of ``ctc_gates``.
    """
    blob = b"CTCS" + struct.pack("<HH", 1, 408) + name("cellsearch-2") + name("vectors") + name("vectors")
    blob += struct.pack("<5H", corrections, 6 * 16, 10 * 64, 8 * 64, 2 * 16)
    for value in gates or (8 * 64, 0, 7, 0, 12 * 64, 65535, 13, 804, 32, 65535, 501, 0, 65535):
        blob += struct.pack("<H", value)
    for row in flat or [[ONE] * TILES] * 4:
        for value in row:
            blob += struct.pack("<H", value)
    for row in spillover or identity():
        blob += struct.pack("<4i", row[0], row[1], row[2], row[3])
    blob += (
        bytes(32) + struct.pack("<iiHH", 435412, Q16, 0, 0) + struct.pack("<5I", 0, 25500, 900, 2700, 7000)
    )
    return blob + struct.pack("<I", crc32(blob))
