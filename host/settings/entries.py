"""Every single value of a settings file: its name, its place in the core's Config, its unit and its range.

The one table from which a file is read, written, checked and documented. What is an array (flat field,
spillover) is in ``host.settings.arrays``.
"""

from __future__ import annotations

from dataclasses import dataclass

from host import board, core

GREY = 64.0  # fixed point of the core: ctc/config.h
_GREY_MAX = 255.0
_Q16 = 65536.0
_U16, _U32 = 65535, 2**32 - 1
_MM = board.load("CTC_READER")["sensor"]["um_per_pixel"]
_PER_UM2 = 1.0 / (_MM * _MM)


@dataclass(frozen=True)
class Entry:
    """One value.

    Attributes:
        path: its place in the file, from its group's table on.
        field: its place in the Config; ``gates.`` for the core's Gates, ``score_min.0`` for an item.
        unit: as written behind the number; "" for a pure number.
        scale: the core's steps to one unit.
        low, high: its range, in the unit.
        off: the core's value that switches a limit off, None where that cannot be.
        what: what it is and where it comes from.
    """

    path: str
    field: str
    unit: str
    scale: float
    low: float
    high: float
    off: int | None
    what: str


def _least(gate: str, name: str, field: str, unit: str, scale: float, high: float, what: str) -> Entry:
    return Entry(f"gates.{gate}.{name}", f"gates.{field}", unit, scale, 0.0, high, 0, what)


def _most(gate: str, name: str, field: str, unit: str, scale: float, high: float, what: str) -> Entry:
    return Entry(f"gates.{gate}.{name}", f"gates.{field}", unit, scale, 0.0, high, core.NO_LIMIT, what)


_PIXELS = (_U16 - 1) / _PER_UM2
_MESF = "MESF/um2"
_CELLSEARCH = "CellSearch definition, Allard 2004"

GATE_SET = (
    Entry("threshold.noise", "noise_factor", "SD", 16.0, 1.0, 64.0, None,
          "a mask begins this many noise widths above background, and at least"),
    Entry("threshold.dapi", "dapi_threshold", "grey", GREY, 1 / 64, _GREY_MAX, None,
          "this much in DAPI"),
    Entry("threshold.ck", "ck_threshold", "grey", GREY, 1 / 64, _GREY_MAX, None,
          "this much in CK"),
    Entry("borderline", "borderline", "SE", 16.0, 0.0, 16.0, None,
          "a cell is borderline when so many standard errors change its score; 2: about 95 %"),
    _least("ck", "mean_min", "ck_min", "grey", GREY, _GREY_MAX,
           "mean CK above background; set on simulated specimens"),
    _least("ck", "snr_min", "ck_snr_min", "", GREY, 1000.0,
           "mean CK over its noise"),
    _least("dapi", "nucleus_min", "nucleus_min", "um2", _PER_UM2, _PIXELS,
           "area of the nucleus; 7: a disc of 3 um"),
    _least("dapi", "mean_min", "dapi_min", "grey", GREY, _GREY_MAX,
           "mean DAPI of the nucleus above background"),
    _most("cd45", "level_max", "cd45_max", "grey", GREY, _GREY_MAX,
          "CD45 above background that an eighth of the inner pixels do not exceed; set on simulations"),
    _most("cd45", "share_of_ck_max", "cd45_share_max", "", 1000.0, 65.534,
          "the same over mean CK"),
    _least("small", "area_min", "area_min", "um2", _PER_UM2, _PIXELS,
           f"13: a disc of 4 um ({_CELLSEARCH})"),
    Entry("gates.large.area_max", "gates.area_max", "um2", _PER_UM2, 1 / _PER_UM2, _PIXELS, None,
          "804: a disc of 32 um"),
    _most("shape", "p2a_max", "shape_max", "", 1.0, 65534.0,
          f"perimeter^2 / area on the pixel grid: a disc 20.4, a 3:1 oval 34 (round to oval, {_CELLSEARCH})"),
    _most("shape", "eccentricity_max", "eccentricity_max", "", 1000.0, 1.0,
          "0 round, 1 a line"),
    _least("nucleus", "inside_min", "overlap_min", "", 1000.0, 1.0,
           f"share of the nucleus inside the cell; 0.501: more than half ({_CELLSEARCH})"),
    _least("focus", "focus_min", "focus_min", "", 1000.0, 65.535,
           "edge sharpness in CK"),
    _most("saturated", "share_max", "saturated_max", "", 1000.0, 1.0,
          "share of saturated pixels in any channel"),
)  # fmt: skip

CUTOFFS = tuple(
    Entry(
        f"least.{score}", f"score_min.{n}", _MESF, 1.0, 1.0, float(_U32), None,
        f"a cell with at least this much HER2 scores {score}",
    )
    for n, score in enumerate(("1+", "2+", "3+"))
)  # fmt: skip

LINE = (
    Entry("line.slope", "line_slope", "", _Q16, 1 / _Q16, 8.0, None,
          "log2(MESF per um2) = log2(at_one_grey) + slope * log2(grey levels)"),
    Entry("line.standard_error", "line_se", "log2", _Q16, 0.0, _U16 / _Q16, None,
          "standard uncertainty of the line"),
    Entry("line.low", "line_low", _MESF, 1.0, 0.0, float(_U32), None,
          "the beads cover from here"),
    Entry("line.high", "line_high", _MESF, 1.0, 1.0, float(_U32), None,
          "to here"),
)  # fmt: skip

CORRECTIONS = {
    "hot": (1, "hot pixels are left out"),
    "flat": (2, "flat field"),
    "background": (4, "background by tile and by ring; off: one value per frame"),
    "spillover": (8, "spectral spillover is removed from means"),
}
"""Name of each correction, its bit in ``Config.corrections``, and what it is."""
