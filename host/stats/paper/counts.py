"""Totals, percentages and ages of the study, from its counts."""

from __future__ import annotations

from host.stats.paper import study
from host.stats.paper.row import (
    BOUND,
    DISCREPANCY,
    NOT_RECOMPUTABLE,
    Row,
    bound_if,
    discrepancy_if,
    match_if,
)


def _percent(numerator: int, denominator: int) -> float:
    return 100 * numerator / denominator


def totals() -> list[Row]:
    """Totals of every line of Table 1, and its columns summed over every characteristic."""
    rows = []
    for characteristic in study.TABLE_1:
        for level in characteristic.levels:
            total = level.positive + level.negative
            rows.append(
                Row(
                    "Table 1",
                    f"{characteristic.name}, {level.name}: total",
                    level.total,
                    total,
                    f"sum of the line, {level.positive} + {level.negative}",
                    match_if(level.total == str(total)),
                )
            )
    for status, printed, column in (("positive", study.POSITIVE, 0), ("negative", study.NEGATIVE, 1)):
        sums = {item.name: sum(line[column] for line in item.cells) for item in study.TABLE_1}
        value: int | str = next(iter(sums.values())) if len(set(sums.values())) == 1 else str(sums)
        rows.append(
            Row(
                "Table 1",
                f"patients CTC HER2-{status}",
                str(printed),
                value,
                f"column summed within each of the {len(sums)} characteristics",
                match_if(value == printed),
                details={"sums": sums},
            )
        )
    cells = study.TABLE_1[0].cells
    total = sum(map(sum, cells))
    rows.append(
        Row(
            "Table 1",
            "patients with CTCs",
            study.OVERALL.total,
            total,
            "sum of the four cells of ER and/or PR",
            match_if(total == study.WITH_CTCS),
        )
    )
    return rows


def percentages() -> list[Row]:
    """The percentages of Table 1 (of the line's total)."""
    rows = []
    lines = [("overall", study.OVERALL)]
    lines += [(f"{item.name}, {level.name}", level) for item in study.TABLE_1 for level in item.levels]
    for name, level in lines:
        total = level.positive + level.negative
        for status, count, printed in (
            ("positive", level.positive, level.percent_positive),
            ("negative", level.negative, level.percent_negative),
        ):
            value = _percent(count, total)
            rows.append(
                Row(
                    "Table 1",
                    f"{name}: CTC HER2-{status}, %",
                    printed.text,
                    value,
                    f"{count}/{total}",
                    match_if(printed.agrees(value)),
                )
            )
    return rows


def rates() -> list[Row]:
    """The rates of the abstract, the results and the discussion."""
    rows = []
    for rate in (*study.RATES, *study.LITERATURE):
        value = _percent(rate.numerator, rate.denominator)
        section = "Discussion" if rate in study.LITERATURE else "Results"
        method = f"{rate.numerator}/{rate.denominator}"
        if rate.numerator == 14:
            row = Row(
                section,
                f"{rate.item}, %",
                rate.printed.text,
                value,
                method,
                discrepancy_if(not rate.printed.agrees(value) and rate.printed.cut_off(value)),
                DISCREPANCY,
                "51.85 rounds to 51.9: the further decimals were cut off.",
            )
        else:
            row = Row(
                section,
                f"{rate.item}, %",
                rate.printed.text,
                value,
                method,
                match_if(rate.printed.agrees(value)),
            )
        rows.append(row)
    return rows


def ctc_numbers() -> list[Row]:
    """The mean number of CTCs, against what range and number of patients with 1 to 10 allow."""
    many = study.WITH_CTCS - study.FEW_CTCS
    least = study.FEW_CTCS * study.CTC_MIN + (many - 1) * 11 + study.CTC_MAX
    most = study.CTC_MIN + (study.FEW_CTCS - 1) * 10 + many * study.CTC_MAX
    low, high = least / study.WITH_CTCS, most / study.WITH_CTCS
    return [
        Row(
            "Results",
            "mean number of CTCs",
            study.CTC_MEAN.text,
            f"between {low:.1f} and {high:.1f}",
            f"{study.FEW_CTCS} patients with {study.CTC_MIN} to 10 and {many} with 11 to "
            f"{study.CTC_MAX}, both ends taken",
            bound_if(study.CTC_MEAN.overlaps(low, high)),
            BOUND,
            "The counts are in an additional file. More than half of the patients have at most 10, so "
            "the mean "
            "describes few of them.",
            {"low": low, "high": high},
        )
    ]


def ages() -> list[Row]:
    """Range and median of the 58 from those of their two parts."""
    parts = (study.AGE_POSITIVE, study.AGE_NEGATIVE)
    whole = study.AGE_TOTAL
    youngest = min(part.youngest for part in parts)
    oldest = max(part.oldest for part in parts)
    low, high = sorted(part.median for part in parts)
    return [
        Row(
            "Table 1",
            "age: youngest of the 58, years",
            str(whole.youngest),
            youngest,
            "smaller of the two groups' minima",
            match_if(youngest == whole.youngest),
        ),
        Row(
            "Table 1",
            "age: oldest of the 58, years",
            str(whole.oldest),
            oldest,
            "larger of the two groups' maxima",
            match_if(oldest == whole.oldest),
        ),
        Row(
            "Table 1",
            "age: median of the 58, years",
            str(whole.median),
            f"between {low} and {high}",
            "a median of two groups together lies between their medians",
            bound_if(low <= whole.median <= high),
            BOUND,
            details={"low": low, "high": high},
        ),
        Row(
            "Results",
            "age: range of the 101, years",
            f"{study.AGE_ENROLLED.youngest} to {study.AGE_ENROLLED.oldest}",
            f"at least {whole.youngest} to {whole.oldest}",
            "the 58 are among the 101",
            bound_if(
                study.AGE_ENROLLED.youngest <= whole.youngest and whole.oldest <= study.AGE_ENROLLED.oldest
            ),
            BOUND,
        ),
        Row(
            "Table 1",
            "age: P",
            study.AGE_P.text,
            None,
            "needs each patient's age",
            NOT_RECOMPUTABLE,
            NOT_RECOMPUTABLE,
            "The test is not named for a continuous characteristic.",
        ),
    ]
