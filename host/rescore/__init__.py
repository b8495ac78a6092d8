"""Frames from disk through the reader's own core, and how far the result agrees with the truth."""

from __future__ import annotations

from host.rescore.analyse import Measured, analyse
from host.rescore.compare import Comparison, compare
from host.rescore.errors import FramesError
from host.rescore.frames import Frames, load, save

__all__ = ["Comparison", "Frames", "FramesError", "Measured", "analyse", "compare", "load", "save"]
