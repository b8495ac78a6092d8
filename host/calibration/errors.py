"""What can go wrong in a calibration; each message is one sentence: what is wrong, what to do."""

from __future__ import annotations


class CalibrationError(Exception):
    """A bead lot, a frame set or limits that cannot be used: nothing was measured."""


class CalibrationRefused(Exception):
    """What was measured is not good enough: nothing was sent to a reader and nothing written."""
