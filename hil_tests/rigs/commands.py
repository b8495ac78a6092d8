"""A real rig described by a TOML file: the commands that move lid, specimen, button and power."""

from __future__ import annotations

import shlex
import subprocess
import tomllib
from pathlib import Path

from .base import Lacking, Rig

COMMAND_SECONDS = 60


class CommandRig(Rig):
    """`--rig FILE.toml` (docs/bench.md).

    Args:
        file: tables `[port] device`, and where the rig has them `[uart] device`, `[lid] open/close`,
            `[button] press` (with `{ms}`), `[specimen] <name>/none`, `[power] on/off`: each a command line.
    """

    def __init__(self, file: Path) -> None:
        with file.open("rb") as stream:
            self._tables = tomllib.load(stream)
        if "device" not in self._tables.get("port", {}):
            raise ValueError(f"{file} names no reader: it needs [port] with device = ...")
        unknown = set(self._tables) - {"port", "uart", "lid", "button", "specimen", "power"}
        if unknown:
            raise ValueError(f"{file} has tables that no rig knows: {', '.join(sorted(unknown))}.")
        self.features = frozenset(self._tables) | {"screen"}

    def port(self) -> str:
        return str(self._tables["port"]["device"])

    def uart(self) -> str:
        if "uart" not in self._tables:
            raise Lacking("uart")
        return str(self._tables["uart"]["device"])

    def lid(self, open_: bool) -> None:
        self._do("lid", "open" if open_ else "close")

    def press(self, milliseconds: int) -> None:
        self._do("button", "press", ms=milliseconds)

    def place(self, name: str | None) -> None:
        self._do("specimen", name or "none")

    def power(self, on: bool) -> None:
        self._do("power", "on" if on else "off")

    def _do(self, table: str, action: str, **values: object) -> None:
        command = self._tables.get(table, {}).get(action)
        if command is None:
            raise Lacking(f"{table}.{action}")
        words = [word.format(**values) for word in shlex.split(command)]
        subprocess.run(words, check=True, timeout=COMMAND_SECONDS)
