"""The reader's hardware description, read from ``boards/<name>/board.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The repository: the package is installed from it in editable form (``make`` does that)."""

BOARDS = ROOT / "boards"


@cache
def load(name: str = "CTC_READER") -> dict[str, Any]:
    """Return the tables of ``board.toml`` of one board.

    Raises:
        FileNotFoundError: no such board.
        tomllib.TOMLDecodeError: the file is not TOML.
    """
    with (BOARDS / name / "board.toml").open("rb") as file:
        return tomllib.load(file)


def constants(name: str = "CTC_READER") -> dict[str, Any]:
    """Return the same values flat, as the firmware's module ``board`` has them.

    Tables are joined by ``_`` and upper case: ``[magnet] hold_ma`` is ``MAGNET_HOLD_MA``.
    """
    flat: dict[str, Any] = {}

    def walk(prefix: str, table: dict[str, Any]) -> None:
        for key, value in table.items():
            path = f"{prefix}_{key}".upper().lstrip("_")
            if isinstance(value, dict):
                walk(path, value)
            else:
                flat[path] = value

    walk("", load(name))
    return flat
