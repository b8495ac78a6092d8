"""What the sensor sees: the specimen's dyes under the light of each LED, the reference strip, stray light.

A pixel in grey levels is black level + gain * (sum over the channels of the LED's light relative to that
channel's nominal exposure times the dye signals read under it + noise). Shot noise is that of the
collected electrons, read noise is added to it (EMVA 1288 release 4.0, section 2.2: variance = dark
variance + mean electrons).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.bench.registry import BenchError

DYES = ("dapi", "ck", "cd45", "her2")
BACKGROUND = 4.0  # grey levels of a window with nothing but buffer in it, in every channel
AMBIENT = 90.0  # grey levels per nominal exposure of a lit room through the open lid

Floats = NDArray[np.float32]


class Scene:
    """The specimen under the sensor, field by field.

    Args:
        board: the board's tables; `sensor`, `channels` and `optics` are used.
        seed: seeds the noise.
    """

    def __init__(self, board: dict[str, Any], seed: int) -> None:
        sensor = board["sensor"]
        self.height, self.width = int(sensor["height"]), int(sensor["width"])
        self._strip_columns = int(sensor["strip_columns"])
        self._electrons_per_grey = sensor["full_scale_electrons"] / 255.0
        self._read_variance = float(sensor["read_noise_electrons"]) ** 2
        self._strip = np.array([board["channels"][dye]["strip"] for dye in DYES], np.float32)
        rows = board["optics"]["spillover"]
        self._spillover = np.array([[rows[channel][dye] for dye in DYES] for channel in DYES], np.float32)
        self._noise = np.random.default_rng(seed)
        self._fields: Floats = np.zeros((0, 4, self.height, self.width - self._strip_columns), np.float32)
        self._mixing = self._spillover
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
        shape = (4, self.height, self.width - self._strip_columns)
        try:
            with np.load(path, allow_pickle=False) as archive:
                fields = np.asarray(archive["fields"], np.float32)
                meta = _meta(archive)
        except (OSError, ValueError, KeyError) as error:
            text = f"'{path}' is not a prepared specimen ({error}); 'host bench specimen' makes one."
            raise BenchError(text) from None
        if fields.ndim != 4 or fields.shape[1:] != shape or not np.isfinite(fields).all():
            raise BenchError(
                f"'{path}' has fields of shape {fields.shape[1:]} where the sensor sees {shape}."
            )
        # A picture from a microscope already holds whatever leaked between its channels.
        self._mixing = np.eye(4, dtype=np.float32) if _spillover_included(meta) else self._spillover
        self._fields, self.field, self.specimen = fields, 0, str(path)
        self._signal = self._render()

    def next_field(self) -> None:
        """The magnet released the cells and the next aliquot was drawn."""
        self.field += 1
        self._signal = self._render()

    def _render(self) -> Floats:
        """Grey levels [channel, row, column] at each channel's nominal exposure."""
        signal = np.empty((4, self.height, self.width), np.float32)
        wide = self.width - self._strip_columns
        if self.field < len(self._fields):
            signal[:, :, :wide] = np.tensordot(self._mixing, self._fields[self.field], axes=1)
        else:
            signal[:, :, :wide] = BACKGROUND
        signal[:, :, wide:] = self._strip[:, None, None]
        return signal

    def row(self, row: int, light: Floats, ambient: float, gain: float, black: float) -> bytes:
        """Read out one row.

        Args:
            row: 0 .. height - 1.
            light: of each channel's LED during the row's integration, 1 = that channel's nominal exposure.
            ambient: stray light in the same measure.
            gain: analogue times digital.
            black: grey level without light.
        """
        electrons = (light @ self._signal[:, row] + AMBIENT * ambient) * self._electrons_per_grey
        np.maximum(electrons, 0, out=electrons)
        electrons += self._noise.standard_normal(self.width, np.float32) * np.sqrt(
            electrons + self._read_variance
        )
        grey = black + gain / self._electrons_per_grey * electrons
        return bytes(np.clip(np.rint(grey), 0, 255).astype(np.uint8))


def _meta(archive: Any) -> dict[str, Any]:
    if "meta" not in archive:
        return {}
    meta = json.loads(str(archive["meta"]))
    return meta if isinstance(meta, dict) else {}


def _spillover_included(meta: dict[str, Any]) -> bool:
    return bool(meta.get("spillover_included", False))
