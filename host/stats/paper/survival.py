"""Medians and log-rank tests: what the printed numbers bound, since the curves need every patient."""

from __future__ import annotations

import math

from scipy import stats

from host.stats.paper import study
from host.stats.paper.categorical import interval_table
from host.stats.paper.models import fitted, line_of
from host.stats.paper.row import BOUND, NOT_RECOMPUTABLE, Row, bound_if


def weibull_shape(hr: float, medians: tuple[float, float]) -> float:
    """Shape k for which two Weibull curves with ``medians`` have proportional hazards with ratio ``hr``.

    For S(t) = exp(-(t / a)**k), HR = (median of reference / median of compared)**k; k = 1 is the exponential.
    """
    return math.log(hr) / math.log(medians[1] / medians[0])


def medians() -> list[Row]:
    """The printed medians: one of patients in two parts lies between the medians of the parts.

    Exactly so without censoring, nearly with it: the hazard of all is, at every time, between those of the
    parts.
    """
    positive, negative = study.KM_HER2.medians
    by_receptor = study.KM_SUBGROUPS[:2]
    parts = {
        ("positive", positive): ("receptor-positive and -negative", [c.medians[0] for c in by_receptor]),
        ("negative", negative): ("receptor-positive and -negative", [c.medians[1] for c in by_receptor]),
        ("≥ 1", study.KM_COUNT.medians[1]): ("CTC HER2-positive and -negative", [positive, negative]),
    }
    rows = []
    for curve in (study.KM_HER2, study.KM_COUNT, *study.KM_SUBGROUPS):
        for label, median in zip(curve.labels, curve.medians, strict=True):
            item = f"median PFS, {curve.item}: {label}, months"
            known = None if curve in study.KM_SUBGROUPS else parts.get((label, median))
            if known is None:
                needs = "needs each patient's follow-up"
                rows.append(
                    Row("Results", item, f"{median}", None, needs, NOT_RECOMPUTABLE, NOT_RECOMPUTABLE)
                )
                continue
            names, both = known
            low, high = min(both), max(both)
            rows.append(
                Row(
                    "Results",
                    item,
                    f"{median}",
                    f"between {low} and {high}",
                    f"the medians of its parts, {names}",
                    bound_if(low <= median <= high),
                    BOUND,
                    details={"low": low, "high": high},
                )
            )
    return rows


def shapes() -> list[Row]:
    """Hazard ratios against medians, for the two comparisons that print both."""
    rows = []
    for curve, line, names, remark in (
        (study.KM_HER2, line_of("CTC HER2"), ("negative", "positive"), ""),
        (
            study.KM_COUNT,
            study.CTC_COUNT[1],
            ("0", "≥ 1"),
            " The line is the one printed for cut-off 5, which is that of CTC ≥ 1: see the findings.",
        ),
    ):
        # HR is of the group with CTCs, or CTC HER2-positive, against the other.
        compared, reference = curve.medians if curve is study.KM_HER2 else curve.medians[::-1]
        k = weibull_shape(line.hr.value, (compared, reference))
        exponential = reference / compared
        rows.append(
            Row(
                "Results",
                f"hazard ratio and medians belong together, {curve.item}",
                f"HR {line.hr.text}, medians {compared} and {reference} months",
                f"Weibull shape {k:.3f}",
                f"proportional hazards: HR = (median {names[0]} / median {names[1]})**shape",
                bound_if(1 < k < 2),
                BOUND,
                f"Exponential curves with these medians would give HR {exponential:.3f}; the hazard rises "
                f"with time.{remark}",
                {"shape": k, "exponential_hr": exponential},
            )
        )
    return rows


def log_rank() -> list[Row]:
    """Log-rank P of the two main comparisons, from the events a hazard ratio and its limits imply."""
    rows = []
    for curve, line, remark in (
        (
            study.KM_HER2,
            line_of("CTC HER2"),
            "Wald's P for the same line is larger, so 0.0011 is no contradiction.",
        ),
        (
            study.KM_COUNT,
            study.CTC_COUNT[1],
            "From the line printed for cut-off 5, which is that of CTC ≥ 1: see the findings.",
        ),
    ):
        score = fitted(line).score
        assert score is not None
        low, high = score.low * 0.9, score.high * 1.1
        rows.append(
            Row(
                "Results",
                f"log-rank, {curve.item}: P",
                curve.p.text,
                score.value,
                "score test of the two-group likelihood with the events implied by HR and limits; "
                "within a tenth",
                bound_if(curve.p.overlaps(low, high)),
                BOUND,
                remark,
                score.to_json(),
            )
        )
    return rows


def subgroups() -> list[Row]:
    """Log-rank P of the subgroups: the weakest effect that could give them."""
    above = interval_table()[0]
    # Every discordant patient is CTC HER2-negative: the table's columns are negative and positive.
    sizes_above = (above[1], above[0])
    rows = []
    for curve in study.KM_SUBGROUPS:
        positive, negative = curve.sizes or sizes_above
        z = float(stats.norm.isf(curve.p.high / 2))
        # Most information there can be: every patient has an event.
        weakest = z * math.sqrt(1 / positive + 1 / negative)
        k = weakest / math.log(curve.medians[0] / curve.medians[1])
        rows.append(
            Row(
                "Results",
                f"log-rank, {curve.item}: P",
                curve.p.text,
                f"HR at most {math.exp(-weakest):.3f}",
                f"score test with an event in all {positive} positive and {negative} negative patients",
                bound_if(0 < k < 3),
                BOUND,
                f"With the printed medians that is a Weibull shape of at least {k:.2f}; the hazard "
                "ratio is not printed. "
                "Significance in one subgroup and not in the other is no interaction.",
                {"hr_at_most": math.exp(-weakest), "shape_at_least": k},
            )
        )
    return rows


def unchecked() -> list[Row]:
    """Statements nothing in the text allows to check."""
    return [
        Row(
            "Other",
            item,
            printed,
            None,
            "needs data or a source outside the text",
            NOT_RECOMPUTABLE,
            NOT_RECOMPUTABLE,
        )
        for item, printed in study.UNCHECKED
    ]
