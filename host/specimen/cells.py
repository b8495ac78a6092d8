"""What swims in the sample: sizes and dye signals of every class, drawn at random.

Sizes: median diameters of breast CTCs 12.4 um and of leukocytes 9.4 um in blood, measured on CellSearch
images; cell lines, at 18.4 um, would be too easy. A CTC's nucleus takes more than half of its area
(CellSearch definition). Signals are grey levels above dark at the nominal exposure: means over the part of
the cell that carries the dye, before the optics blur it. HER2's is thus a surface density, light per area of
the cell itself, whatever its size and however bright its CK; its levels are centred inside the provisional
cut-offs of the core (9, 27 and 70 grey levels, 100 MESF per um2 each).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CTC = "ctc"
LEUKOCYTE = "leukocyte"
CK_FRAGMENT = "ck_fragment"  # CK+ DAPI-: a piece of a cell
BARE_NUCLEUS = "bare_nucleus"  # DAPI+ and nothing else
DOUBLE_POSITIVE = "double_positive"  # CK+ and CD45+: a leukocyte that took up stain
DEBRIS = (CK_FRAGMENT, BARE_NUCLEUS, DOUBLE_POSITIVE)

SCORES = ("0", "1+", "2+", "3+")
HER2_LEVEL = (4.0, 16.0, 45.0, 110.0)  # grey levels, centre of each score
HER2_CV = 0.06  # from cell to cell, cut at two standard deviations
HER2_RANGE = (2.0, 160.0)  # grey levels, of a continuous spectrum
CUT_OFFS = (9.0, 27.0, 70.0)  # grey levels from which the truth of a continuous spectrum is 1+, 2+, 3+
HER2_BELOW = (0.4, 0.35, 0.25)  # shares of 0, 1+ and 2+ among the CTCs that are not 3+
HER2_UNSPECIFIC = (2.0, 5.0)  # on every other body
CK_BRIGHT = (150.0, 190.0)  # grey levels: as bright as the sensor takes without saturation


@dataclass(slots=True)
class Body:
    """One thing in the sample; the placer fills in ``field``, ``x`` and ``y``."""

    kind: str
    diameter: float  # um, of the disc with the same area
    elongation: float  # long axis over short axis
    angle: float  # radians, of the long axis
    nucleus: float  # share of the area, 0 without a nucleus
    dapi: float
    ck: float
    cd45: float
    her2: float
    score: str | None = None
    wobble: tuple[float, float] = (0.0, 0.0)  # amplitude and phase of the outline's third harmonic
    field: int = -1
    x: float = 0.0  # um, centre of the first pixel is 0
    y: float = 0.0


def _diameter(rng: np.random.Generator, median: float, cv: float, low: float, high: float) -> float:
    """Draw from a log-normal, the usual shape of cell sizes, kept within ``low`` to ``high`` um."""
    return float(min(max(median * np.exp(cv * rng.standard_normal()), low), high))


def _body(rng: np.random.Generator, kind: str, diameter: float, roundness: float, **signals: float) -> Body:
    return Body(
        kind=kind,
        diameter=diameter,
        elongation=float(rng.uniform(1.0, roundness)),
        angle=float(rng.uniform(0.0, np.pi)),
        nucleus=signals.get("nucleus", 0.0),
        dapi=signals.get("dapi", 0.0),
        ck=signals.get("ck", 0.0),
        cd45=signals.get("cd45", 0.0),
        her2=signals.get("her2", float(rng.uniform(*HER2_UNSPECIFIC))),
        wobble=(float(rng.uniform(0.0, 0.05)), float(rng.uniform(0.0, 2.0 * np.pi))),
    )


@dataclass(frozen=True, slots=True)
class Stain:
    """What all CTCs of a specimen have in common.

    Attributes:
        diameter: median in um; None: that of breast CTCs in blood (12.4), with their spread.
        ck, dapi, her2: factors on the signals, 1 as published here; HER2's leaves every score as it is, as
            a weaker lamp with its own calibration does.
        her2_cv: spread of HER2 within a score, from cell to cell.
        her2_even: HER2 drawn evenly over the logarithm of HER2_RANGE instead, up to and across the cut-offs.
    """

    diameter: float | None = None
    ck: float = 1.0
    dapi: float = 1.0
    her2: float = 1.0
    her2_cv: float = HER2_CV
    her2_even: bool = False


def ctcs(rng: np.random.Generator, count: int, share_3plus: float, stain: Stain) -> list[Body]:
    """Draw ``count`` CTCs, the nearest whole number to ``share_3plus`` of them at 3+, in random order."""
    three_plus = int(np.floor(count * share_3plus + 0.5))
    levels = np.full(count, 3)
    levels[three_plus:] = rng.choice(3, size=count - three_plus, p=HER2_BELOW)
    bodies = []
    for level in rng.permutation(levels):
        spread = float(np.clip(rng.standard_normal(), -2.0, 2.0))
        body = _body(
            rng,
            CTC,
            _ctc_diameter(rng, stain),
            1.3,
            nucleus=rng.uniform(0.55, 0.75),
            dapi=rng.uniform(60.0, 160.0) * stain.dapi,
            ck=rng.uniform(50.0, 150.0) * stain.ck,
            cd45=rng.uniform(0.0, 3.0),
            her2=HER2_LEVEL[level] * (1.0 + stain.her2_cv * spread),
        )
        _score(body, int(level), stain)
        bodies.append(body)
    if stain.her2_even:
        for body in bodies:
            body.her2 = float(np.exp(rng.uniform(*np.log(HER2_RANGE))))
            _score(body, int(np.searchsorted(CUT_OFFS, body.her2, side="right")), stain)
    return bodies


def ck_bright(rng: np.random.Generator, count: int, stain: Stain) -> list[Body]:
    """Draw ``count`` CTCs with as much CK as fits the sensor and HER2 0: spillover must not make them 3+."""
    bodies = ctcs(rng, count, 0.0, stain)
    for body in bodies:
        body.ck = float(rng.uniform(*CK_BRIGHT))
        body.her2 = HER2_LEVEL[0]
        _score(body, 0, stain)
    return bodies


def _ctc_diameter(rng: np.random.Generator, stain: Stain) -> float:
    if stain.diameter is None:
        return _diameter(rng, 12.4, 0.15, 8.5, 19.0)
    return _diameter(rng, stain.diameter, 0.05, 0.9 * stain.diameter, 1.1 * stain.diameter)


def _score(body: Body, level: int, stain: Stain) -> None:
    body.score = SCORES[level]
    body.her2 *= stain.her2


LEUKOCYTE_DAPI, LEUKOCYTE_CK, LEUKOCYTE_CD45 = (60.0, 160.0), (0.0, 2.0), (40.0, 120.0)


def leukocytes(rng: np.random.Generator, count: int) -> list[Body]:
    """Draw ``count`` leukocytes: DAPI+ CD45+ CK-."""
    return [
        _body(
            rng,
            LEUKOCYTE,
            _diameter(rng, 9.4, 0.10, 6.5, 13.0),
            1.2,
            nucleus=rng.uniform(0.6, 0.85),
            dapi=rng.uniform(*LEUKOCYTE_DAPI),
            ck=rng.uniform(*LEUKOCYTE_CK),
            cd45=rng.uniform(*LEUKOCYTE_CD45),
        )
        for _ in range(count)
    ]


def leukocyte_signals(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float64], ...]:
    """Draw DAPI, CK, CD45 and HER2 of ``count`` leukocytes, an array each."""
    ranges = (LEUKOCYTE_DAPI, LEUKOCYTE_CK, LEUKOCYTE_CD45, HER2_UNSPECIFIC)
    return tuple(rng.uniform(*each, size=count) for each in ranges)


def debris(rng: np.random.Generator, count: int) -> list[Body]:
    """Draw ``count`` bodies of the debris classes, each as likely as the other."""
    bodies = []
    for kind in rng.choice(DEBRIS, size=count):
        if kind == CK_FRAGMENT:
            body = _body(rng, CK_FRAGMENT, rng.uniform(2.0, 6.0), 1.8, ck=rng.uniform(40.0, 120.0))
        elif kind == BARE_NUCLEUS:
            body = _body(
                rng, BARE_NUCLEUS, rng.uniform(5.0, 9.0), 1.3, nucleus=1.0, dapi=rng.uniform(60.0, 160.0)
            )
        else:
            body = _body(
                rng,
                DOUBLE_POSITIVE,
                rng.uniform(9.0, 14.0),
                1.3,
                nucleus=rng.uniform(0.55, 0.75),
                dapi=rng.uniform(60.0, 160.0),
                ck=rng.uniform(40.0, 90.0),
                cd45=rng.uniform(50.0, 110.0),
            )
        bodies.append(body)
    return bodies
