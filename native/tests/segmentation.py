"""Nuclei and objects as the core's headers word them (nuclei.h, objects.h), from masks, with scipy and numpy.

Written for the tests, from the words and not from the C: pixels instead of runs, labels instead of joins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
EIGHT = np.ones((3, 3), bool)
FOUR = ndimage.generate_binary_structure(2, 1)
SPECK, SINGLE, REACH, RIVAL, TWIN, HOLE, DOWN, RUN = 4, 10, 12, 20, 3, 24, 3, 127
WINDOW, STEP = 64, 40
RIM = (WINDOW - STEP) // 2


@dataclass
class Nucleus:
    """Centroid in 1/64 pixel, pixels."""

    x: int
    y: int
    area: int

    def power(self, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
        """Power distance, 1/64 pixel squared; 64^2 / pi = 1304."""
        return np.asarray((x * 64 - self.x) ** 2 + (y * 64 - self.y) ** 2 - self.area * 1304)


Seed = tuple[int, int, int]
"""x, y in 1/64 pixel of the window, radius in pixels."""


def centroid(mask: Mask) -> tuple[int, int]:
    y, x = np.nonzero(mask)
    n = len(x)
    return (int(x.sum()) * 64 + n // 2) // n, (int(y.sum()) * 64 + n // 2) // n


def ultimate_erosion(mask: Mask) -> list[Seed]:
    """Where parts vanish that are connected to nothing that stays; of two that are close, the deeper."""
    seeds: list[Seed] = []
    depth = 0
    while mask.any():
        depth += 1
        smaller = ndimage.binary_erosion(mask, EIGHT if depth % 2 else FOUR)
        stays = ndimage.binary_propagation(smaller, structure=EIGHT, mask=mask)
        labels, count = ndimage.label(mask & ~stays, EIGHT)
        for label in range(1, count + 1):
            x, y = centroid(labels == label)
            # Depths only grow: one found before that is as deep is kept, a shallower one gives way.
            near = [s for s in seeds if (s[0] - x) ** 2 + (s[1] - y) ** 2 < (64 * depth) ** 2]
            if not any(s[2] >= depth for s in near):
                seeds = [s for s in seeds if s not in near] + [(x, y, depth)]
        mask = smaller
    return seeds


def box_of(mask: Mask) -> tuple[int, int, int, int]:
    y, x = np.nonzero(mask)
    return int(x.min()), int(x.max()), int(y.min()), int(y.max())


def nuclei_of(mask: Mask) -> list[Nucleus]:
    """All nuclei of a DAPI mask, in the order of their windows."""
    found: list[Nucleus] = []
    height, width = mask.shape
    padded = np.pad(mask, WINDOW)
    for top in range(-RIM, height - RIM, STEP):
        for left in range(-RIM, width - RIM, STEP):
            here = padded[top + WINDOW : top + 2 * WINDOW, left + WINDOW : left + 2 * WINDOW]
            labels, _ = ndimage.label(here, EIGHT)
            inner = labels[RIM : RIM + STEP, RIM : RIM + STEP]
            order = list(dict.fromkeys(inner[inner > 0].tolist()))
            for label in order:
                found += in_window(labels == label, left, top, found)
    return found


def in_window(part: Mask, left: int, top: int, before: list[Nucleus]) -> list[Nucleus]:
    x0, x1, y0, y1 = box_of(part)
    alone = x1 - x0 < SINGLE and y1 - y0 < SINGLE
    first = (int(np.argmax(part[y0])) * 64, y0 * 64, SINGLE)  # it says which window has a single one
    seeds = [first] if alone else ultimate_erosion(part)
    y, x = np.mgrid[:WINDOW, :WINDOW].astype(np.int64)
    power = [(x * 64 - s[0]) ** 2 + (y * 64 - s[1]) ** 2 - (64 * s[2]) ** 2 for s in seeds]
    found: list[Nucleus] = []
    for i, (sx, sy, _) in enumerate(seeds):
        if not (RIM * 64 <= sx < (RIM + STEP) * 64 and RIM * 64 <= sy < (RIM + STEP) * 64):
            continue
        own = part & (alone | (abs(x * 64 - sx) <= REACH * 64) & (abs(y * 64 - sy) <= REACH * 64))
        for j, (rx, ry, _) in enumerate(seeds):
            if j != i and (rx - sx) ** 2 + (ry - sy) ** 2 < (RIVAL * 64) ** 2:
                own &= (power[i] < power[j]) | ((power[i] == power[j]) & (i < j))
        if own.sum() < SPECK:
            continue
        cx, cy = centroid(own)
        new = Nucleus(cx + left * 64, cy + top * 64, int(own.sum()))
        if alone or all(
            (o.x - new.x) ** 2 + (o.y - new.y) ** 2 >= (TWIN * 64) ** 2 for o in (*before, *found)
        ):
            found.append(new)
    return found


def nearest(nuclei: list[Nucleus], where: Mask) -> NDArray[np.int64]:
    """Number of the nucleus each pixel is nearest to, -1 outside `where`."""
    y, x = np.mgrid[: where.shape[0], : where.shape[1]].astype(np.int64)
    found = np.full(where.shape, -1)
    if nuclei:
        found[where] = np.argmin([nucleus.power(x[where], y[where]) for nucleus in nuclei], axis=0)
    return found


@dataclass
class Object:
    """Its pixels, the number of its nucleus (-1: none), whether a region was split."""

    mask: Mask
    nucleus: int
    split: bool


def filled(ck: Mask, dapi: Mask) -> Mask:
    """CK and what of DAPI fills a gap of one row."""
    out = ck.copy()
    for row, nucleus in zip(out, dapi, strict=True):
        edges = np.diff(np.concatenate([[False], row, [False]]).astype(np.int8))
        starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
        for end, start in zip(ends[:-1], starts[1:], strict=True):
            if start - end <= HOLE and nucleus[end:start].all():
                row[end:start] = True
    return out


def objects_of(ck: Mask, dapi: Mask, nuclei: list[Nucleus]) -> list[Object]:
    """All objects: regions by their first pixels, then what was split off, then what lies apart."""
    labels, count = ndimage.label(filled(ck, dapi), EIGHT)
    regions = [mask for mask in (labels == i for i in range(1, count + 1)) if mask.sum() >= SPECK]
    first: list[Object] = []
    more: list[Object] = []
    owned: set[int] = set()
    for region in regions:
        parts = split(region, dapi, nuclei, owned)
        first.append(parts[0])
        more += parts[1:]
    apart: list[Object] = []
    for item in first + more:
        apart += detached(item)
    return first + more + apart


def split(region: Mask, dapi: Mask, nuclei: list[Nucleus], owned: set[int]) -> list[Object]:
    x0, x1, y0, y1 = box_of(region)
    near = [
        i
        for i, n in enumerate(nuclei)
        if (x0 - REACH) * 64 <= n.x <= (x1 + 1 + REACH) * 64 and (y0 - REACH) * 64 <= n.y <= (y1 + REACH) * 64
    ]
    if not near:
        return [Object(region, -1, False)]
    of = nearest([nuclei[i] for i in near], region & dapi)
    inside = [int((of == k).sum()) for k in range(len(near))]
    own = [i for i, n in zip(near, inside, strict=True) if 2 * n > nuclei[i].area]
    owned.update(own)
    if len(own) < 2:
        best = near[int(np.argmax(inside))] if max(inside) > 0 else -1
        return [Object(region, own[0] if own else best, False)]
    of = nearest([nuclei[i] for i in own], region)
    return [Object(of == k, i, True) for k, i in enumerate(own)]


def detached(item: Object) -> list[Object]:
    """Take from a split part what lies more than DOWN rows below the rest of it."""
    if not item.split:
        return []
    rows = np.nonzero(item.mask.any(axis=1))[0]
    cuts = [int(below) for above, below in pairwise(rows) if below - above > DOWN]
    apart = []
    for cut, end in pairwise([*cuts, item.mask.shape[0]]):
        mask = np.zeros_like(item.mask)
        mask[cut:end] = item.mask[cut:end]
        apart.append(Object(mask, -1, True))
    if cuts:
        item.mask[cuts[0] :] = False
    return apart


def perimeter(mask: Mask) -> int:
    padded = np.pad(mask, 1).astype(np.int8)
    return int(sum(np.abs(np.diff(padded, axis=axis)).sum() for axis in (0, 1)))
