"""The reader's eye as a model: uneven light, spillover, strip, hot pixels, electrons and grey levels.

One implementation for the virtual bench, which reads it row by row while the firmware runs, and for
``Camera``, which makes the five frames of a field at once. It needs nothing but the board's data.
"""

from __future__ import annotations

from host.imaging.camera import Camera
from host.imaging.optics import DYES, Optics
from host.imaging.sensor import Sensor

__all__ = ["DYES", "Camera", "Optics", "Sensor"]
