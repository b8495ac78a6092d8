"""The peers that the core's speed is compared with do the work they are said to do, on the same frames."""

from __future__ import annotations

import numpy as np
import pytest

from host.evaluate import peers

FRAMES = peers.field()


def test_the_field_is_a_full_one() -> None:
    rows = peers.ours(FRAMES)()
    assert 18 <= rows <= 45  # 20 CTCs and what debris shows cytokeratin
    assert FRAMES.shape == (5, 244, 324)


def test_scipy_measures_every_object_in_four_channels() -> None:
    found = peers.scipy(FRAMES)()
    assert len(found) == 12
    assert all(len(values) == len(found[0]) >= 50 for values in found)


def test_opencv_measures_every_object_in_four_channels() -> None:
    pytest.importorskip("cv2", reason="bench-only: requirements-bench.txt")
    stats, centroids, sums = peers.opencv(FRAMES)()
    assert len(sums) == 4
    assert len(stats) == len(centroids) == len(sums[0]) >= 50
    assert sum(map(np.sum, sums)) == FRAMES[1:].sum()


def test_scikit_image_measures_every_object_in_four_channels() -> None:
    pytest.importorskip("skimage", reason="bench-only: requirements-bench.txt")
    table = peers.scikit_image(FRAMES)()
    assert len(table["label"]) >= 50
    assert {"perimeter", "eccentricity", "intensity_mean-3", "intensity_std-0"} <= table.keys()
