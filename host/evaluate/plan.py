"""Which specimens are measured: conditions, levels, numbers. Part of what the lock covers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

Use = Literal["realistic", "condition", "hard", "blank", "detection", "linearity", "bright"]

READERS = 4
"""Readers that take turns; each has its own uneven light and hot pixels, and its own calibration."""

RUN_FIELDS = 16
FIELDS = 4
CARRY_OVER = 1000
"""Leukocytes in 16 fields of a realistic run."""

CTCS = 25
HER2_CV = 0.15
"""Spread of HER2 within a score here: more than twice the simulator's default."""

DETECTION = (1, 2, 3, 4, 5, 6, 8, 10, 12)
LINEARITY = (0, 10, 50, 100, 200, 400, 600, 800, 1000, 1142)
ABOVE = (1300, 2000)


@dataclass(frozen=True, slots=True)
class Condition:
    """Specimens of one kind.

    Attributes:
        name: as in tables.
        use: which question they answer; ``hard`` ones are conditions outside what the reader is meant for.
        specimens: how many.
        wishes: of ``host.specimen.parameters``.
        fall_off: of the light, from the brightest place to the darkest; None: each reader's own.
        hot: hot pixels; None: the board's.
        leak: share of CK read in the HER2 channel; None: the board's.
        calibrated: flat field and spillover are measured on each reader; else the built-in ones are used.
        clinical: numbers of CTCs as in patients, and any share of 3+; ``wishes`` says nothing about them.
    """

    name: str
    use: Use
    specimens: int
    wishes: dict[str, Any] = field(default_factory=dict)
    fall_off: float | None = None
    hot: int | None = None
    leak: float | None = None
    calibrated: bool = True
    clinical: bool = False


def _run(**wishes: Any) -> dict[str, Any]:
    return {"fields": RUN_FIELDS, "carry_over": CARRY_OVER, "her2_cv": HER2_CV} | wishes


def _part(**wishes: Any) -> dict[str, Any]:
    """A quarter of a run, at the same density."""
    quarter = CARRY_OVER * FIELDS // RUN_FIELDS
    base = {"fields": FIELDS, "carry_over": quarter, "ctc": CTCS, "her2_cv": HER2_CV}
    return base | wishes


def conditions() -> list[Condition]:
    """Return the whole plan."""
    return [
        Condition("realistic", "realistic", 240, _run(), clinical=True),
        *_by_density(),
        *(
            Condition(f"CTC of {um} um", "condition", 40, _part(diameter=float(um)))
            for um in (8, 10, 12, 16, 20)
        ),
        *(
            Condition(f"CK at {factor:.0%}", "condition" if factor > 0.3 else "hard", 40,
                      _part(ck_signal=factor))
            for factor in (0.5, 0.3, 0.2)
        ),
        *(
            Condition(f"DAPI at {factor:.0%}", "condition", 40, _part(dapi_signal=factor))
            for factor in (0.5, 0.25)
        ),
        *(
            Condition(f"HER2 light at {factor:.0%}, calibrated", "condition", 40, _part(her2_signal=factor))
            for factor in (0.5, 0.25)
        ),
        Condition("light falls off by 10 %", "condition", 40, _part(), fall_off=0.10),
        Condition("light falls off by 25 %", "hard", 40, _part(), fall_off=0.25),
        Condition("25 % fall-off, not calibrated", "hard", 40, _part(), fall_off=0.25, calibrated=False),
        *(
            Condition(f"{um} um out of focus", "condition" if um < 10 else "hard", 40,
                      _part(defocus=float(um)))
            for um in (5, 10, 20)
        ),
        Condition("leukocyte against every CTC", "hard", 40,
                  _part(carry_over=0, leukocytes=100, touching=CTCS)),
        Condition("CTCs in pairs", "condition", 40, _part(cluster=2, ctc=24)),
        Condition("CTCs in clusters of 4", "hard", 40, _part(cluster=4, ctc=24)),
        Condition("four times the debris", "condition", 40, _part(debris=64)),
        Condition("24 hot pixels", "condition", 40, _part(), hot=24),
        Condition("HER2 up to the cut-offs", "hard", 40, _part(her2_even=True)),
        Condition("CK-bright, HER2 0", "bright", 40, _part(ctc=0, ck_bright=CTCS)),
        Condition("CK-bright, HER2 0, leak 10 %", "bright", 40, _part(ctc=0, ck_bright=CTCS), leak=0.10),
        *_blanks(),
        *(
            Condition(f"{ctc} CTCs", "detection", 40, _run(ctc=ctc, her2=0.5)) for ctc in DETECTION
        ),
        *(Condition(f"{ctc} CTCs, linearity", "linearity", 6, _run(ctc=ctc)) for ctc in LINEARITY),
        *(Condition(f"{ctc} CTCs, above the range", "linearity", 2, _run(ctc=ctc)) for ctc in ABOVE),
    ]  # fmt: skip


def _by_density() -> list[Condition]:
    """Leukocytes per run of 16 fields; a specimen here is a quarter of it."""
    return [
        Condition(
            f"{number:,} leukocytes per run",
            "condition" if number <= CARRY_OVER else "hard",
            40,
            _part(carry_over=number * FIELDS // RUN_FIELDS, leukocytes=0),
        )
        for number in (0, 1000, 5000, 10000)
    ]


def _blanks() -> list[Condition]:
    return [
        Condition(f"blank, {number:,} leukocytes", "blank", specimens, _run(ctc=0, carry_over=number))
        for number, specimens in ((1000, 1000), (5000, 60), (10000, 40))
    ]


def as_json(plan: list[Condition]) -> list[dict[str, Any]]:
    """Return the plan as JSON holds it."""
    return [asdict(condition) for condition in plan]


def sample(plan: list[Condition], share: float, only: tuple[str, ...] = ()) -> list[Condition]:
    """Return the plan with ``share`` of its specimens (at least one each), or only conditions so named."""
    return [
        Condition(**{**_fields(one), "specimens": max(1, round(one.specimens * share))})
        for one in plan
        if not only or any(part in one.name for part in only)
    ]


def _fields(condition: Condition) -> dict[str, Any]:
    return {name: getattr(condition, name) for name in Condition.__slots__}


def wishes(condition: Condition, seed: int) -> dict[str, Any]:
    """Return what one specimen is made from, ``clinical`` numbers drawn.

    CTC counts as in the study's 58 patients: 1 to 323, 62 % of them 1 to 10, mean 23. A log-normal with
    median 7 and a standard deviation of 1.6 has 60 % and 22.
    """
    if not condition.clinical:
        return condition.wishes
    rng = np.random.default_rng([seed % 2**32, seed >> 32, 7])
    ctc = int(np.clip(np.rint(np.exp(np.log(7.0) + 1.6 * rng.standard_normal())), 1, 323))
    return condition.wishes | {"ctc": ctc, "her2": float(rng.uniform())}
