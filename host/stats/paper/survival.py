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
    """The printed medians: not recomputable."""
    rows = []
    for curve in (study.KM_HER2, study.KM_COUNT, *study.KM_SUBGROUPS):
        pairs = zip(curve.labels, curve.medians, strict=True)
        rows.append(
            Row(
                "Results",
                f"median PFS, {curve.item}, months",
                "; ".join(f"{label} {median}" for label, median in pairs),
                None,
                "needs each patient's follow-up",
                NOT_RECOMPUTABLE,
                NOT_RECOMPUTABLE,
            )
        )
    return rows


def shape() -> Row:
    """Hazard ratio against medians."""
    line = line_of("CTC HER2")
    k = weibull_shape(line.hr.value, study.KM_HER2.medians)
    exponential = study.KM_HER2.medians[1] / study.KM_HER2.medians[0]
    return Row(
        "Results",
        "hazard ratio and medians by CTC HER2 belong together",
        f"HR {line.hr.text}, medians {study.KM_HER2.medians[0]} and {study.KM_HER2.medians[1]} months",
        f"Weibull shape {k:.3f}",
        "proportional hazards: HR = (median negative / median positive)**shape",
        bound_if(1 < k < 2),
        BOUND,
        f"Exponential curves with these medians would give HR {exponential:.3f}; the hazard rises with time.",
        {"shape": k, "exponential_hr": exponential},
    )


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
