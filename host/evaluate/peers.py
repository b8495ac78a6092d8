"""The core on this machine beside OpenCV, scipy and scikit-image, on the same frames in the same run.

The field is a realistic one (20 CTCs, 60 leukocytes) with all five frames. The core does all of its work on
it: hot pixels, background by tile and ring, nuclei, splitting, every feature of every cell in four channels,
spillover, gates and scores. The peers label the union of a DAPI and a CK mask and measure what they have:
OpenCV areas, boxes, centroids and the sum of each channel; scipy means, deviations and greatest values;
scikit-image's ``regionprops_table`` what comes nearest to the core's list.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from host import board, core
from host.imaging import Camera, Optics
from host.specimen import parameters, simulate

REPEATS = 60
OPENCV_FACTOR, SKIMAGE_FACTOR = 5.0, 100.0
"""How many times as fast as these the core has to be."""

Frames = NDArray[np.uint8]


class PeersMissing(Exception):
    """OpenCV or scikit-image is not installed: one sentence."""


def field() -> Frames:
    """Return the five frames of a realistic field."""
    specimen = simulate(parameters(2026, fields=1, ctc=20, carry_over=60))
    return Camera(Optics.of(board.load(), "BENCH"), 1).field(specimen.fields[0])


def ours(frames: Frames) -> Callable[[], Any]:
    """Return the core's whole analysis of a field, rows included."""
    machine = core.Core()
    buffer = bytearray(core.MAX_OBJECTS * core.ROW_BYTES)

    def work() -> int:
        machine.begin(0)
        for channel, frame in enumerate(frames):
            machine.pixels[:] = frame
            machine.analyse(channel)
        machine.end()
        return machine.rows(buffer, 0)

    return work


def _levels(frames: Frames) -> tuple[float, float]:
    """Thresholds of DAPI and CK, found beforehand: the peers need not look for them."""
    return tuple(float(np.median(frames[channel])) + 12.0 for channel in (core.DAPI, core.CK))  # type: ignore[return-value]


def opencv(frames: Frames) -> Callable[[], Any]:
    """Return threshold, connectedComponentsWithStats and per-label sums of four channels."""
    cv2 = _peer("cv2")
    dapi, ck = _levels(frames)

    def work() -> Any:
        _, nuclei = cv2.threshold(frames[core.DAPI], dapi, 255, cv2.THRESH_BINARY)
        _, cells = cv2.threshold(frames[core.CK], ck, 255, cv2.THRESH_BINARY)
        count, labels, stats, centroids = cv2.connectedComponentsWithStats(cv2.bitwise_or(nuclei, cells))
        flat = labels.ravel()
        sums = [np.bincount(flat, frame.ravel(), count) for frame in frames[1:]]
        return stats, centroids, sums

    return work


def scipy(frames: Frames) -> Callable[[], Any]:
    """Return label, and mean, deviation and maximum of four channels."""
    dapi, ck = _levels(frames)

    def work() -> Any:
        labels, count = ndimage.label((frames[core.DAPI] > dapi) | (frames[core.CK] > ck))
        index = np.arange(1, count + 1)
        measures: tuple[Callable[..., Any], ...] = (
            ndimage.mean, ndimage.standard_deviation, ndimage.maximum,
        )  # fmt: skip
        return [measure(frame, labels, index) for frame in frames[1:] for measure in measures]

    return work


def scikit_image(frames: Frames) -> Callable[[], Any]:
    """Return label and regionprops_table of four channels."""
    measure = _peer("skimage.measure")
    dapi, ck = _levels(frames)
    wanted = (
        "label", "area", "bbox", "centroid", "perimeter", "eccentricity", "equivalent_diameter_area",
        "intensity_mean", "intensity_max", "intensity_std", "intensity_median",
    )  # fmt: skip

    def work() -> Any:
        labels = measure.label((frames[core.DAPI] > dapi) | (frames[core.CK] > ck))
        return measure.regionprops_table(labels, np.moveaxis(frames[1:], 0, -1), properties=wanted)

    return work


def _peer(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise PeersMissing(
            f"{name} is not installed: `make bench` installs requirements-bench.txt."
        ) from None


def measure() -> dict[str, float]:
    """Return the shortest time of each in milliseconds, taken in turns so that all see the same machine.

    Raises:
        PeersMissing: see there.
    """
    frames = field()
    makers = {"core": ours, "opencv": opencv, "scipy": scipy, "scikit-image": scikit_image}
    works = {name: make(frames) for name, make in makers.items()}
    times: dict[str, float] = dict.fromkeys(works, float("inf"))
    for number in range(REPEATS):
        for name, work in works.items():
            if name == "scikit-image" and number % 6:
                continue  # it is slow
            start = time.perf_counter()
            work()
            times[name] = min(times[name], 1000 * (time.perf_counter() - start))
    return times
