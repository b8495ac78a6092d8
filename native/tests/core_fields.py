"""Fields for the tests of the core: frames from masks, and a whole field in one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import core

IMAGE = core.WIDTH - core.STRIP_COLUMNS
GROUND = 20
"""Level of a frame where nothing is, with no noise."""
CHANNELS = (core.DARK, core.DAPI, core.CK, core.CD45, core.HER2)
PLAIN = replace(
    core.Config.default(),
    spillover=tuple(tuple(65536 if i == j else 0 for j in range(4)) for i in range(4)),  # type: ignore[arg-type]
    spillover_se=((0, 0, 0, 0),) * 4,
)
"""The built-in settings without spillover."""

Frame = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def ground(level: int = GROUND) -> Frame:
    """A frame of one level, the strip at 150."""
    frame = np.full((core.HEIGHT, core.WIDTH), level, np.uint8)
    frame[:, IMAGE:] = 150
    return frame


def disc(x: float, y: float, radius: float) -> Mask:
    """The pixels of the image within a disc."""
    rows, columns = np.mgrid[: core.HEIGHT, :IMAGE]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius * radius


def painted(*parts: tuple[Mask, int]) -> Frame:
    """The ground with masks painted on it at these levels."""
    frame = ground()
    for mask, level in parts:
        frame[:, :IMAGE][mask] = level
    return frame


@dataclass
class Field:
    """What the core says of a field."""

    cells: NDArray[np.void]
    quality: dict[int, list[int]]
    nuclei: NDArray[np.uint16]


def analysed(config: core.Config = PLAIN, **frames: Frame) -> Field:
    """Analyse frames given by channel name; those left out are ground, dark is left out."""
    reader = core.Core(config)
    reader.begin(0)
    quality: dict[int, list[int]] = {}
    nuclei: Any = None
    for number, name in enumerate(("dark", "dapi", "ck", "cd45", "her2")):
        if name == "dark" and name not in frames:
            continue
        reader.pixels[:] = frames.get(name, ground())
        reader.analyse(number)
        quality[number] = [reader.quality(item) for item in range(9)]
        if number == core.DAPI:
            nuclei = reader.nuclei()
    reader.end()
    return Field(reader.cells(), quality, nuclei)
