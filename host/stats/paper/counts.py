"""Totals, percentages and ages of the study, from its counts."""

from __future__ import annotations

import math

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
    wholes = {item.name: sum(map(sum, item.cells)) for item in study.TABLE_1}
    whole = wholes[study.TABLE_1[0].name]
    rows.append(
        Row(
            "Table 1",
            "patients with CTCs",
            study.OVERALL.total,
            whole if len(set(wholes.values())) == 1 else str(wholes),
            f"the four cells summed within each of the {len(wholes)} characteristics",
            match_if(set(wholes.values()) == {study.WITH_CTCS}),
            details={"sums": wholes},
        )
    )
    without = study.ENROLLED - study.WITH_CTCS
    rows.append(
        Row(
            "Results",
            "patients without CTCs",
            str(study.WITHOUT_CTCS),
            without,
            f"{study.ENROLLED} - {study.WITH_CTCS}",
            match_if(without == study.WITHOUT_CTCS),
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
    """The mean and the largest number of CTCs, each against what the other and the 1 to 10 allow."""
    few, many = study.FEW_CTCS, study.WITH_CTCS - study.FEW_CTCS
    least = few * study.CTC_MIN + (many - 1) * 11 + study.CTC_MAX
    most = study.CTC_MIN + (few - 1) * 10 + many * study.CTC_MAX
    low, high = least / study.WITH_CTCS, most / study.WITH_CTCS
    sums = study.CTC_MEAN.low * study.WITH_CTCS, study.CTC_MEAN.high * study.WITH_CTCS
    smallest_top = math.ceil((sums[0] - 10 * few) / many)
    largest_top = math.floor(sums[1] - few * study.CTC_MIN - (many - 1) * 11)
    shares = f"{few} patients with {study.CTC_MIN} to 10 and {many} with 11 or more"
    return [
        Row(
            "Results",
            "mean number of CTCs",
            study.CTC_MEAN.text,
            f"between {low:.1f} and {high:.1f}",
            f"{shares}, at most {study.CTC_MAX}; both ends taken",
            bound_if(study.CTC_MEAN.overlaps(low, high)),
            BOUND,
            "The counts are in an additional file. More than half of the patients have at most 10, so the "
            "mean describes few of them.",
            {"low": low, "high": high},
        ),
        Row(
            "Results",
            "largest number of CTCs",
            str(study.CTC_MAX),
            f"between {smallest_top} and {largest_top}",
            f"{shares}, and a mean that prints as {study.CTC_MEAN.text}",
            bound_if(smallest_top <= study.CTC_MAX <= largest_top),
            BOUND,
            f"At this mean the patient with {study.CTC_MAX} has about a quarter of all CTCs.",
            {"low": smallest_top, "high": largest_top},
        ),
    ]


def _age_lines() -> list[Row]:
    """Median and range of each group: a median of whole years is whole or half, and lies in the range."""
    rows = []
    whole = study.AGE_TOTAL
    for line in (study.AGE_POSITIVE, study.AGE_NEGATIVE, study.AGE_ENROLLED):
        outer = study.AGE_ENROLLED if line is study.AGE_ENROLLED else whole
        steps = 1 if line.patients % 2 else 2
        possible = (line.median * steps).is_integer() and line.youngest <= line.median <= line.oldest
        section = "Results" if line is study.AGE_ENROLLED else "Table 1"
        rows.append(
            Row(
                section,
                f"age: median, {line.group}, years",
                f"{line.median:g}" if outer is line else f"{line.median}",
                f"a {'whole' if steps == 1 else 'whole or half'} year from {line.youngest} to {line.oldest}",
                f"ages are whole years, of {line.patients} patients; the range",
                bound_if(possible),
                BOUND,
            )
        )
        if line is not study.AGE_ENROLLED:
            rows.append(
                Row(
                    section,
                    f"age: range, {line.group}, years",
                    f"{line.youngest} to {line.oldest}",
                    f"from {outer.youngest} to {outer.oldest}",
                    f"part of the {outer.patients}",
                    bound_if(outer.youngest <= line.youngest and line.oldest <= outer.oldest),
                    BOUND,
                )
            )
    return rows


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
        *_age_lines(),
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
