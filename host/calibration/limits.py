"""Acceptance limits as data, and one line of a judgement."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from host.calibration.errors import CalibrationRefused


@dataclass(frozen=True)
class Check:
    """One limit and what was found: ``reason`` is the sentence for a person when it is not kept."""

    name: str
    ok: bool
    value: float
    limit: str
    reason: str


@cache
def limits(kind: str) -> dict[str, float]:
    """Return the limits of ``beads``, ``flat`` or ``spillover`` (``limits.toml``)."""
    with Path(__file__).with_name("limits.toml").open("rb") as file:
        table: dict[str, dict[str, float]] = tomllib.load(file)
    return table[kind]


def judge(what: str, checks: list[Check]) -> None:
    """Raise CalibrationRefused, with the first reason, unless every check is kept."""
    failed = [check for check in checks if not check.ok]
    if failed:
        others = f" ({len(failed) - 1} more limits are not kept.)" if len(failed) > 1 else ""
        raise CalibrationRefused(f"{what} is refused: {failed[0].reason}{others}")
