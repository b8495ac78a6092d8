"""Scenes of discs for the tests of the core."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from host import core

IMAGE = core.WIDTH - core.STRIP_COLUMNS


@pytest.fixture
def flat() -> NDArray[np.uint8]:
    """A frame of one level, 20, with the strip at 150."""
    frame = np.full((core.HEIGHT, core.WIDTH), 20, np.uint8)
    frame[:, IMAGE:] = 150
    return frame
