"""Names in a settings file: all that must be there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from host.settings.errors import SettingsError


def known(place: str, table: Any, names: Iterable[str]) -> None:
    """Raise SettingsError unless ``table`` is a table with none but these names; suggest the nearest."""
    names = tuple(names)
    if not isinstance(table, dict):
        raise SettingsError(f"{place or 'The file'} is no table: give it the names {', '.join(names)}.")
    for name in table:
        if name not in names:
            near = get_close_matches(str(name), names, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}."
            raise SettingsError(
                f"There is no {'.'.join(filter(None, (place, str(name))))} in settings: {hint}"
            )


def only(place: str, table: Any, names: Iterable[str]) -> None:
    """As ``known``, and every one of the names must be there."""
    names = tuple(names)
    known(place, table, names)
    for name in names:
        if name not in table:
            raise SettingsError(
                f"{place}.{name} is missing: {place} is given whole or not at all, "
                "so that its id stands for its values."
            )
