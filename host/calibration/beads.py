"""HER2 in calibrated units: beads of known MESF, a straight line in log-log.

    log2(MESF per um2) = offset + slope * log2(grey levels)

(MESF: Schwartz et al., Cytometry 1998;33:106-114.) Beads carry CK and DAPI dyes of one brightness beside
their FITC, so the ordinary analysis finds them as objects, and their rows carry HER2 as a cell's do: the
light of the whole object over its body. MESF per um2 of a bead is its assigned MESF over its own
cross-section, so that the line makes good what blur adds to a body and loses of its light. From every level
the blank's HER2 is subtracted: what it shows is not FITC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host import board, core
from host.calibration.cluster import Numbers, split, trim
from host.calibration.errors import CalibrationRefused
from host.calibration.limits import Check, limits
from host.calibration.lot import Level, Lot

_TRIM_SD = 4.0
_SOFT_GREY = 1.0  # added before the logarithm that groups are found on: a blank has none


@dataclass(frozen=True)
class Measured:
    """The beads of one level.

    Attributes:
        level: the lot's.
        beads: HER2 of the beads used, grey levels.
        area_um2: median area of their outline.
        net: mean above the blank's, grey levels; se: its standard error.
        cv: of one bead, of the net mean.
        mesf_um2: assigned.
        residual: of the assigned value from the line, as a share; nan for the blank.
    """

    level: Level
    beads: Numbers
    area_um2: float
    net: float
    se: float
    cv: float
    mesf_um2: float
    residual: float = math.nan


@dataclass(frozen=True)
class Line:
    """The line, its standard uncertainties (log2) and its range (MESF per um2)."""

    offset: float
    slope: float
    offset_se: float
    slope_se: float
    se: float
    r2: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Everything that a calibration on beads found, good or bad."""

    lot: Lot
    levels: tuple[Measured, ...]
    line: Line
    objects: int
    left_out: dict[str, int]
    outliers: Numbers
    checks: tuple[Check, ...]

    def apply(self, config: core.Config, calibration_id: str) -> core.Config:
        """Return the settings with this line."""
        return replace(
            config,
            calibration=calibration_id,
            line_offset=round(self.line.offset * 65536),
            line_slope=round(self.line.slope * 65536),
            line_se=min(round(self.line.se * 65536), 65535),
            line_low=math.floor(self.line.low),
            line_high=math.ceil(self.line.high),
        )


def means_of(rows: NDArray[np.void]) -> Numbers:
    """Return the HER2 that the core puts on the line (``score.h``), grey levels above background.

    It is the light of an object over the area of its body.
    """
    light: Numbers = rows["signal"]["mean"][:, core.HER2 - core.DAPI] * rows["area"].astype(np.float64)
    body = np.maximum(rows["body"].astype(np.float64), 1.0)
    return light / body / 64.0


def calibrate(rows: NDArray[np.void], lot: Lot, score_min: tuple[int, int, int]) -> Calibration:
    """Return what the cell rows of a bead specimen say.

    Args:
        rows: packed cell rows (``core.CELL_DTYPE``) of one run or several.
        lot: of the beads.
        score_min: the cut-offs that the line must cover, MESF per um2.

    Raises:
        CalibrationRefused: the beads cannot be told apart into the lot's levels.
    """
    limit = limits("beads")
    beads, areas, left_out = _select(rows, lot)
    groups, outliers = _groups(beads, lot, left_out)
    levels, blank = _levels(beads, areas, groups, lot)
    line, levels = _fit(levels)
    checks = _judge(levels, blank, line, len(outliers) / len(beads), score_min, limit)
    return Calibration(lot, (blank, *levels), line, len(rows), left_out, beads[outliers], tuple(checks))


def _select(rows: NDArray[np.void], lot: Lot) -> tuple[Numbers, Numbers, dict[str, int]]:
    """Return HER2 means and areas (um2) of what are single whole beads, and why the rest is left out."""
    limit = limits("beads")
    um = board.load()["sensor"]["um_per_pixel"]
    area = rows["body"].astype(np.float64)
    outline = np.maximum(rows["area"].astype(np.float64), 1.0)
    flags = rows["flags"]
    diameter = 2.0 * np.sqrt(area * um * um / math.pi) / lot.diameter_um
    p2a = rows["perimeter"].astype(np.float64) ** 2 / outline
    reasons = {
        "at the edge": (flags & core.FLAG_EDGE) != 0,
        "saturated": (flags & core.FLAG_SATURATED) != 0,
        "too small": diameter < limit["diameter_min"],
        "too large": diameter > limit["diameter_max"],
        "not round": (p2a > limit["p2a_max"]) | ((flags & core.FLAG_SPLIT) != 0),
    }
    kept = np.ones(len(rows), bool)
    left_out = {}
    for reason, wrong in reasons.items():
        left_out[reason] = int(np.sum(kept & wrong))
        kept &= ~wrong
    return means_of(rows)[kept], area[kept] * um * um, left_out


def _groups(
    beads: Numbers, lot: Lot, left_out: dict[str, int]
) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Return the indices of each level's beads, and of those of none."""
    limit = limits("beads")
    count, wanted = len(lot.levels), int(limit["per_level_min"])
    why = ", ".join(f"{number} {reason}" for reason, number in left_out.items() if number)
    if len(beads) < count * wanted:
        raise CalibrationRefused(
            f"The bead calibration is refused: {len(beads)} single whole beads were found and {count} levels "
            f"need {count * wanted}{f' (left out: {why})' if why else ''}; use more beads or more fields."
        )
    log = np.log2(np.maximum(beads, 0.0) + _SOFT_GREY)
    groups = split(log, count)
    kept = [group[trim(log[group], _TRIM_SD)] for group in groups]
    for name, group in zip((level.name for level in lot.levels), kept, strict=True):
        if len(group) < wanted:
            raise CalibrationRefused(
                f"The bead calibration is refused: level {name} has {len(group)} beads and needs {wanted}"
                f"{f' (left out: {why})' if why else ''}; use more beads, or the lot's own levels."
            )
    for n in range(count - 1):
        below, above = log[kept[n]], log[kept[n + 1]]
        gap = float(np.median(above) - np.median(below))
        if gap < limit["separation_min"] * float(below.std(ddof=1) + above.std(ddof=1)):
            raise CalibrationRefused(
                f"The bead calibration is refused: the beads do not fall into the lot's {count} levels "
                f"({lot.levels[n].name} and {lot.levels[n + 1].name} cannot be told apart); "
                "check that these are beads of this lot and that none of its levels is missing."
            )
    inside = np.concatenate(kept)
    return kept, np.setdiff1d(np.arange(len(beads)), inside)


def _levels(
    beads: Numbers, areas: Numbers, groups: list[NDArray[np.int64]], lot: Lot
) -> tuple[list[Measured], Measured]:
    zero = beads[groups[0]]
    zero_mean, zero_sd = float(zero.mean()), float(zero.std(ddof=1))
    zero_se = zero_sd / math.sqrt(len(zero))
    cross_section = math.pi / 4.0 * lot.diameter_um**2
    levels = []
    for level, group in zip(lot.levels, groups, strict=True):
        values, area = beads[group], float(np.median(areas[group]))
        net = float(values.mean()) - zero_mean
        sd = float(values.std(ddof=1))
        blank = level.mesf == 0.0
        se = zero_se if blank else math.hypot(sd / math.sqrt(len(values)), zero_se)
        cv = math.nan if blank else sd / net if net > 0 else math.inf
        levels.append(
            Measured(level, values, area, zero_mean if blank else net, se, cv, level.mesf / cross_section)
        )
    return levels[1:], levels[0]


def _fit(levels: list[Measured]) -> tuple[Line, list[Measured]]:
    """Fit by least squares, weighted by 1 / (u(log grey)^2 + u(log assigned)^2) of each level.

    Uncertainties are those of the weights, or of the scatter about the line where that is larger
    (Birge ratio: Bodnar and Elster, Metrologia 2014;51:516-521).
    """
    if any(level.net <= 0.0 for level in levels):
        raise CalibrationRefused(
            "The bead calibration is refused: a level is not brighter than the blank; "
            "check the HER2 channel with 'host selftest' and that these are beads of this lot."
        )
    x = np.log2([level.net for level in levels])
    y = np.log2([level.mesf_um2 for level in levels])
    per_log2 = 1.0 / math.log(2.0)
    variance = np.array(
        [
            (level.se / level.net * per_log2) ** 2 + (level.level.uncertainty * per_log2) ** 2
            for level in levels
        ]
    )
    weight = 1.0 / np.maximum(variance, 1e-8)
    design = np.stack((np.ones_like(x), x), axis=1)
    normal = design.T @ (design * weight[:, None])
    covariance = np.linalg.inv(normal)
    offset, slope = (float(value) for value in covariance @ (design.T @ (weight * y)))
    off = y - (offset + slope * x)
    free = max(len(x) - 2, 1)
    covariance *= max(1.0, float(np.sum(weight * off**2)) / free)
    centre = float(np.average(y, weights=weight))
    r2 = 1.0 - float(np.sum(weight * off**2)) / float(np.sum(weight * (y - centre) ** 2))
    se = float(np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design).max()))
    line = Line(
        offset, slope, math.sqrt(covariance[0, 0]), math.sqrt(covariance[1, 1]), se, r2,
        min(level.mesf_um2 for level in levels), max(level.mesf_um2 for level in levels),
    )  # fmt: skip
    measured = [
        Measured(m.level, m.beads, m.area_um2, m.net, m.se, m.cv, m.mesf_um2, float(2.0**residual - 1.0))
        for m, residual in zip(levels, off, strict=True)
    ]
    return line, measured


def _judge(
    levels: list[Measured], blank: Measured, line: Line, outliers: float,
    score_min: tuple[int, int, int], limit: dict[str, float],
) -> list[Check]:  # fmt: skip
    least = int(limit["levels_min"])
    checks = [
        Check(
            "levels", len(levels) >= least, len(levels), f">= {least}",
            f"the lot has {len(levels)} levels with dye, and a line needs {least}; use another lot.",
        )
    ]  # fmt: skip
    for level in levels:
        name, most = level.level.name, limit["cv_max"]
        checks.append(
            Check(
                f"CV of level {name}", level.cv <= most, level.cv, f"<= {most:g}",
                f"the beads of level {name} scatter by {100 * level.cv:.0f} %, more than {100 * most:.0f} %; "
                "check focus and light, and that the beads are single.",
            )
        )  # fmt: skip
    for level in levels:
        name, most = level.level.name, limit["residual_max"]
        checks.append(
            Check(
                f"residual of level {name}", abs(level.residual) <= most, level.residual, f"+-{most:g}",
                f"level {name} lies {100 * level.residual:+.0f} % off the line, more than "
                f"{100 * most:.0f} %; check the lot file's values and that no level saturates.",
            )
        )  # fmt: skip
    low, high = limit["slope_min"], limit["slope_max"]
    checks.append(
        Check(
            "slope", low <= line.slope <= high, line.slope, f"{low:g} to {high:g}",
            f"the line's slope is {line.slope:.3f}, not {low:g} to {high:g}; check that the lot file has "
            "this lot's values.",
        )
    )  # fmt: skip
    checks.append(
        Check(
            "R2", line.r2 >= limit["r2_min"], line.r2, f">= {limit['r2_min']:g}",
            f"the line explains too little (R2 {line.r2:.4f}); measure the beads again.",
        )
    )  # fmt: skip
    checks.append(
        Check(
            "outliers", outliers <= limit["outliers_max"], outliers, f"<= {limit['outliers_max']:g}",
            f"{100 * outliers:.0f} % of the beads belong to no level; clean the cartridge and measure again.",
        )
    )  # fmt: skip
    distance = levels[0].net / max(float(blank.beads.std(ddof=1)), 1e-9)
    checks.append(
        Check(
            "lowest level above blank", distance >= limit["blank_distance_min"], distance,
            f">= {limit['blank_distance_min']:g} SD",
            f"the lowest level lies only {distance:.1f} SD above the blank; the HER2 light is too weak.",
        )
    )  # fmt: skip
    covered = line.low <= score_min[0] and score_min[2] <= line.high
    checks.append(
        Check(
            "range", covered, line.high, f"{score_min[0]} to {score_min[2]} MESF/um2",
            f"the beads cover {line.low:.0f} to {line.high:.0f} MESF/um2 and the cut-offs are "
            f"{score_min[0]} to {score_min[2]}; use a lot whose levels enclose the cut-offs.",
        )
    )  # fmt: skip
    return checks
