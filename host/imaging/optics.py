"""What belongs to one reader and to no specimen: uneven light, spillover, reference strip, hot pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from host.imaging.sensor import Sensor

Floats = NDArray[np.float32]

DYES = ("dapi", "ck", "cd45", "her2")

TILT = 0.04  # largest share of the mean by which the light rises from the centre to an edge
VIGNETTE = 0.05  # largest share by which it falls off towards a side, quadratically
FALL_OFF_MAX = 0.5  # from the brightest place to the darkest: beyond it a reader would fail its self-test

HOT_MEDIAN = 30.0  # grey levels above dark in a nominal exposure
HOT_SPREAD = 0.8  # of its logarithm
HOT_MOST = 220.0


@dataclass(frozen=True, slots=True, eq=False)
class Optics:
    """One reader's light path.

    Attributes:
        sensor: behind it.
        uneven: [4, height, image width], each channel's light relative to its mean; the same in every
            exposure this reader ever makes.
        spillover: [4, 4], share of each dye (column) read under each LED (row).
        strip: [4], grey level above dark of the reference strip under each LED.
        hot: [height, width], grey levels that a pixel adds to any exposure, 0 for a good one.
    """

    sensor: Sensor
    uneven: Floats
    spillover: Floats
    strip: Floats
    hot: Floats

    @classmethod
    def of(
        cls, board: dict[str, Any], reader: str, *, fall_off: float | None = None, hot: int | None = None
    ) -> Self:
        """Return the optics of the reader with that serial number: always the same for the same number.

        Args:
            board: the board's tables; ``sensor``, ``channels`` and ``optics`` are used.
            reader: its serial number, any text.
            fall_off: share by which the darkest place lies below the brightest in every channel, 0 to 0.5;
                None: what this reader happens to have (at most about 15 %).
            hot: number of hot pixels; None: the board's.

        Raises:
            ValueError: ``fall_off`` outside its range.
        """
        if fall_off is not None and not 0.0 <= fall_off <= FALL_OFF_MAX:
            raise ValueError(f"A fall-off of {fall_off:g} is outside 0 to {FALL_OFF_MAX:g}.")
        sensor = Sensor.of(board)
        light, heat = (
            np.random.default_rng(child)
            for child in np.random.SeedSequence(list(reader.encode()) or [0]).spawn(2)
        )
        rows = board["optics"]["spillover"]
        return cls(
            sensor=sensor,
            uneven=_uneven(light, sensor, fall_off),
            spillover=np.array([[rows[channel][dye] for dye in DYES] for channel in DYES], np.float32),
            strip=np.array([board["channels"][dye]["strip"] for dye in DYES], np.float32),
            hot=_hot(heat, sensor, sensor.hot_pixels if hot is None else hot),
        )

    def signal(self, planes: Floats, *, spillover_included: bool) -> Floats:
        """Return what reaches the sensor under each LED at its nominal exposure.

        Args:
            planes: [4, height, image width], dye signals in grey levels above dark.
            spillover_included: a microscope's image already holds whatever leaked between its channels.

        Returns:
            [4, height, width], the reference strip in the last columns.
        """
        wide = self.sensor.image_width
        signal = np.empty((len(DYES), self.sensor.height, self.sensor.width), np.float32)
        image = signal[:, :, :wide]
        image[:] = planes
        if not spillover_included:
            image *= np.diag(self.spillover)[:, None, None]
            for led, dye in zip(*np.nonzero(self.spillover), strict=True):  # few: quicker than a product
                if led != dye:
                    image[led] += self.spillover[led, dye] * planes[dye]
        image *= self.uneven
        signal[:, :, wide:] = self.strip[:, None, None]
        return signal


def _uneven(rng: np.random.Generator, sensor: Sensor, fall_off: float | None) -> Floats:
    """Draw a smooth field of light per channel: tilt and quadratic fall-off, mean 1."""
    u = np.linspace(-1.0, 1.0, sensor.image_width)[None, :]
    v = np.linspace(-1.0, 1.0, sensor.height)[:, None]
    planes = []
    for _ in DYES:
        tilt_x, tilt_y = rng.uniform(-TILT, TILT, size=2)
        plane = 1.0 + tilt_x * u + tilt_y * v - rng.uniform(0.0, VIGNETTE) * (u**2 + v**2)
        if fall_off is not None:
            # The same shape, stretched until its darkest place is that much below its brightest.
            deep = (plane.max() - plane) / (plane.max() - plane.min())
            plane = 1.0 - fall_off * deep
        planes.append(plane / plane.mean())
    return np.stack(planes).astype(np.float32)


def _hot(rng: np.random.Generator, sensor: Sensor, count: int) -> Floats:
    """Scatter hot pixels; their dark current is log-normal, as leakage of single defects is."""
    heat = np.zeros((sensor.height, sensor.width), np.float32)
    for place in rng.choice(heat.size, size=count, replace=False):
        level = HOT_MEDIAN * np.exp(HOT_SPREAD * rng.standard_normal())
        heat.flat[place] = min(level, HOT_MOST)
    return heat
