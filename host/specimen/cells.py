"""What swims in the sample: sizes and dye signals of every class, drawn at random.

Sizes: median diameters of breast CTCs 12.4 um and of leukocytes 9.4 um in blood, measured on CellSearch
images; cell lines, at 18.4 um, would be too easy. A CTC's nucleus takes more than half of its area
(CellSearch definition). Signals are grey levels above dark at the nominal exposure; CK, DAPI and CD45 are
means over the part of the cell that carries the dye, before the optics blur it.

HER2 levels are centred inside the provisional cut-offs of the core (9, 27 and 70 grey levels). They are the
mean over the cell's *outline*, the pixels where its DAPI or CK can be seen, because that mean is what is
scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CTC = "ctc"
LEUKOCYTE = "leukocyte"
CK_FRAGMENT = "ck_fragment"  # CK+ DAPI-: a piece of a cell
BARE_NUCLEUS = "bare_nucleus"  # DAPI+ and nothing else
DOUBLE_POSITIVE = "double_positive"  # CK+ and CD45+: a leukocyte that took up stain
DEBRIS = (CK_FRAGMENT, BARE_NUCLEUS, DOUBLE_POSITIVE)

SCORES = ("0", "1+", "2+", "3+")
HER2_LEVEL = (4.0, 16.0, 45.0, 110.0)  # grey levels, centre of each score
HER2_CV = 0.06  # from cell to cell, cut at two standard deviations
HER2_BELOW = (0.4, 0.35, 0.25)  # shares of 0, 1+ and 2+ among the CTCs that are not 3+
HER2_UNSPECIFIC = (2.0, 5.0)  # on every other body


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
    return float(np.clip(median * np.exp(cv * rng.standard_normal()), low, high))


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


def ctcs(rng: np.random.Generator, count: int, share_3plus: float) -> list[Body]:
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
            _diameter(rng, 12.4, 0.15, 8.5, 19.0),
            1.3,
            nucleus=rng.uniform(0.55, 0.75),
            dapi=rng.uniform(60.0, 160.0),
            ck=rng.uniform(50.0, 150.0),
            cd45=rng.uniform(0.0, 3.0),
            her2=HER2_LEVEL[level] * (1.0 + HER2_CV * spread),
        )
        body.score = SCORES[level]
        bodies.append(body)
    return bodies


def leukocytes(rng: np.random.Generator, count: int) -> list[Body]:
    """Draw ``count`` leukocytes: DAPI+ CD45+ CK-."""
    return [
        _body(
            rng,
            LEUKOCYTE,
            _diameter(rng, 9.4, 0.10, 6.5, 13.0),
            1.2,
            nucleus=rng.uniform(0.6, 0.85),
            dapi=rng.uniform(60.0, 160.0),
            ck=rng.uniform(0.0, 2.0),
            cd45=rng.uniform(40.0, 120.0),
        )
        for _ in range(count)
    ]


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
