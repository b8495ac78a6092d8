"""What may stand in a result record, format 1: keys in order, and what each value must be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from host import core

FORMAT = 1
RULES = (core.RULE,)
KINDS = ("patient", "control", "calibration", "simulated")
INVALID = core.status_text(core.INVALID)
STATUSES = (INVALID, *(core.status_text(n) for n in (core.NO_CTC, core.NEGATIVE, core.POSITIVE)))
NOTES = frozenset({"PROVISIONAL", "LOW COUNT"})
"""Flags that a sound run can carry. Every other one, known here or not, is the reason of an INVALID run."""
LOW_COUNT = 11
"""Below so many CTCs no result excludes 30 %: the upper 95 % limit of 0 in 10 is 30.8 %, of 0 in 11 28.5 %
(Clopper-Pearson)."""
CHANNELS = ("dapi", "ck", "cd45", "her2")
QUALITY = ("background", "noise", "threshold", "strip", "saturated", "mean")

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


def _quality(value: Any) -> bool:
    """One map per field: its number, and six figures for each channel (``dark`` may be there too)."""
    if not isinstance(value, list):
        return False
    for entry in value:
        if not isinstance(entry, dict) or not _whole(0, 255)(entry.get("field")):
            return False
        channels = set(entry) - {"field"}
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


def _timing(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(step, str) for step in value)
        and all(map(_number, value.values()))
    )


SCHEMA: dict[str, tuple[Check, str]] = {
    "format": (_whole(FORMAT, FORMAT), f"{FORMAT}"),
    "reader": (_reader, "the reader's id in hexadecimal"),
    "firmware": (_text(1, 64), "text"),
    "core": (_text(1, 64), "text"),
    "git": (_text(0, 64), "text"),
    "gate_set": (_text(1, 32), "text"),
    "rule": (_one_of(*RULES), " or ".join(RULES)),
    "kind": (_one_of(*KINDS), " or ".join(KINDS)),
    "sample": (_text(0, 32), "up to 32 printable characters"),
    "operator": (_optional(_text(0, 32)), "up to 32 printable characters or null"),
    "utc": (_optional(_utc), "a time by ISO 8601 or null"),
    "boots": (_whole(0, _U32), "a whole number"),
    "sequence": (_whole(1, _U32), "a whole number from 1"),
    "fields_planned": (_whole(0, 255), "0 to 255"),
    "cells": (lambda value: isinstance(value, bytes), "a byte string"),
    "quality": (_quality, "six figures per field and channel"),
    "fields": (_whole(0, 255), "0 to 255"),
    "imaged_mm2": (_number, "a number from 0"),
    "tally": (_list_of(_whole(0, _U32), 4), "four whole numbers"),
    "rejected": (_whole(0, _U32), "a whole number"),
    "status": (_one_of(*STATUSES), " or ".join(STATUSES)),
    "flags": (_list_of(_text(1, 32)), "a list of words"),
    "fault": (_optional(_words), "text or null"),
    "timing": (_timing, "milliseconds by step"),
    "calibration": (_text(1, 32), "text"),
    "crc": (_whole(0, _U32), "a CRC-32"),
}
"""Key -> its check and, for messages, what it must be; in the order of the record."""
