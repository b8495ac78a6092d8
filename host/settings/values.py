"""One value as text: a number and its unit, ``"16 grey"``, or ``"off"``."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from host.settings.entries import Entry
from host.settings.errors import SettingsError


def number(place: str, text: Any, unit: str) -> float:
    """Return the number of ``"number unit"``; a bare number will do where there is no unit.

    Raises:
        SettingsError: it is none, or has another unit.
    """
    wanted = f'a number of {unit}, as in "1 {unit}"' if unit else 'a number, as in "1"'
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        if unit:
            raise SettingsError(f"{place} is {text} without a unit: write {wanted}.")
        text = str(text)
    if not isinstance(text, str):
        raise SettingsError(f"{place} is no text: write {wanted}.")
    figure, _, given = text.strip().partition(" ")
    try:
        value = float(figure)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SettingsError(f"{place} is {text!r}: write {wanted}.")
    if given.strip() != unit:
        raise SettingsError(f"{place} is in {given.strip() or 'no unit'!r}: write {wanted}.")
    return value


def parse(entry: Entry, place: str, text: Any) -> int:
    """Return the core's fixed-point value.

    Raises:
        SettingsError: no number, another unit, or out of range.
    """
    if isinstance(text, str) and text.strip() == "off":
        if entry.off is None:
            raise SettingsError(f"{place} cannot be off: give {_range(entry)}.")
        return entry.off
    value = number(place, text, entry.unit)
    if not entry.low <= value <= entry.high:
        raise SettingsError(f"{place} is {text!r}: give {_range(entry)}.")
    return round(value * entry.scale)


def form(entry: Entry, value: int) -> str:
    """Return the value as ``parse`` reads it."""
    if value == entry.off:
        return "off"
    return f"{shortest(value, entry.scale)} {entry.unit}".strip()


def shortest(value: int, scale: float) -> str:
    """Return the shortest decimal number that is ``value`` again when multiplied by ``scale`` and rounded."""
    for digits in range(1, 18):
        text = f"{value / scale:.{digits}g}"
        if round(float(text) * scale) == value:
            break
    return plain(text)


def plain(text: str) -> str:
    """Return a number's text without an exponent."""
    return format(Decimal(text), "f")


def _range(entry: Entry) -> str:
    off = ', or "off"' if entry.off is not None else ""
    unit = f" {entry.unit}" if entry.unit else ""
    return f"{entry.low:.6g} to {entry.high:.10g}{unit}{off}"
