"""From outcomes to figures: by condition, and the issue's table."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.evaluate import limits
from host.evaluate.intervals import Estimate, mean, share, table
from host.evaluate.plan import CARRY_OVER, Condition
from host.evaluate.specimen import GAPS, Outcome
from host.rescore.agreement import kappas
from host.rescore.analyse import RANGE_MAX

EXAMPLES = 4
DETECTION = (4, 12)  # CTCs, the range of the in-silico detection


def summarise(plan: list[Condition], outcomes: list[Outcome]) -> dict[str, Any]:
    """Return everything the report says, as JSON holds it.

    Args:
        plan: the conditions measured.
        outcomes: of their specimens.
    """
    groups = {one.name: [each for each in outcomes if each.condition == one.name] for one in plan}
    by_use: dict[str, list[Condition]] = {}
    for one in plan:
        by_use.setdefault(one.use, []).append(one)
    return {
        "conditions": [
            _condition(one, groups[one.name])
            for use in ("realistic", "condition", "hard", "bright")
            for one in by_use.get(use, [])
        ],
        "blanks": [_blank(one, groups[one.name]) for one in by_use.get("blank", [])],
        "detection": _detection(by_use, groups),
        "linearity": _linearity(by_use, groups),
        "gaps": _gaps([each for one in by_use.get("realistic", []) for each in groups[one.name]]),
        "failures": {
            one.name: failures
            for one in plan
            if (failures := _failures(groups[one.name]))
        },
    }  # fmt: skip


def _condition(condition: Condition, outcomes: list[Outcome]) -> dict[str, Any]:
    tables = np.array([one.confusion for one in outcomes], np.float64).reshape(-1, 4, 4)
    three = np.array([one.three for one in outcomes])
    agree = np.array([one.status == one.truth for one in outcomes])
    high = tables[:, :3, 3].sum(axis=1)
    return {
        "name": condition.name,
        "use": condition.use,
        "specimens": len(outcomes),
        "invalid": sum(not one.valid for one in outcomes),
        "ctc": sum(one.true for one in outcomes),
        "sensitivity": _sum(outcomes, "matched", "true").as_dict(),
        "precision": _sum(outcomes, "matched", "found").as_dict(),
        "three_sensitivity": share(three[:, 0], three[:, 1]).as_dict(),
        "three_specificity": share(three[:, 2], three[:, 3]).as_dict(),
        "kappa": table(tables, lambda counts: kappas(counts, "none")).as_dict(),
        "kappa_quadratic": table(tables, lambda counts: kappas(counts, "quadratic")).as_dict(),
        "confusion": tables.sum(axis=0).astype(int).tolist(),
        "status": share(agree.astype(int), np.ones(len(agree))).as_dict(),
        "scored_high": share(high, tables[:, :3].sum(axis=(1, 2))).as_dict(),
        "missed": _reasons(outcomes, "missed"),
        "false": _reasons(outcomes, "false"),
    }


def _sum(outcomes: list[Outcome], part: str, whole: str) -> Estimate:
    return share([getattr(one, part) for one in outcomes], [getattr(one, whole) for one in outcomes])


def _reasons(outcomes: list[Outcome], kind: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in outcomes:
        total.update(getattr(one, kind))
    return dict(total.most_common())


def _valid(outcomes: list[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.valid]


def _blank(condition: Condition, outcomes: list[Outcome]) -> dict[str, Any]:
    """False results of valid blanks; an INVALID one has no result and is counted apart."""
    valid = _valid(outcomes)
    counts = np.array([one.found for one in valid], np.float64)
    return {
        "name": condition.name,
        "leukocytes": condition.wishes["carry_over"],
        "specimens": len(outcomes),
        "invalid": len(outcomes) - len(valid),
        "false_ctc": mean(counts).as_dict(),
        "false_three": mean([one.found_three for one in valid]).as_dict(),
        "false_positive": share([one.status == "POSITIVE" for one in valid], np.ones(len(valid))).as_dict(),
        "limit_of_blank": limits.limit_of_blank(counts) if valid else None,
        "false": _reasons(outcomes, "false"),
    }


def _detection(by_use: dict[str, list[Condition]], groups: dict[str, list[Outcome]]) -> dict[str, Any] | None:
    conditions = by_use.get("detection", [])
    if not conditions:
        return None
    blanks = [
        one
        for condition in by_use.get("blank", [])
        if condition.wishes["carry_over"] == CARRY_OVER
        for one in _valid(groups[condition.name])
    ]
    blank = limits.limit_of_blank(np.array([one.found for one in blanks], np.float64)) if blanks else None
    levels = {}
    rows = []
    for condition in conditions:
        level = int(condition.wishes["ctc"])
        outcomes = groups[condition.name]
        counts = np.array([one.found if one.valid else 0 for one in outcomes], np.float64)
        levels[level] = counts
        rows.append(
            {
                "ctc": level,
                "specimens": len(outcomes),
                "recovered": _sum(outcomes, "matched", "true").as_dict(),
                "detected": None
                if blank is None
                else share((counts > blank).astype(int), np.ones(len(counts))).as_dict(),
                "total_error": limits.total_error(level, counts),
            }
        )
    low, high = DETECTION
    within = [one for c in conditions if low <= c.wishes["ctc"] <= high for one in groups[c.name]]
    return {
        "levels": rows,
        "recovered": _sum(within, "matched", "true").as_dict() if within else None,
        "limit_of_blank": blank,
        "limit_of_detection": None if blank is None else limits.limit_of_detection(levels, blank),
        "limit_of_quantitation": limits.limit_of_quantitation(levels),
    }


def _linearity(by_use: dict[str, list[Condition]], groups: dict[str, list[Outcome]]) -> dict[str, Any] | None:
    conditions = by_use.get("linearity", [])
    outcomes = [(one.wishes["ctc"], each) for one in conditions for each in groups[one.name]]
    inside = [(level, one) for level, one in outcomes if level <= RANGE_MAX]
    valid = [(level, one.found) for level, one in inside if one.valid]
    if len({level for level, _ in valid}) < 3:
        return None
    true, found = (np.array(column, np.float64) for column in zip(*valid, strict=True))
    above = [(level, one) for level, one in outcomes if level > RANGE_MAX]
    return limits.linearity(true, found) | {
        "points": [[int(level), int(count)] for level, count in valid],
        "invalid": _invalid_levels(inside),
        "above": {
            "specimens": len(above),
            "shown_as_above": sum(one.valid and one.found > RANGE_MAX for _, one in above),
            "invalid": sum(not one.valid for _, one in above),
        },
    }


def _invalid_levels(inside: list[tuple[int, Outcome]]) -> dict[str, int]:
    counts = Counter(str(level) for level, one in inside if not one.valid)
    return dict(counts)


def _gaps(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Sensitivity by how close the nearest neighbour of a CTC lies."""
    rows = []
    for index, name in enumerate(GAPS):
        whole = [one.gaps[index][0] for one in outcomes]
        part = [one.gaps[index][1] for one in outcomes]
        rows.append({"gap": name, "sensitivity": share(part, whole).as_dict()})
    return rows


def _failures(outcomes: list[Outcome]) -> dict[str, list[dict[str, Any]]]:
    """Return some examples of each kind of failure: seed, reader, field and place."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in outcomes:
        if one.fault:
            key = f"INVALID: {one.fault}"
            found.setdefault(key, []).append({"seed": one.seed, "reader": one.reader})
        for reason, field, x, y in one.examples:
            example = {"seed": one.seed, "reader": one.reader, "field": field}
            found.setdefault(reason, []).append(example | {"x_um": round(x, 1), "y_um": round(y, 1)})
    return {reason: examples[:EXAMPLES] for reason, examples in sorted(found.items())}


def her2_points(outcomes: list[Outcome], condition: str) -> NDArray[np.float64]:
    """Return [n, 2], true and measured HER2 in MESF per um2, of a condition's matched CTCs."""
    points = [pair for one in outcomes if one.condition == condition for pair in one.her2]
    return np.array(points, np.float64).reshape(-1, 2)


def figures(summary: dict[str, Any], nuclei: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the issue's figures: what, value, interval, limit, whether it is reached.

    A figure is reached when its estimate is on the right side; ``sure`` says whether its whole interval is.
    """
    realistic = next((row for row in summary["conditions"] if row["use"] == "realistic"), None)
    bright = next((row for row in summary["conditions"] if row["use"] == "bright"), None)
    blank = next((row for row in summary["blanks"] if row["leukocytes"] == CARRY_OVER), None)
    detection, line = summary["detection"], summary["linearity"]
    rows = []
    if realistic is not None:
        rows += [
            _row("CTC sensitivity, realistic specimens", realistic["sensitivity"], ">=", 0.99),
            _row("CTC precision, realistic specimens", realistic["precision"], ">=", 0.97),
        ]
    if blank is not None:
        rows += [
            _row("false CTCs per blank specimen", blank["false_ctc"], "<=", 0.05),
            _row("false 3+ per blank specimen", blank["false_three"], None, None),
            _row("blank specimens called POSITIVE", blank["false_positive"], None, None),
            _plain("limit of blank, CTCs", blank["limit_of_blank"]),
        ]
    if detection is not None:
        rows += [
            _plain("limit of detection, CTCs", detection["limit_of_detection"]),
            _plain("limit of quantitation, CTCs", detection["limit_of_quantitation"]),
        ]
    if realistic is not None:
        rows += [
            _row("sensitivity of 3+", realistic["three_sensitivity"], ">=", 0.98),
            _row("specificity of 3+", realistic["three_specificity"], ">=", 0.98),
            _row("kappa, quadratic weights, four classes", realistic["kappa_quadratic"], ">=", 0.90),
            _row("kappa, unweighted", realistic["kappa"], None, None),
            _row("status as the truth's", realistic["status"], None, None),
        ]
    if bright is not None:
        rows.append(_row("CK-bright HER2-0 cells scored 3+", bright["scored_high"], "<=", 0.01))
    if detection is not None and detection["recovered"] is not None:
        rows.append(_row("CTCs detected at 4 to 12 cells", detection["recovered"], ">=", 0.97))
    if line is not None:
        rows += _line_rows(line)
    if nuclei is not None:
        rows.append(_plain("F1 at IoU 0.5, real nuclei", nuclei["f1"], nuclei["f1"] >= 0.85, ">= 0.85"))
    return rows


def _line_rows(line: dict[str, Any]) -> list[dict[str, Any]]:
    low, high = line["intercept_limits"]
    worst = max((abs(row["deviation"]) for row in line["levels"] if row["true"]), default=0.0)
    above = line["above"]
    shown = above["shown_as_above"]
    return [
        {
            **_plain(
                "linearity 0 to 1,142: slope", line["slope"], 0.97 <= line["slope"] <= 1.03, "0.97-1.03"
            ),
            "lower": line["slope_limits"][0],
            "upper": line["slope_limits"][1],
        },
        {
            **_plain("linearity: intercept", line["intercept"], low <= 0 <= high, "interval holds 0"),
            "lower": low,
            "upper": high,
        },
        _plain(
            "linearity: greatest deviation at a level",
            worst,
            worst <= limits.DEVIATION and not line["invalid"],
            "<= 0.05, every level with a status",
        ),
        _plain(
            f"above the range shown as >{RANGE_MAX}, or INVALID",
            f"{shown} + {above['invalid']} of {above['specimens']}",
            shown + above["invalid"] == above["specimens"],
            "all",
        ),
    ]


def _row(what: str, estimate: dict[str, Any], sign: str | None, limit: float | None) -> dict[str, Any]:
    value, lower, upper = (estimate[key] for key in ("value", "lower", "upper"))
    reached = sure = None
    if sign is not None and limit is not None and value is not None:
        reached = value >= limit if sign == ">=" else value <= limit
        edge = lower if sign == ">=" else upper
        sure = edge is not None and (edge >= limit if sign == ">=" else edge <= limit)
    return {
        "what": what,
        "value": value,
        "lower": lower,
        "upper": upper,
        "reach": f"{sign} {limit:g}" if sign else "stated",
        "reached": reached,
        "sure": sure,
        "method": estimate["method"],
    }


def _plain(what: str, value: Any, reached: bool | None = None, reach: str = "stated") -> dict[str, Any]:
    return {
        "what": what,
        "value": value,
        "lower": None,
        "upper": None,
        "reach": reach,
        "reached": reached,
        "sure": None,
        "method": "",
    }
