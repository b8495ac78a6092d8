"""A lot of calibration beads, as its data sheet describes it (docs/calibration.md, "Bead lot")."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from host.calibration.errors import CalibrationError

LOT_CHARACTERS = 9
"""Of a lot's id: with date and hash it fits a calibration id of 23 characters."""


@dataclass(frozen=True)
class Level:
    """Beads of one brightness: MESF per bead (0: the blank), and its relative standard uncertainty."""

    name: str
    mesf: float
    uncertainty: float


@dataclass(frozen=True)
class Lot:
    """One lot. ``levels`` ascend; the first is the blank."""

    lot: str
    product: str
    expires: datetime.date
    diameter_um: float
    levels: tuple[Level, ...]

    @property
    def dyed(self) -> tuple[Level, ...]:
        """The levels above the blank."""
        return self.levels[1:]


_KEYS = {"format", "lot", "product", "expires", "diameter_um", "level"}
_LEVEL_KEYS = {"name", "mesf", "uncertainty_percent"}


def load(path: Path) -> Lot:
    """Read a lot file.

    Raises:
        CalibrationError: it is not one.
        OSError: it cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise CalibrationError(f"{path} is not TOML ({why}): see docs/calibration.md, 'Bead lot'.") from None
    try:
        return _lot(table)
    except _Wrong as why:
        raise CalibrationError(f"{path}: {why} See docs/calibration.md, 'Bead lot'.") from None


class _Wrong(Exception):
    pass


def _lot(table: dict[str, Any]) -> Lot:
    if unknown := set(table) - _KEYS:
        raise _Wrong(f"there is no {min(unknown)!r} in a bead lot.")
    if missing := _KEYS - set(table):
        raise _Wrong(f"{min(missing)!r} is missing.")
    if table["format"] != 1:
        raise _Wrong("it is of another version than format 1.")
    lot = table["lot"]
    if not isinstance(lot, str) or not 1 <= len(lot) <= LOT_CHARACTERS or not lot.replace("-", "").isalnum():
        raise _Wrong(f"lot is {lot!r}: give 1 to {LOT_CHARACTERS} letters, digits and dashes.")
    if not lot.isascii() or lot.upper().startswith("PROVISIO"):
        raise _Wrong(f"lot is {lot!r}: give its number from the data sheet.")
    expires = table["expires"]
    if not isinstance(expires, datetime.date) or isinstance(expires, datetime.datetime):
        raise _Wrong("expires is no date: write it as 2027-12-31, without quotes.")
    diameter = _number(table["diameter_um"], "diameter_um", 2.0, 30.0)
    if not isinstance(table["level"], list) or not table["level"]:
        raise _Wrong("there are no [[level]] tables.")
    levels = sorted((_level(level) for level in table["level"]), key=lambda level: level.mesf)
    if levels[0].mesf != 0.0 or (len(levels) > 1 and levels[1].mesf == 0.0):
        raise _Wrong("exactly one level must have mesf = 0: the blank.")
    if len({level.mesf for level in levels}) != len(levels):
        raise _Wrong("two levels have the same mesf.")
    return Lot(lot, str(table["product"]), expires, diameter, tuple(levels))


def _level(table: Any) -> Level:
    if not isinstance(table, dict) or set(table) != _LEVEL_KEYS:
        raise _Wrong(f"a [[level]] has exactly {', '.join(sorted(_LEVEL_KEYS))}.")
    return Level(
        str(table["name"]),
        _number(table["mesf"], "mesf", 0.0, 1e9),
        _number(table["uncertainty_percent"], "uncertainty_percent", 0.0, 50.0) / 100.0,
    )


def _number(value: Any, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise _Wrong(f"{name} is {value!r}: give a number from {low:g} to {high:g}.")
    return float(value)
