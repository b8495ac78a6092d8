"""The lines of Table 2 and the two CTC-count hazard ratios: does a line hold together, and whose is it?"""

from __future__ import annotations

from functools import cache

from host.stats.paper import study
from host.stats.paper.hazard import Fit, fit
from host.stats.paper.row import (
    BOUND,
    DISCREPANCY,
    MATCH,
    MISMATCH,
    Row,
    bound_if,
    discrepancy_if,
)
from host.stats.paper.study import Hazard

# Adjustment (and, for ER/PR, a share at risk that changes) moves the likelihood away from the binomial one
# of `hazard`, which then no longer gives P to the last digit; Wald limits would give too large a P. The
# printed P lies between.
BETWEEN = {
    ("ER and/or PR", "univariate"),
    ("ER and/or PR", "multivariate"),
    ("pathology: ILC", "multivariate"),
    ("pathology: other", "multivariate"),
    ("CTC HER2", "multivariate"),
    ("number of metastases", "multivariate"),
    ("systemic therapy line", "multivariate"),
}

LINES = (*study.TABLE_2, *study.CTC_COUNT)
fitted = cache(fit)


def name(line: Hazard) -> str:
    """Name of a line as the table of rows has it: covariate, groups and model."""
    labels = "" if line.labels is None else f", {line.labels[0]} vs {line.labels[1]}"
    return f"{line.item}{labels}, {line.model}"


def line_of(item: str, model: str = "univariate") -> Hazard:
    """Return the printed line of a covariate."""
    return next(line for line in LINES if (line.item, line.model) == (item, model))


def _section(line: Hazard) -> str:
    return "Results" if line in study.CTC_COUNT else "Table 2"


def _outcome(line: Hazard, result: Fit) -> str:
    if line.p.overlaps(result.wald.low, result.wald.high):
        return MATCH
    if result.profile is None:
        return MISMATCH
    if line.p.overlaps(result.profile.low, result.profile.high):
        return MATCH
    low, high = sorted((result.profile.value, result.wald.value))
    return bound_if(line.p.overlaps(low, high))


def coherence() -> list[Row]:
    """One row per line: P from the hazard ratio and its limits."""
    rows = []
    for line in LINES:
        result = fitted(line)
        if result.profile is None:
            value, how = result.wald.value, "Wald, limits symmetric on the log scale"
            verdict = (
                "Limits symmetric as far as rounding shows: profile and Wald limits cannot be told apart"
            )
        else:
            value, how = result.profile.value, "profile limits of a two-group likelihood"
            verdict = (
                "Fits Wald limits as well"
                if result.fits_wald_limits()
                else "Not Wald limits: asymmetric on the log scale beyond rounding"
            )
            verdict += f"; as Wald limits P would be {result.wald.value:.4g}"
        rows.append(
            Row(
                _section(line),
                f"{name(line)}: HR, limits and P fit together",
                line.text,
                value,
                f"P from HR and limits; {how}",
                _outcome(line, result),
                BOUND if (line.item, line.model) in BETWEEN else MATCH,
                f"{verdict}.",
                result.to_json(),
            )
        )
    return rows


def _too_many(line: Hazard) -> bool:
    """True if the limits need more events in a group than it has patients, whatever the rounding."""
    result = fitted(line)
    if result.compared is None or result.reference is None:
        return False
    return any(
        size is not None and events.low > size
        for events, size in ((result.compared, line.compared), (result.reference, line.reference))
    )


def groups() -> list[Row]:
    """One row per line whose groups the study counts: can the limits come from groups of that size?"""
    rows = []
    for line in LINES:
        result = fitted(line)
        if (
            line.compared is None
            or line.reference is None
            or result.compared is None
            or result.reference is None
        ):
            continue
        assert line.labels is not None
        first, second = line.labels
        misprint = {
            ("treatment option", "univariate"): "The row is T against L: see the findings.",
            ("CTC number, cut-off 1", "univariate"): "The row is that of cut-off 5: see the findings.",
        }.get((line.item, line.model))
        contradicted = _too_many(line)
        rows.append(
            Row(
                _section(line),
                f"{name(line)}: events the limits need in each group",
                f"{line.compared} and {line.reference} patients",
                f"{result.compared.value:.1f} ({first}) and {result.reference.value:.1f} ({second})",
                "the two distances from HR to its limits, two-group likelihood",
                discrepancy_if(contradicted) if misprint else bound_if(not contradicted),
                DISCREPANCY if misprint else BOUND,
                misprint or "",
                {
                    "events": [result.compared.to_json(), result.reference.to_json()],
                    "patients": [line.compared, line.reference],
                },
            )
        )
    return rows
