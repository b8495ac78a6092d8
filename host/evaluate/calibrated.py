"""Each simulated reader's own calibration, measured as a real one's would be."""

from __future__ import annotations

from dataclasses import replace

from host import core

Key = tuple[str, float | None, int | None, float | None]
"""Reader, fall-off, hot pixels, leak: what its optics depend on (``specimen.optics``)."""


def settings(config: core.Config, key: Key, calibrated: bool, her2_light: float) -> core.Config:
    """Return the locked settings with a reader's calibration in them.

    Args:
        config: the locked settings.
        key: the reader.
        calibrated: False: only the HER2 line is the reader's.
        her2_light: grey levels per unit of HER2, relative to the nominal reader.
    """
    cut_offs = tuple(round(value * her2_light) for value in config.score_min)
    return replace(config, score_min=cut_offs)
