"""The five frames of a field at once, at every channel's nominal exposure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.imaging.optics import DYES, Optics

CHANNELS = ("dark", *DYES)
"""The frames of a field, in the order in which the reader exposes them."""


class Camera:
    """A reader's optics and sensor with the noise of its exposures.

    Args:
        optics: the reader's.
        seed: of shot and read noise; the same seed gives the same frames for the same calls.
    """

    def __init__(self, optics: Optics, seed: int) -> None:
        self.optics = optics
        self._noise = np.random.default_rng(seed)

    def field(self, planes: NDArray[np.float32], *, spillover_included: bool = False) -> NDArray[np.uint8]:
        """Expose a field in the dark and under each LED.

        Args:
            planes: [4, height, image width], dye signals in grey levels above dark at nominal exposure.
            spillover_included: see :meth:`Optics.signal`.

        Returns:
            uint8 [5, height, width]: dark, dapi, ck, cd45, her2.
        """
        sensor = self.optics.sensor
        light = np.empty((len(CHANNELS), sensor.height, sensor.width), np.float32)
        light[0] = 0.0
        light[1:] = self.optics.signal(planes, spillover_included=spillover_included)
        light += self.optics.hot
        return sensor.read(light, 1.0, sensor.black, self._noise)
