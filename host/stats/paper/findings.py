"""What the printed numbers show to be wrong or unclear, each derived here and not taken from elsewhere."""

from __future__ import annotations

import math
import statistics

import numpy as np
from scipy import optimize

from host.stats.paper import study
from host.stats.paper.categorical import named_tests
from host.stats.paper.hazard import DROP, wald_p
from host.stats.paper.models import fitted, line_of
from host.stats.paper.row import BOUND, DISCREPANCY, MATCH, Row, bound_if, discrepancy_if, match_if


def swapped_cut_offs() -> Row:
    """The hazard ratios of the cut-offs 1 and 5 stand in each other's place.

    Three facts, none of which needs the others: the line printed for cut-off 1 needs more events without
    CTCs than there are such patients; patients with at least 5 CTCs are the same in the 58 as in the 101,
    and only that line has as many events in them as Table 2's line of the 58; the log-rank P of CTC = 0
    against >= 1 is nearer to the score P of the line printed for cut-off 5.
    """
    one, five = (fitted(line) for line in study.CTC_COUNT)
    of_58 = fitted(line_of("CTC number"))
    assert one.compared and one.reference and five.compared and five.reference and of_58.compared
    assert one.score and five.score
    without = study.CTC_COUNT[0].reference
    assert without is not None
    too_many = one.reference.low > without and five.reference.high <= without
    same_events = (
        abs(one.compared.value - of_58.compared.value) < 1 < abs(five.compared.value - of_58.compared.value)
    )
    log_rank = study.KM_COUNT.p.value
    nearer = abs(five.score.value - log_rank) < abs(one.score.value - log_rank)
    return Row(
        "Findings",
        "hazard ratios of the CTC-count cut-offs 1 and 5",
        f"1: {study.CTC_COUNT[0].text}; 5: {study.CTC_COUNT[1].text}",
        f"the line of cut-off 1 needs {one.reference.value:.1f} events among {without} patients "
        "without CTCs; "
        f"that of cut-off 5 {five.reference.value:.1f}",
        "events from limits; events of the ≥ 5 group against Table 2; log-rank against score P",
        discrepancy_if(too_many and same_events and nearer),
        DISCREPANCY,
        f"The two lines are swapped. Events with ≥ 5 CTCs: {of_58.compared.value:.1f} by Table 2, "
        f"{one.compared.value:.1f} by the line of cut-off 1, {five.compared.value:.1f} by that of "
        "cut-off 5. Log-rank P of "
        f"CTC = 0 against ≥ 1 printed {study.KM_COUNT.p.text}; score P {five.score.value:.3f} by the "
        "line of cut-off 5, "
        f"{one.score.value:.3f} by that of cut-off 1.",
        {
            "more_events_than_patients": too_many,
            "events_agree_with_table_2": same_events,
            "log_rank_nearer": nearer,
            "events_ge_5_table_2": of_58.compared.value,
        },
    )


def treatment_direction() -> Row:
    """The univariate treatment line compares T with L, not L with T as its label says."""
    line, adjusted = line_of("treatment option"), line_of("treatment option", "multivariate")
    result, other = fitted(line), fitted(adjusted)
    assert result.compared and result.reference and line.compared is not None and line.reference is not None
    contradicted = result.compared.low > line.compared
    turned = result.compared.high <= line.reference and result.reference.high <= line.compared
    # Limits lie further out on the side of the group with fewer events, so the two models cannot both be L
    # against T.
    opposite = result.asymmetry.low > 0 > other.asymmetry.high
    hr = 1 / line.hr.value
    return Row(
        "Findings",
        "direction of the univariate treatment line",
        f"L vs T: {line.hr.text} ({line.lower.text}–{line.upper.text})",
        f"L vs T: {hr:.3f} ({1 / line.upper.value:.3f}–{1 / line.lower.value:.3f})",
        "events from limits, against the patients of each treatment",
        discrepancy_if(contradicted and turned and opposite),
        DISCREPANCY,
        f"As labelled, {line.compared} patients on L would have had {result.compared.value:.1f} "
        "events; turned round, L has "
        f"{result.reference.value:.1f} and T {result.compared.value:.1f} of {line.reference}. The "
        "multivariate line is "
        "asymmetric the other way and fits its label.",
        {"hr": hr, "lower": 1 / line.upper.value, "upper": 1 / line.lower.value},
    )


def one_patient(at_risk: int, others: int) -> tuple[float, float, float, float]:
    """Log hazard ratio of a group of one patient, its SE and its 95 % profile limits.

    Args:
        at_risk: patients of the other group at the first event.
        others: events among them before the one patient's event, at least 1; nobody is censored, no ties.

    The likelihood is exact: b - sum of log(n_j + exp(b)) over the events up to and with the patient's own,
    n_j the others at risk (Cox, J. R. Statist. Soc. B 34 (1972) 187).
    """
    n = at_risk - np.arange(others + 1, dtype=float)

    def log_likelihood(b: float) -> float:
        return float(b - np.logaddexp(np.log(n), b).sum())

    def expected(b: float) -> float:
        return float((1 / (1 + n * math.exp(-b))).sum()) - 1

    b = float(optimize.brentq(expected, -20, 20, xtol=1e-12))
    share = 1 / (1 + n * math.exp(-b))
    se = 1 / math.sqrt(float((share * (1 - share)).sum()))
    peak = log_likelihood(b)

    def excess(x: float) -> float:
        return 2 * (log_likelihood(x) - peak) + DROP

    return b, se, float(optimize.brentq(excess, b - 20, b)), float(optimize.brentq(excess, b, b + 20))


def lobular() -> Row:
    """The univariate ILC line is what one patient with an event gives."""
    line = line_of("pathology: ILC")
    result = fitted(line)
    assert result.compared
    single = result.compared.low < 1.05 and result.compared.high > 0.95
    at_risk = study.WITH_CTCS - 1
    target = math.log(line.hr.value)
    others = min(range(1, at_risk), key=lambda k: abs(one_patient(at_risk, k)[0] - target))
    b, se, low, high = one_patient(at_risk, others)
    p = wald_p(b, se)
    near = abs(b - target) < 0.1 and abs(p - line.p.value) < 0.02
    return Row(
        "Findings",
        "ILC against IDC rests on one patient",
        line.text,
        f"{result.compared.value:.2f} events with ILC; one patient whose event follows {others} others gives "
        f"{math.exp(b):.2f} ({math.exp(low):.3f}–{math.exp(high):.2f}), P {p:.3f}",
        "events from limits; exact partial likelihood of a group of one",
        bound_if(single and near),
        BOUND,
        "Its limits are ninety-fold apart, and it says nothing about lobular carcinoma.",
        {"events": result.compared.value, "events_before": others, "p": p, "se": se},
    )


def total_events() -> Row:
    """Events in the 58 and in the 101, which the study does not print."""
    weak = ("ER and/or PR", "CTC number", "number of metastases", "metastatic sites", "systemic therapy line")
    sums = []
    for item in (*weak, "treatment option"):
        result = fitted(line_of(item))
        assert result.compared and result.reference
        sums.append(result.compared.value + result.reference.value)
    whole = fitted(study.CTC_COUNT[1])
    assert whole.compared and whole.reference
    of_58 = statistics.median(sums)
    of_101 = whole.compared.value + whole.reference.value
    return Row(
        "Findings",
        "number of events",
        "not printed",
        f"about {of_58:.0f} of {study.WITH_CTCS} and {of_101:.0f} of {study.ENROLLED}",
        f"events from limits: median of {len(sums)} univariate lines ({min(sums):.1f} to "
        f"{max(sums):.1f}); line of all 101",
        bound_if(max(sums) <= study.WITH_CTCS and of_101 <= study.ENROLLED),
        BOUND,
        f"The multivariate model has 10 terms, so {of_58 / 10:.1f} events for each: overfitted.",
        {"with_ctcs": of_58, "enrolled": of_101, "lines": sums},
    )


def limits_kind() -> Row:
    """Which limits Table 2 prints."""
    two_groups = [(line, fitted(line)) for line in (*study.TABLE_2, *study.CTC_COUNT) if line.labels]
    asymmetric = [line for line, result in two_groups if not result.fits_wald_limits()]
    univariate = [(line, result) for line, result in two_groups if line.model == "univariate"]
    as_profile = [
        line
        for line, result in univariate
        if result.profile and line.p.overlaps(result.profile.low, result.profile.high)
    ]
    as_wald = [line for line, result in univariate if line.p.overlaps(result.wald.low, result.wald.high)]
    return Row(
        "Findings",
        "kind of limits and P",
        "Cox regression, SAS 9.2",
        f"{len(asymmetric)} of {len(two_groups)} lines have limits asymmetric beyond rounding; of "
        f"{len(univariate)} univariate P "
        f"values {len(as_profile)} follow from profile limits, {len(as_wald)} from Wald limits",
        "asymmetry on the log scale; Wald's P with the SE of either kind of limits",
        match_if(
            len(asymmetric) > len(two_groups) / 2 and len(as_profile) > len(univariate) / 2 > len(as_wald)
        ),
        MATCH,
        "Limits by profile likelihood, P by Wald: PROC PHREG with RISKLIMITS=PL. Methods does not say so.",
        {"asymmetric": len(asymmetric), "profile": len(as_profile), "wald": len(as_wald)},
    )


def time_origin() -> Row:
    """PFS has two origins in the text."""
    days = 7
    months = days / (365.25 / 12)
    return Row(
        "Findings",
        "origin of PFS",
        "Methods: start of therapy; figures 2 and 3: baseline blood draw",
        f"at most {months:.2f} months apart",
        f"blood was drawn within {days} days before the start of therapy",
        discrepancy_if(months < 0.5),
        DISCREPANCY,
        "Two definitions of one endpoint; the difference is too small to explain anything else.",
        {"months": months},
    )


def findings() -> list[Row]:
    """Return all findings."""
    return [
        swapped_cut_offs(),
        treatment_direction(),
        lobular(),
        total_events(),
        limits_kind(),
        named_tests(),
        time_origin(),
    ]
