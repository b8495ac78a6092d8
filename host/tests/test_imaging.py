"""The model of the reader's eye: what belongs to the reader stays, and noise is what it should be."""

from __future__ import annotations

import numpy as np
import pytest

from host import board
from host.bench.parts.scene import Scene
from host.imaging import Camera, Optics, Sensor

BOARD = board.load()
SHAPE = (4, 244, 316)


def flat(level: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.full(SHAPE, level, np.float32)


def test_uneven_light_and_hot_pixels_belong_to_the_reader() -> None:
    first, again, other = (Optics.of(BOARD, name) for name in ("A1", "A1", "B2"))
    assert np.array_equal(first.uneven, again.uneven)
    assert np.array_equal(first.hot, again.hot)
    assert not np.allclose(first.uneven, other.uneven, atol=0.005)
    assert (first.hot > 0).sum() == BOARD["sensor"]["hot_pixels"] > 0
    assert not np.array_equal(first.hot > 0, other.hot > 0)


@pytest.mark.parametrize("reader", ["A1", "B2", "0123456789ABCDEF", ""])
def test_uneven_light_is_mild_and_of_mean_1(reader: str) -> None:
    uneven = Optics.of(BOARD, reader).uneven
    assert uneven.mean(axis=(1, 2)) == pytest.approx(1.0, abs=1e-5)
    assert uneven.min() > 0.8 and uneven.max() < 1.15


@pytest.mark.parametrize("fall_off", [0.0, 0.1, 0.25])
def test_a_given_fall_off_is_that_from_brightest_to_darkest(fall_off: float) -> None:
    uneven = Optics.of(BOARD, "A1", fall_off=fall_off).uneven
    assert 1 - uneven.min(axis=(1, 2)) / uneven.max(axis=(1, 2)) == pytest.approx(fall_off, abs=1e-5)


@pytest.mark.parametrize("fall_off", [-0.1, 0.6, float("nan")])
def test_an_impossible_fall_off_is_refused(fall_off: float) -> None:
    with pytest.raises(ValueError, match="fall-off"):
        Optics.of(BOARD, "A1", fall_off=fall_off)


def test_the_camera_shows_dark_then_each_dye_with_spillover_and_strip() -> None:
    planes = flat(0.0)
    planes[1] = 100.0
    frames = Camera(Optics.of(BOARD, "A1", fall_off=0.0, hot=0), 1).field(planes)
    assert frames.shape == (5, 244, 324)
    assert frames.dtype == np.uint8
    image, strip = frames[:, :, :316].mean(axis=(1, 2)), frames[:, :, 316:].mean(axis=(1, 2))
    black = BOARD["sensor"]["black_level"]
    assert image == pytest.approx([black, black, black + 100, black + 1, black + 3], abs=0.1)
    assert strip == pytest.approx([black, *[black + 140] * 4], abs=0.5)


def test_spillover_that_a_file_has_is_not_added_again() -> None:
    planes = flat(0.0)
    planes[1] = 100.0
    frames = Camera(Optics.of(BOARD, "A1", hot=0), 1).field(planes, spillover_included=True)
    assert frames[4, :, :316].mean() == pytest.approx(BOARD["sensor"]["black_level"], abs=0.1)


def test_noise_is_shot_and_read_noise() -> None:
    sensor = Sensor.of(BOARD)
    for level in (20.0, 120.0):
        grey = sensor.read(np.full((400, 400), level, np.float32), 1.0, 60, np.random.default_rng(3))
        electrons = level * sensor.electrons_per_grey
        expected = (electrons + sensor.read_variance) / sensor.electrons_per_grey**2
        assert grey.mean() == pytest.approx(60 + level, abs=0.02)
        assert grey.var() == pytest.approx(expected + 1 / 12, rel=0.03)  # 1/12: rounding to whole levels


def test_a_hot_pixel_is_hot_in_every_frame() -> None:
    optics = Optics.of(BOARD, "A1", hot=20)
    frames = Camera(optics, 1).field(flat(5.0)).astype(int)
    hot = optics.hot > 15.0
    for frame in frames:
        assert (frame[hot] > frame[:, :316].mean() + 5).all() or (frame[hot][:] > 20).all()
    assert frames[0][hot] == pytest.approx(16 + optics.hot[hot], abs=8)


def test_the_same_seed_gives_the_same_frames() -> None:
    optics = Optics.of(BOARD, "A1")
    one, same, other = (Camera(optics, seed).field(flat(30.0)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_bench_reads_the_same_light_row_by_row() -> None:
    """The virtual bench's scene and the camera agree on a frame but for its noise."""
    optics = Optics.of(BOARD, "A1")
    scene = Scene(optics, seed=1)  # an empty window
    light = np.array([0, 0, 0, 1], np.float32)
    rows = [
        [np.frombuffer(scene.row(r, light, 0.0, 1.0, 16), np.uint8) for r in range(244)] for _ in range(16)
    ]
    whole = [Camera(optics, seed).field(flat(4.0), spillover_included=True)[4] for seed in range(16)]
    assert np.mean(rows, axis=0) == pytest.approx(np.mean(whole, axis=0), abs=6.0)
    assert np.mean(rows) == pytest.approx(np.mean(whole), abs=0.02)
