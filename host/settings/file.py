"""A settings file (TOML) to the core's Config, and back.

Three groups, each with an id that stands for its values, and so each whole or not at all: ``gate_set``,
``cutoffs`` and ``calibration``. A group that the file does not have stays as it was.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from host import core
from host.settings import arrays, entries, values
from host.settings.entries import CORRECTIONS, CUTOFFS, GATE_SET, LINE, Entry
from host.settings.errors import SettingsError
from host.settings.names import known, only

FORMAT = 1
ID_CHARACTERS = 23
_AT_ONE_GREY = "calibration.line.at_one_grey"
_OFFSET_MAX = 32.0


def load(path: Path, base: core.Config | None = None) -> core.Config:
    """Return ``base`` (the built-in settings) with what the file gives.

    Raises:
        SettingsError: the file is not one of settings, or a value cannot be used.
        OSError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is no text: give a settings file in TOML.") from None
    return parse(text, base, str(path))


def parse(text: str, base: core.Config | None = None, name: str = "The file") -> core.Config:
    """As ``load``, from the file's text."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise SettingsError(
            f"{name} is not TOML ({why}): mend it, or begin with 'host settings show'."
        ) from None
    config = base or core.Config.default()
    known("", table, ("format", "gate_set", "cutoffs", "calibration"))
    if table.get("format") != FORMAT:
        raise SettingsError(
            f"{name} has no 'format = {FORMAT}': it is of another version, or no settings file."
        )
    if "gate_set" in table:
        config = _gate_set(config, table["gate_set"])
    if "cutoffs" in table:
        config = _cutoffs(config, table["cutoffs"])
    if "calibration" in table:
        config = _calibration(config, table["calibration"])
    check(config)
    return config


def check(config: core.Config) -> None:
    """Raise SettingsError, which says what is wrong, for a Config that no analysis may be run with."""
    for name in ("gate_set", "calibration", "cutoffs"):
        _id(name, getattr(config, name))
    low, middle, high = config.score_min
    if not low < middle < high:
        raise SettingsError(
            f"The cut-offs {low}, {middle} and {high} do not ascend: put 1+, 2+ and 3+ in order."
        )
    if config.gates.area_min > config.gates.area_max:
        raise SettingsError("gates.small.area_min is above gates.large.area_max, so no cell could pass.")
    if config.line_low >= config.line_high:
        raise SettingsError(
            "calibration.line.low is not below line.high: give the range that the beads cover."
        )
    try:
        config.pack()
    except core.Error:
        raise SettingsError(
            "The spillover matrix cannot be inverted, or would multiply errors more than "
            f"{core.CONDITION_MAX}-fold: measure the single-stained controls again."
        ) from None


def unpack(blob: bytes) -> core.Config:
    """Return the settings that a reader packed; raises SettingsError for those of another version."""
    try:
        return core.Config.unpack(blob)
    except core.Error:
        raise SettingsError(
            "The reader's settings are of another version than this host: flash it with 'host flash'."
        ) from None


def _gate_set(config: core.Config, table: Any) -> core.Config:
    only("gate_set", table, ("id", "borderline", "corrections", "threshold", "gates"))
    switches = table["corrections"]
    only("gate_set.corrections", switches, CORRECTIONS)
    bits = 0
    for name, (bit, _) in CORRECTIONS.items():
        if not isinstance(switches[name], bool):
            raise SettingsError(f"gate_set.corrections.{name} is neither true nor false: give one of them.")
        bits |= bit if switches[name] else 0
    config = _entries(config, "gate_set", table, GATE_SET)
    return replace(config, gate_set=_id("gate_set", table["id"]), corrections=bits)


def _cutoffs(config: core.Config, table: Any) -> core.Config:
    only("cutoffs", table, ("id", "least"))
    return replace(_entries(config, "cutoffs", table, CUTOFFS), cutoffs=_id("cutoffs", table["id"]))


def _calibration(config: core.Config, table: Any) -> core.Config:
    only("calibration", table, ("id", "line", "spillover", "spillover_standard_uncertainty", "flat"))
    only("calibration.line", table["line"], ("at_one_grey", *(entry.path.split(".")[1] for entry in LINE)))
    at_one = values.number(_AT_ONE_GREY, table["line"]["at_one_grey"], "MESF/um2")
    if not 2.0**-_OFFSET_MAX <= at_one < 2.0**_OFFSET_MAX:
        raise SettingsError(f"{_AT_ONE_GREY} is {at_one:g} MESF/um2: give a positive number below 2^32.")
    shares = "calibration.spillover"
    lowest, highest = core.SPILLOVER_MIN / arrays.Q16, core.SPILLOVER_MAX / arrays.Q16
    mixing = arrays.matrix(shares, table["spillover"], lowest, 1.0)
    for n, channel in enumerate(arrays.CHANNELS):
        for m, dye in enumerate(arrays.CHANNELS):
            if n == m and mixing[n][m] != arrays.Q16:
                raise SettingsError(
                    f"{shares}.{channel}.{dye} is not 1: a dye has all its signal in its own."
                )
            if n != m and mixing[n][m] > core.SPILLOVER_MAX:
                raise SettingsError(f"{shares}.{channel}.{dye} is not below 1: give at most {highest:.5f}.")
    config = _entries(config, "calibration", table, LINE, "line")
    return replace(
        config,
        calibration=_id("calibration", table["id"]),
        line_offset=round(math.log2(at_one) * arrays.Q16),
        spillover=mixing,
        spillover_se=arrays.matrix(
            "calibration.spillover_standard_uncertainty",
            table["spillover_standard_uncertainty"],
            0.0,
            highest,
        ),
        flat=arrays.flat("calibration.flat", table["flat"]),
    )


def _entries(
    config: core.Config, group: str, table: Any, wanted: tuple[Entry, ...], *also: str
) -> core.Config:
    """Put the entries of one group into the Config; ``also``: tables whose names are checked elsewhere."""
    tables: dict[str, set[str]] = {}
    for entry in wanted:
        *above, name = entry.path.split(".")
        for depth in range(len(above)):
            tables.setdefault(".".join(above[:depth]), set()).add(above[depth])
        tables.setdefault(".".join(above), set()).add(name)
    for path, names in tables.items():
        if path and path not in also:
            only(f"{group}.{path}", _at(table, path), sorted(names))
    gates: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    scores = list(config.score_min)
    for entry in wanted:
        value = values.parse(entry, f"{group}.{entry.path}", _at(table, entry.path))
        kind, _, name = entry.field.rpartition(".")
        if kind == "gates":
            gates[name] = value
        elif kind == "score_min":
            scores[int(name)] = value
        else:
            plain[entry.field] = value
    return replace(
        config, gates=replace(config.gates, **gates), score_min=(scores[0], scores[1], scores[2]), **plain
    )


def _at(table: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(table, dict):
            raise SettingsError(f"{path} is no table: see 'host settings show' for the form of the file.")
        table = table[name]
    return table


def _value(config: core.Config, entry: Entry) -> int:
    kind, _, name = entry.field.rpartition(".")
    if kind == "gates":
        return int(getattr(config.gates, name))
    return int(config.score_min[int(name)] if kind else getattr(config, name))


def _id(group: str, text: Any) -> str:
    if (
        not isinstance(text, str)
        or not 1 <= len(text) <= ID_CHARACTERS
        or not all(" " <= character <= "~" for character in text)
        or text.startswith(" ")
    ):
        raise SettingsError(f"{group}.id is {text!r}: give 1 to {ID_CHARACTERS} printable ASCII characters.")
    return text


def dump(config: core.Config) -> str:
    """Return the settings file of a Config, every value with its unit and what it is."""
    lines = [
        "# Settings of a CTC reader (docs/calibration.md). Each of the three groups is whole or not there;",
        "# change its id with any of its values. Grey levels are above background, of 255.",
        f"format = {FORMAT}",
        "",
        "[gate_set]",
        f"id = {_quoted(config.gate_set)}",
    ]
    lines += _entry_lines(config, "gate_set", GATE_SET[3:4])
    lines += ["", "[gate_set.corrections]"]
    for name, (bit, what) in CORRECTIONS.items():
        lines.append(_aligned(f"{name} = {'true' if config.corrections & bit else 'false'}", what))
    lines += _entry_lines(config, "gate_set", GATE_SET[:3] + GATE_SET[4:])
    lines += [
        "",
        "# No cut-off for HER2 on CTCs is published in calibrated units: these stay PROVISIONAL, and every",
        "# result says so, until they are set on 0 / 1+ / 2+ / 3+ cell-line controls.",
        "[cutoffs]",
        f"id = {_quoted(config.cutoffs)}",
        *_entry_lines(config, "cutoffs", CUTOFFS),
        "",
        "[calibration]",
        f"id = {_quoted(config.calibration)}",
        *_entry_lines(config, "calibration", LINE),
        _aligned(
            f'at_one_grey = "{_mesf_text(config.line_offset)} MESF/um2"',
            "what one grey level of HER2 is",
        ),
        "",
        "# Share of each dye's signal (name) read in each channel (row); 1: its signal in its own channel.",
        "[calibration.spillover]",
        *arrays.matrix_lines(config.spillover),
        "",
        "[calibration.spillover_standard_uncertainty]",
        *arrays.matrix_lines(config.spillover_se),
        "",
        "# Relative response by tile (64 x 61 um), row by row.",
        "[calibration.flat]",
        *arrays.flat_lines(config),
        "",
    ]
    return "\n".join(lines)


def _mesf_text(offset: int) -> str:
    """Return the shortest number whose log2, in Q16, is ``offset``."""
    for digits in range(1, 18):
        text = f"{2.0 ** (offset / arrays.Q16):.{digits}g}"
        if round(math.log2(float(text)) * arrays.Q16) == offset:
            break
    return values.plain(text)


def _entry_lines(config: core.Config, group: str, wanted: tuple[Entry, ...]) -> list[str]:
    lines, table = [], ""
    for entry in wanted:
        above, _, name = entry.path.rpartition(".")
        if above != table:
            lines += ["", f"[{group}.{above}]"]
            table = above
        key = name if name.replace("_", "").isalnum() else _quoted(name)
        lines.append(_aligned(f'{key} = "{values.form(entry, _value(config, entry))}"', entry.what))
    return lines


def _aligned(text: str, comment: str) -> str:
    return f"{text:<34}# {comment}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_table(config: core.Config) -> dict[str, Any]:
    """Return the settings as the file has them, as one JSON-able table."""
    return tomllib.loads(dump(config))


__all__ = ["FORMAT", "as_table", "check", "dump", "entries", "load", "parse", "unpack"]
