"""Spectral spillover: the share of each dye's signal that another channel reads, by single-stained controls.

For each dye, cells that carry it alone are found in its own channel; the share read in another is the slope
through the origin of their means there on their means here, with its standard uncertainty (Bagwell and Adams,
Ann N Y Acad Sci 1993;677:167-184).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from host import core
from host.calibration.frames import CHANNELS, Frames
from host.calibration.limits import Check, limits

Numbers = NDArray[np.float64]

_WIDTHS = 8.0  # noise widths above background from which a pixel is a cell's
_LEAST_GREY = 12.0
_AREA = (30, 900)  # pixels of a whole cell
_RING = (3, 9)  # pixels from the outline: where its background is taken


@dataclass(frozen=True)
class Spillover:
    """``share`` and ``uncertainty`` [channel read, dye]; ``cells`` [dye]: means [n, 4] in grey levels."""

    share: Numbers
    uncertainty: Numbers
    cells: tuple[Numbers, ...]
    checks: tuple[Check, ...]

    def apply(self, config: core.Config, calibration_id: str) -> core.Config:
        """Return the settings with this matrix."""
        matrix = np.rint(self.share * 65536).astype(int)
        se = np.minimum(np.rint(self.uncertainty * 65536), 65535).astype(int)
        rows = [tuple(int(value) for value in row) for row in matrix]
        of_se = [tuple(int(value) for value in row) for row in se]
        return replace(config, calibration=calibration_id, spillover=tuple(rows), spillover_se=tuple(of_se))  # type: ignore[arg-type]


def measure(controls: dict[str, Frames]) -> Spillover:
    """Return the matrix of one frame set [fields, 5, 244, 316] per dye."""
    limit = limits("spillover")
    share, uncertainty = np.eye(4), np.zeros((4, 4))
    cells: list[Numbers] = []
    checks: list[Check] = []
    for dye, name in enumerate(CHANNELS):
        means = _objects(controls[name], dye)
        cells.append(means)
        own = means[:, dye]
        least = int(limit["objects_min"])
        checks.append(
            Check(
                f"cells {name}", len(means) >= least, len(means), f">= {least}",
                f"the control of {name} shows {len(means)} single-stained cells and {least} are needed; "
                "use more cells or more fields.",
            )
        )  # fmt: skip
        if len(means) < 2:
            continue
        signal = float(own.mean())
        checks.append(
            Check(
                f"signal {name}", signal >= limit["signal_min"], signal, f">= {limit['signal_min']:g}",
                f"the cells of {name} show {signal:.0f} grey levels, too few; stain them stronger.",
            )
        )  # fmt: skip
        for channel, read in enumerate(CHANNELS):
            if channel == dye:
                continue
            squares = float(np.sum(own**2))
            slope = float(np.sum(own * means[:, channel]) / squares)
            rest = means[:, channel] - slope * own
            se = float(np.sqrt(np.sum(rest**2) / (len(own) - 1) / squares))
            share[channel, dye], uncertainty[channel, dye] = slope, se
            low, high, most = limit["share_min"], limit["share_max"], limit["uncertainty_max"]
            checks += [
                Check(
                    f"{name} in {read}", low <= slope <= high, slope, f"{low:g} to {high:g}",
                    f"{100 * slope:.1f} % of {name} is read in {read}, not {100 * low:g} to {100 * high:g}; "
                    "check that the control has this dye alone, and the filters.",
                ),
                Check(
                    f"uncertainty of {name} in {read}", se <= most, se, f"<= {most:g}",
                    f"the share of {name} in {read} is known to {100 * se:.2f} % only; use more cells.",
                ),
            ]  # fmt: skip
    return Spillover(share, uncertainty, tuple(cells), tuple(checks))


def _objects(frames: Frames, dye: int) -> Numbers:
    """Return the means above local background [n, 4] of whole cells found in the dye's own channel."""
    found = []
    for field in frames:
        images = field[1:].astype(np.float64)
        own = images[dye]
        background = float(np.median(own))
        noise = 1.4826 * float(np.median(np.abs(own - background)))
        mask = ndimage.binary_fill_holes(own > background + max(_WIDTHS * noise, _LEAST_GREY))
        labels, count = ndimage.label(mask)
        free = ~ndimage.binary_dilation(mask, iterations=_RING[0])
        for number, place in enumerate(ndimage.find_objects(labels), 1):
            if number > count or place is None or _touches(place, mask.shape):
                continue
            wide = tuple(slice(max(part.start - _RING[1], 0), part.stop + _RING[1]) for part in place)
            inside = labels[wide] == number
            ring = ndimage.binary_dilation(inside, iterations=_RING[1]) & free[wide]
            area = int(inside.sum())
            if not _AREA[0] <= area <= _AREA[1] or ring.sum() < area // 4:
                continue
            patch = images[(slice(None), *wide)]
            if patch[:, inside].max() >= 255:
                continue
            found.append(patch[:, inside].mean(axis=1) - patch[:, ring].mean(axis=1))
    return np.array(found, np.float64).reshape(-1, 4)


def _touches(place: tuple[slice, ...], shape: tuple[int, ...]) -> bool:
    return any(part.start == 0 or part.stop == size for part, size in zip(place, shape, strict=True))
