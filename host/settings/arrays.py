"""Flat field and spillover: the values of a settings file that are arrays."""

from __future__ import annotations

from typing import Any

from host import core
from host.settings import values
from host.settings.errors import SettingsError
from host.settings.names import only

CHANNELS = ("dapi", "ck", "cd45", "her2")
Q16 = 65536.0

Flat = tuple[tuple[int, ...], ...]
Matrix = tuple[core.Row4, core.Row4, core.Row4, core.Row4]


def flat(place: str, table: Any) -> Flat:
    """Return the core's flat field of ``{channel: rows of tiles}``, relative response, mean about 1."""
    only(place, table, CHANNELS)
    low, high = core.FLAT_MIN / core.FLAT_ONE, core.FLAT_MAX / core.FLAT_ONE
    channels = []
    for channel in CHANNELS:
        rows, tiles = table[channel], []
        shape = f"{core.TILE_ROWS} rows of {core.TILE_COLUMNS} numbers"
        if not isinstance(rows, list) or len(rows) != core.TILE_ROWS:
            raise SettingsError(f"{place}.{channel} is not {shape}: give one number per tile.")
        for row in rows:
            if not isinstance(row, list) or len(row) != core.TILE_COLUMNS:
                raise SettingsError(f"{place}.{channel} is not {shape}: give one number per tile.")
            for value in row:
                response = values.number(f"{place}.{channel}", value, "")
                if not low <= response <= high:
                    raise SettingsError(
                        f"{place}.{channel} holds {response:g}: a tile's response is {low:g} to {high:g}."
                    )
                tiles.append(round(response * core.FLAT_ONE))
        channels.append(tuple(tiles))
    return tuple(channels)


def matrix(place: str, table: Any, low: float, high: float) -> Matrix:
    """Return the core's Q16 of ``{channel read: {dye: share}}``, each from ``low`` to ``high``."""
    only(place, table, CHANNELS)
    rows = []
    for channel in CHANNELS:
        only(f"{place}.{channel}", table[channel], CHANNELS)
        row = [values.number(f"{place}.{channel}.{dye}", table[channel][dye], "") for dye in CHANNELS]
        for dye, share in zip(CHANNELS, row, strict=True):
            if not low <= share <= high:
                raise SettingsError(f"{place}.{channel}.{dye} is {share:g}: give {low:g} to {high:.6g}.")
        rows.append(tuple(round(share * Q16) for share in row))
    return tuple(rows)  # type: ignore[return-value]


def flat_lines(config: core.Config) -> list[str]:
    """Return the flat field as lines of TOML."""
    lines = []
    for channel, tiles in zip(CHANNELS, config.flat, strict=True):
        lines.append(f"{channel} = [")
        for row in range(core.TILE_ROWS):
            part = tiles[row * core.TILE_COLUMNS : (row + 1) * core.TILE_COLUMNS]
            texts = (values.shortest(value, core.FLAT_ONE) for value in part)
            lines.append(f"    [{', '.join(f'{text:>6}' for text in texts)}],")
        lines.append("]")
    return lines


def matrix_lines(rows: Matrix) -> list[str]:
    """Return a matrix as lines of TOML."""
    lines = []
    for channel, row in zip(CHANNELS, rows, strict=True):
        shares = (f"{dye} = {values.shortest(v, Q16)}" for dye, v in zip(CHANNELS, row, strict=True))
        lines.append(f"{channel} = {{ {', '.join(shares)} }}")
    return lines
