"""The id of a calibration: it stands for flat field, spillover and line together."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace

from host import core


def _digits(config: core.Config) -> str:
    """Return 4 hex digits of the SHA-256 of the calibration's values."""
    names = (
        "flat",
        "spillover",
        "spillover_se",
        "line_offset",
        "line_slope",
        "line_se",
        "line_low",
        "line_high",
    )
    values = {name: getattr(config, name) for name in names}
    bare = replace(core.Config.default(), calibration="-", **values)
    return hashlib.sha256(bare.pack()).hexdigest()[:4]


def on_beads(config: core.Config, lot: str, day: datetime.date) -> str:
    """Return the id of a config whose line was measured on beads: lot, date, digits of its values."""
    return f"{lot}-{day:%Y%m%d}-{_digits(config)}"


def without_beads(config: core.Config) -> str:
    """Return the id of a config whose flat field or spillover changed: its line must be measured again."""
    return f"{core.PROVISIONAL}-{_digits(config)}"
