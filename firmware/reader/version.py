"""What runs here."""

import build_info
import ctc_core

FIRMWARE: str = build_info.VERSION
GIT: str = build_info.GIT
BUILD: str = build_info.BUILD
DEVELOPMENT: bool = build_info.DEVELOPMENT
CORE: str = ctc_core.VERSION
GATE_SET: str = ctc_core.GATE_SET


def settings() -> "tuple[str, str, str, str]":
    """Return what an analysis is set to: ids of gate set, calibration and cut-offs, and the settings' SHA-256
    (hexadecimal, "" for what is built in)."""
    return GATE_SET, "PROVISIONAL-1", "PROVISIONAL-1", ""


def provisional() -> bool:
    """Return whether HER2 is not yet calibrated on controls: the result then says PROVISIONAL."""
    _, calibration, cutoffs, _ = settings()
    return calibration.startswith("PROVISIONAL") or cutoffs.startswith("PROVISIONAL")
