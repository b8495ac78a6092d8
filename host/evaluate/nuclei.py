"""The core's nuclei on a real image, beside those a person drew.

The image is brought to the reader's scale by one number that does not look at the result: the median nucleus
becomes 8 um. Its brightness by another: the median nucleus has 100 grey levels above background, as nuclei
have at the reader's exposure (60 to 160); mitotic ones saturate. It is then exposed by the model of the
reader's camera and cut into nuclei by the core's DAPI path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import core
from host.imaging import Camera, Optics
from host.specimen import tiles
from host.specimen.geometry import geometry
from host.specimen.resample import resample

NUCLEUS_UM = 8.0
NUCLEUS_GREY = 100.0
IOU = 0.5
SEED = 1


@dataclass(frozen=True, slots=True)
class Nuclei:
    """Nuclei found and drawn, at the reader's scale.

    Attributes:
        image: [h, w] grey levels above dark.
        drawn, found: [h, w] labels, 0 for none.
        scale: reader's pixels per pixel of the image.
        matched: drawn nuclei with a found one of IoU above 0.5.
    """

    image: NDArray[np.float32]
    drawn: NDArray[np.int32]
    found: NDArray[np.int32]
    scale: float
    matched: int

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN)."""
        return 2 * self.matched / (_count(self.drawn) + _count(self.found))

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        drawn, found = _count(self.drawn), _count(self.found)
        return {
            "f1": self.f1,
            "iou": IOU,
            "drawn": drawn,
            "found": found,
            "matched": self.matched,
            "missed": drawn - self.matched,
            "false": found - self.matched,
            "scale": self.scale,
            "median_um": NUCLEUS_UM,
        }


def measure(
    image: NDArray[np.float32], mask: NDArray[np.int32], optics: Optics, config: core.Config
) -> Nuclei:
    """Find nuclei in an image with the core and compare them with drawn ones.

    Args:
        image: [height, width], any linear scale.
        mask: [height, width], labels of drawn nuclei, 0 for none.
        optics: the reader that would see it.
        config: the core's settings.
    """
    um_per_pixel = geometry().um_per_pixel
    scale = NUCLEUS_UM / um_per_pixel / median_diameter(mask)
    grey = resample(image, scale, scale)
    drawn = resample_labels(mask, scale)
    grey *= np.float32(NUCLEUS_GREY / median_brightness(grey, drawn))
    found = _found(grey, optics, config)
    return Nuclei(grey, drawn, found, scale, matches(drawn, found))


def median_diameter(mask: NDArray[np.int32]) -> float:
    """Return the median over labels of the diameter of the disc with the same area, pixels."""
    areas = np.bincount(mask.ravel())[1:]
    return float(np.median(np.sqrt(4 / np.pi * areas[areas > 0])))


def median_brightness(image: NDArray[np.float32], mask: NDArray[np.int32]) -> float:
    """Return the median over labels of the mean inside, above the median outside all of them."""
    means = [float(image[mask == label].mean()) for label in np.unique(mask) if label]
    return float(np.median(means) - np.median(image[mask == 0]))


def resample_labels(mask: NDArray[np.int32], scale: float) -> NDArray[np.int32]:
    """Return the labels at another scale: a pixel belongs to whatever covers most of it."""
    labels = np.unique(mask)
    covered = [resample((mask == label).astype(np.float32), scale, scale) for label in labels]
    result: NDArray[np.int32] = labels[np.argmax(covered, axis=0)].astype(np.int32)
    return result


def matches(drawn: NDArray[np.int32], found: NDArray[np.int32]) -> int:
    """Return how many drawn nuclei have a found one with intersection over union above 0.5.

    Above one half no two can match the same (Caicedo et al., Nat. Methods 16 (2019) 1247-1253).
    """
    table = np.zeros((drawn.max() + 1, found.max() + 1), np.int64)
    np.add.at(table, (drawn.ravel(), found.ravel()), 1)
    areas = table.sum(axis=1)[1:, None], table.sum(axis=0)[None, 1:]
    both = table[1:, 1:]
    union = areas[0] + areas[1] - both
    return int((both > IOU * union).sum())


def _found(grey: NDArray[np.float32], optics: Optics, config: core.Config) -> NDArray[np.int32]:
    """Run the core over as many frames as the image takes; a nucleus cut by a frame's edge is two."""
    size = geometry()
    fields = tiles.cut(np.stack((grey, *[np.zeros_like(grey)] * 3)), size)
    across = -(-grey.shape[1] // size.width)
    found = np.zeros((-(-grey.shape[0] // size.height) * size.height, across * size.width), np.int32)
    camera, machine = Camera(optics, SEED), core.Core(config)
    for number, planes in enumerate(fields):
        frames = camera.field(planes, spillover_included=True)
        machine.begin(number)
        for channel in (core.DARK, core.DAPI):
            machine.pixels[:] = frames[channel]
            machine.analyse(channel)
        labels = machine.nuclei()[:, : size.width].astype(np.int32)
        labels[labels > 0] += found.max()
        top, left = number // across * size.height, number % across * size.width
        found[top : top + size.height, left : left + size.width] = labels
    return found[: grey.shape[0], : grey.shape[1]]


def _count(labels: NDArray[np.int32]) -> int:
    return len(np.unique(labels[labels > 0]))
