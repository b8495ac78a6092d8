"""What may stand in a result record, formats 1 and 2: keys in order, and what each value must be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from host import core
from host.results import format1

KINDS = ("patient", "control", "calibration", "simulated")
INVALID = core.status_text(core.INVALID)
STATUSES = (INVALID, *(core.status_text(n) for n in (core.NO_CTC, core.NEGATIVE, core.POSITIVE)))
PROVISIONAL = "PROVISIONAL"
WARNINGS = {bit: core.flag_text(bit) for bit in (core.LOW_COUNT, core.UNCERTAIN, core.BORDERLINE)}
"""What the core's flags are called, in the record's order."""
NOTES = frozenset({PROVISIONAL, *WARNINGS.values()})
"""Flags that a sound run can carry. Every other one, known here or not, is the reason of an INVALID run."""
CHANNELS = ("dapi", "ck", "cd45", "her2")
QUALITY = ("background", "noise", "threshold", "strip", "saturated", "mean")
NOISE = QUALITY.index("noise")

_U32 = 2**32 - 1

Check = Callable[[Any], bool]


def _whole(low: int, high: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _one_of(*choices: object) -> Check:
    return lambda value: not isinstance(value, bool) and value in choices


def _text(low: int, high: int) -> Check:
    """Printable ASCII of ``low`` to ``high`` characters."""
    return lambda value: (
        isinstance(value, str)
        and low <= len(value) <= high
        and value.isascii()
        and (value.isprintable() or not value)
    )


def _optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _reader(value: Any) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"(?:[0-9a-f]{2}){4,16}|(?:[0-9A-F]{2}){4,16}", value) is not None
    )


def _utc(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _words(value: Any) -> bool:
    """Any text: of an exception, whose author did not think of this record."""
    return isinstance(value, str) and 1 <= len(value) <= 1000


def _number(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(?:[0-9a-f]{64})?", value) is not None


def _quality(value: Any, counted: frozenset[str]) -> bool:
    """One map per field: its number, what is ``counted`` in it (null: not counted), and six figures for each
    channel (``dark`` may be there too)."""
    if not isinstance(value, list):
        return False
    for entry in value:
        if not isinstance(entry, dict) or not _whole(0, 255)(entry.get("field")):
            return False
        if not counted <= set(entry) or not all(_optional(_whole(0, _U32))(entry[name]) for name in counted):
            return False
        channels = set(entry) - {"field"} - counted
        if not channels <= {"dark", *CHANNELS}:
            return False
        for channel in channels:
            figures = entry[channel]
            if (
                not isinstance(figures, list)
                or len(figures) != len(QUALITY)
                or not all(map(_number, figures))
            ):
                return False
    return True


def _list_of(check: Check, length: int | None = None) -> Check:
    return lambda value: isinstance(value, list) and length in (None, len(value)) and all(map(check, value))


def _parts(value: Any) -> bool:
    """Rows and crops of one field after the other."""
    return _list_of(lambda part: isinstance(part, bytes))(value) and len(value) % 2 == 0


def _timing(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(step, str) for step in value)
        and all(map(_number, value.values()))
    )


def _interval(value: Any) -> bool:
    return _list_of(_whole(0, core.INTERVAL_UNIT), 2)(value) and value[0] <= value[1]


_COUNTED = frozenset({"leukocytes", "hot"})
_TALLY = (_list_of(_whole(0, _U32), 4), "four whole numbers")

Schema = dict[str, tuple[Check, str]]

_HEAD: Schema = {
    "reader": (_reader, "the reader's id in hexadecimal"),
    "firmware": (_text(1, 64), "text"),
    "core": (_text(1, 64), "text"),
    "git": (_text(0, 64), "text"),
    "gate_set": (_text(1, 32), "text"),
}
_RUN: Schema = {
    "kind": (_one_of(*KINDS), " or ".join(KINDS)),
    "sample": (_text(0, 32), "up to 32 printable characters"),
    "operator": (_optional(_text(0, 32)), "up to 32 printable characters or null"),
    "utc": (_optional(_utc), "a time by ISO 8601 or null"),
    "boots": (_whole(0, _U32), "a whole number"),
    "sequence": (_whole(1, _U32), "a whole number from 1"),
    "fields_planned": (_whole(0, 255), "0 to 255"),
    "cells": (lambda value: isinstance(value, bytes), "a byte string"),
}
_FIELDS: Schema = {
    "fields": (_whole(0, 255), "0 to 255"),
    "imaged_mm2": (_number, "a number from 0"),
    "tally": _TALLY,
}
_END: Schema = {
    "status": (_one_of(*STATUSES), " or ".join(STATUSES)),
    "flags": (_list_of(_text(1, 32)), "a list of words"),
    "fault": (_optional(_words), "text or null"),
    "timing": (_timing, "milliseconds by step"),
}
_CALIBRATION: Schema = {"calibration": (_text(1, 32), "text")}
_REJECTED: Schema = {"rejected": (_whole(0, _U32), "a whole number")}
_CRC: Schema = {"crc": (_whole(0, _U32), "a CRC-32")}

SCHEMAS: dict[int, Schema] = {
    1: {
        "format": (_whole(1, 1), "1"),
        **_HEAD,
        "rule": (_one_of(format1.RULE), format1.RULE),
        **_RUN,
        "quality": (lambda value: _quality(value, frozenset()), "six figures per field and channel"),
        **_FIELDS,
        **_REJECTED,
        **_END,
        **_CALIBRATION,
        **_CRC,
    },
    2: {
        "format": (_whole(2, 2), "2"),
        **_HEAD,
        **_CALIBRATION,
        "cutoffs": (_text(1, 32), "text"),
        "settings": (_hash, "a SHA-256 in hexadecimal, or empty"),
        "rule": (_one_of(*core.RULES), " or ".join(core.RULES)),
        **_RUN,
        "cells": (_parts, "byte strings, two for each field"),
        "quality": (lambda value: _quality(value, _COUNTED), "two counts per field, six figures per channel"),
        **_FIELDS,
        "tally_low": _TALLY,
        "tally_high": _TALLY,
        **_REJECTED,
        "leukocytes": (_optional(_whole(0, _U32)), "a whole number or null"),
        "interval": (_interval, f"two ascending numbers from 0 to {core.INTERVAL_UNIT}"),
        **_END,
        **_CRC,
    },
}
"""Format -> key -> its check and, for messages, what it must be; in the order of the record."""
