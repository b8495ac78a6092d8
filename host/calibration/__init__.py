"""Calibrations of a reader: HER2 on beads, flat field on a dye slide, spillover on single-stained controls.

Each measures, judges by limits that are data (``limits.toml``), and gives a Config for ``host.settings``.
"""

from host.calibration.errors import CalibrationError, CalibrationRefused

__all__ = ["CalibrationError", "CalibrationRefused"]
