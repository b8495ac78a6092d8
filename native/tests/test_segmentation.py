"""Nuclei and objects of random masks, pixel by pixel: against scipy, numpy and scikit-image."""

from __future__ import annotations

import numpy as np
import pytest
from core_fields import IMAGE, PLAIN, Mask, analysed, disc, painted
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from segmentation import SPECK, Nucleus, Object, nearest, nuclei_of, objects_of, perimeter
from skimage.measure import regionprops

from host import core

SEED = st.integers(0, 2**32 - 1)


def blobs(rng: np.random.Generator, count: int, radius: tuple[float, float], ragged: float) -> Mask:
    """Discs at random places, some in chains so that they touch, with ragged rims."""
    mask = np.zeros((core.HEIGHT, IMAGE), bool)
    x, y = 0.0, 0.0
    for i in range(count):
        r = rng.uniform(*radius)
        if i % 3 == 0 or rng.random() < 0.4:
            x, y = rng.uniform(-3, IMAGE + 3), rng.uniform(-3, core.HEIGHT + 3)
        else:
            angle = rng.uniform(0, 2 * np.pi)
            x, y = x + 1.8 * r * np.cos(angle), y + 1.8 * r * np.sin(angle)
        mask |= disc(x, y, r)
    return mask & (rng.random(mask.shape) >= ragged)


def runs_of(mask: Mask) -> int:
    return int(np.diff(mask.astype(np.int8), axis=1, prepend=0).clip(0).sum())


def label_image(nuclei: list[Nucleus], dapi: Mask) -> NDArray[np.int64]:
    return nearest(nuclei, dapi) + 1 if nuclei else np.zeros(dapi.shape, np.int64)


def check(cell: np.void, item: Object, nuclei: list[Nucleus]) -> None:
    y, x = np.nonzero(item.mask)
    area = len(x)
    assert cell["area"] == area
    assert (cell["x"], cell["y"]) == tuple((64 * int(v.sum()) + area // 2) // area for v in (x, y))
    assert (cell["width"], cell["height"]) == (min(255, np.ptp(x) + 1), np.ptp(y) + 1)
    assert cell["perimeter"] == perimeter(item.mask)
    at_edge = x.min() == 0 or y.min() == 0 or x.max() == IMAGE - 1 or y.max() == core.HEIGHT - 1
    assert bool(cell["flags"] & core.FLAG_EDGE) == at_edge
    assert bool(cell["flags"] & core.FLAG_SPLIT) == item.split
    assert cell["nucleus"] == (nuclei[item.nucleus].area if item.nucleus >= 0 else 0)
    # The ellipse of the same second moments; each pixel is a unit square, which scikit-image leaves out.
    xx, yy, xy = np.cov(np.stack([x, y]), bias=True)[[0, 1, 0], [0, 1, 1]] + [1 / 12, 1 / 12, 0]
    apart = np.hypot(xx - yy, 2 * xy)
    assert abs(cell["eccentricity"] / 65535 - np.sqrt(2 * apart / (xx + yy + apart))) < 0.004


@settings(max_examples=30)
@given(seed=SEED, count=st.integers(0, 40), ragged=st.sampled_from([0.0, 0.0, 0.03, 0.15]))
def test_every_pixel(seed: int, count: int, ragged: float) -> None:
    rng = np.random.default_rng(seed)
    dapi = blobs(rng, count, (2, 9), ragged)
    ck = blobs(rng, count // 2, (3, 12), ragged)
    for y, x in rng.permutation(np.argwhere(dapi))[:25]:  # most cells lie about a nucleus
        ck |= disc(x, y, rng.uniform(4, 9))
    nuclei = nuclei_of(dapi)
    expected = objects_of(ck, dapi, nuclei)
    assume(runs_of(ck) < 1100 and len(expected) <= core.MAX_OBJECTS and len(nuclei) <= core.MAX_NUCLEI)
    field = analysed(dapi=painted((dapi, 120)), ck=painted((ck, 110)))
    assert field.quality[core.DAPI][core.NUCLEI] == len(nuclei)
    assert np.array_equal(field.nuclei[:, :IMAGE], label_image(nuclei, dapi))
    assert len(field.cells) == len(expected)
    for cell, item in zip(field.cells, expected, strict=True):
        check(cell, item, nuclei)


@settings(max_examples=15)
@given(seed=SEED, size=st.integers(1, 12), share=st.sampled_from([0.1, 0.4, 0.6]))
def test_masks_of_noise(seed: int, size: int, share: float) -> None:
    """Regions of any form, large ones too, over borders of windows: as in the words, or refused."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((core.HEIGHT // size + 1, IMAGE // size + 1)) < share
    dapi = np.kron(coarse, np.ones((size, size), bool))[: core.HEIGHT, :IMAGE]
    dapi &= disc(IMAGE / 2, core.HEIGHT / 2, 100)
    nuclei = nuclei_of(dapi)
    try:
        field = analysed(dapi=painted((dapi, 120)))
    except core.Error as error:
        assert error.code == core.ERROR_OBJECTS
        assert len(nuclei) > core.MAX_NUCLEI or share >= 0.4
        return
    assert np.array_equal(field.nuclei[:, :IMAGE], label_image(nuclei, dapi))


@settings(max_examples=25)
@given(seed=SEED)
def test_shapes_against_scikit_image(seed: int) -> None:
    """One ellipse or ragged blob, off the edges."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: core.HEIGHT, :IMAGE]
    a, b, angle = rng.uniform(3, 30), rng.uniform(3, 30), rng.uniform(0, np.pi)
    u = (x - 150.3) * np.cos(angle) + (y - 120.6) * np.sin(angle)
    v = (y - 120.6) * np.cos(angle) - (x - 150.3) * np.sin(angle)
    mask = (u / a) ** 2 + (v / b) ** 2 <= 1
    (region,) = regionprops(mask.astype(int))
    (cell,) = analysed(ck=painted((mask, 90))).cells
    row, column = region.centroid
    top, left, bottom, right = region.bbox
    assert cell["area"] == region.area
    assert abs(cell["x"] / 64 - column) <= 1 / 64 and abs(cell["y"] / 64 - row) <= 1 / 64
    assert (cell["width"], cell["height"]) == (right - left, bottom - top)
    slack = 0.004 + 1 / region.area if region.eccentricity > 0.5 else 0.05
    assert abs(cell["eccentricity"] / 65535 - region.eccentricity) < slack


@pytest.mark.parametrize("distance", range(8, 16))
@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 4, 1.1, np.pi / 2])
def test_two_touching_cells_are_cut_between_their_nuclei(distance: int, angle: float) -> None:
    """Two equal cells: each pixel is nearer to its own cell's nucleus than to the other's, or on the line."""
    ax, ay = 150.0, 120.0
    bx, by = ax + distance * np.cos(angle), ay + distance * np.sin(angle)
    dapi = disc(ax, ay, 3.6) | disc(bx, by, 3.6)
    ck = disc(ax, ay, 8) | disc(bx, by, 8)
    cells = analysed(dapi=painted((dapi, 120)), ck=painted((ck, 110))).cells
    assert len(cells) == 2
    assert sum(int(cell["area"]) for cell in cells) == ck.sum()
    assert all(cell["flags"] & core.FLAG_SPLIT and cell["flags"] & core.FLAG_CTC for cell in cells)
    assert abs(int(cells[0]["area"]) - int(cells[1]["area"])) <= 24  # no more than a line of pixels


def test_specks_are_no_objects() -> None:
    frames = {}
    for name in ("dapi", "ck"):
        mask = np.zeros((core.HEIGHT, IMAGE), bool)
        mask[10, 10 : 10 + SPECK - 1] = mask[20:22, 10:12] = True
        frames[name] = painted((mask, 120))
    field = analysed(PLAIN, **frames)
    assert [int(cell["area"]) for cell in field.cells] == [SPECK]
    assert field.quality[core.DAPI][core.NUCLEI] == 1


def test_order_is_that_of_the_first_pixel() -> None:
    """A late branch to the left does not change which object comes first."""
    mask = np.zeros((core.HEIGHT, IMAGE), bool)
    mask[50:60, 200:203] = mask[59, 100:203] = mask[52:56, 20:24] = True
    assert [int(cell["area"]) for cell in analysed(ck=painted((mask, 120))).cells] == [30 + 100, 16]


@pytest.mark.parametrize(("above", "seen"), [(8, True), (7, False)])
def test_a_pixel_on_the_threshold_counts(above: int, seen: bool) -> None:
    """8 grey levels above background: the built-in least threshold of CK."""
    cells = analysed(ck=painted((disc(100, 100, 6), 20 + above))).cells
    assert len(cells) == seen


def test_strip_is_never_an_object() -> None:
    assert len(analysed().cells) == 0
