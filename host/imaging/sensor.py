"""Light into electrons into grey levels.

Shot noise is that of the collected electrons, read noise is added to it (EMVA 1288 release 4.0, section 2.2:
variance = dark variance + mean electrons; at these numbers a normal distribution).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FULL_SCALE = 255


@dataclass(frozen=True, slots=True)
class Sensor:
    """The image sensor of a board.

    Attributes:
        width, height: pixels, reference strip included.
        strip_columns: of the right edge, that look at the strip.
        electrons_per_grey: at gain 1.
        read_variance: electrons squared.
        black: grey level without light.
        hot_pixels: how many a sensor has.
    """

    width: int
    height: int
    strip_columns: int
    electrons_per_grey: float
    read_variance: float
    black: int
    hot_pixels: int

    @classmethod
    def of(cls, board: dict[str, Any]) -> Self:
        """Return the sensor that the board's table ``sensor`` describes."""
        sensor = board["sensor"]
        return cls(
            width=int(sensor["width"]),
            height=int(sensor["height"]),
            strip_columns=int(sensor["strip_columns"]),
            electrons_per_grey=sensor["full_scale_electrons"] / FULL_SCALE,
            read_variance=float(sensor["read_noise_electrons"]) ** 2,
            black=int(sensor["black_level"]),
            hot_pixels=int(sensor["hot_pixels"]),
        )

    @property
    def image_width(self) -> int:
        """Columns that look at the specimen."""
        return self.width - self.strip_columns

    def read(self, light: Floats, gain: float, black: float, noise: np.random.Generator) -> NDArray[np.uint8]:
        """Return what light becomes.

        Args:
            light: grey levels above dark at gain 1, without noise; any shape.
            gain: analogue times digital.
            black: grey level without light.
            noise: the source of shot and read noise.
        """
        electrons = light * np.float32(self.electrons_per_grey)
        np.maximum(electrons, 0, out=electrons)
        spread = np.sqrt(electrons + np.float32(self.read_variance))
        spread *= noise.standard_normal(light.shape, np.float32)
        electrons += spread
        electrons *= np.float32(gain / self.electrons_per_grey)
        electrons += np.float32(black)
        np.rint(electrons, out=electrons)
        np.clip(electrons, 0, FULL_SCALE, out=electrons)
        return electrons.astype(np.uint8)
