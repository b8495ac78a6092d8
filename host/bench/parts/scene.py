"""What the sensor sees: the specimen's dyes under the light of each LED, the reference strip, stray light.

A pixel in grey levels is black level + gain * (sum over the channels of the LED's light relative to that
channel's nominal exposure times what the optics let through of the dyes under it + noise); optics, electrons
and noise are ``host.imaging``'s.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.bench.registry import BenchError
from host.imaging import DYES, Optics

__all__ = ["DYES", "Scene"]

BACKGROUND = 4.0  # grey levels of a window with nothing but buffer in it, in every channel
AMBIENT = 90.0  # grey levels per nominal exposure of a lit room through the open lid

Floats = NDArray[np.float32]


class Scene:
    """The specimen under the sensor, field by field.

    Args:
        optics: of the reader.
        seed: seeds the noise.
    """

    def __init__(self, optics: Optics, seed: int) -> None:
        self._optics, self._sensor = optics, optics.sensor
        self.height, self.width = self._sensor.height, self._sensor.width
        self._noise = np.random.default_rng(seed)
        self._shape = (len(DYES), self.height, self._sensor.image_width)
        self._fields: Floats = np.zeros((0, *self._shape), np.float32)
        self._mixed = False
        self.field = 0
        self.specimen: str | None = None
        self._signal = self._render()

    @property
    def fields(self) -> int:
        """How many fields the specimen has."""
        return len(self._fields)

    def remove(self) -> None:
        """Take the specimen out."""
        self._fields = self._fields[:0]
        self.field, self.specimen = 0, None
        self._signal = self._render()

    def insert(self, path: Path) -> None:
        """Put a prepared specimen (docs/architecture.md, "The virtual bench") under the sensor.

        Raises:
            BenchError: the file is not one.
        """
        try:
            with np.load(path, allow_pickle=False) as archive:
                fields = np.asarray(archive["fields"], np.float32)
                meta = _meta(archive)
        except (OSError, ValueError, KeyError) as error:
            text = f"'{path}' is not a prepared specimen ({error}); 'host bench specimen' makes one."
            raise BenchError(text) from None
        if fields.ndim != 4 or fields.shape[1:] != self._shape or not np.isfinite(fields).all():
            raise BenchError(
                f"'{path}' has fields of shape {fields.shape[1:]} where the sensor sees {self._shape}."
            )
        self._mixed = _spillover_included(meta)
        self._fields, self.field, self.specimen = fields, 0, str(path)
        self._signal = self._render()

    def next_field(self) -> None:
        """The magnet released the cells and the next aliquot was drawn."""
        self.field += 1
        self._signal = self._render()

    def _render(self) -> Floats:
        """Grey levels [channel, row, column] at each channel's nominal exposure."""
        if self.field < len(self._fields):
            return self._optics.signal(self._fields[self.field], spillover_included=self._mixed)
        empty = np.full(self._shape, BACKGROUND, np.float32)
        return self._optics.signal(empty, spillover_included=True)

    def row(self, row: int, light: Floats, ambient: float, gain: float, black: float) -> bytes:
        """Read out one row.

        Args:
            row: 0 .. height - 1.
            light: of each channel's LED during the row's integration, 1 = that channel's nominal exposure.
            ambient: stray light in the same measure.
            gain: analogue times digital.
            black: grey level without light.
        """
        grey = light @ self._signal[:, row] + np.float32(AMBIENT * ambient) + self._optics.hot[row]
        return self._sensor.read(grey, gain, black, self._noise).tobytes()


def _meta(archive: Any) -> dict[str, Any]:
    if "meta" not in archive:
        return {}
    meta = json.loads(str(archive["meta"]))
    return meta if isinstance(meta, dict) else {}


def _spillover_included(meta: dict[str, Any]) -> bool:
    return bool(meta.get("spillover_included", False))
