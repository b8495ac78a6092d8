"""P values of the study's cross-tables, by the test the study names and by the one it used."""

from __future__ import annotations

from scipy import stats

from host.stats.paper import study
from host.stats.paper.rounding import Printed
from host.stats.paper.row import DISCREPANCY, Row, discrepancy_if, match_if

FISHER = "Fisher's exact test"
PEARSON = "Pearson's chi-square without correction"


def both_tests(cells: list[list[int]]) -> tuple[float, float, float]:
    """Return the two-sided P of Fisher and of Pearson, and the smallest expected count (2 x 2)."""
    fisher = float(stats.fisher_exact(cells).pvalue)
    pearson = stats.chi2_contingency(cells, correction=False)
    return fisher, float(pearson.pvalue), float(pearson.expected_freq.min())


def _row(
    section: str,
    item: str,
    cells: list[list[int]],
    printed: Printed,
    *,
    named: str,
    used: str | None = None,
    source: str = "",
) -> Row:
    """Return the row of one P value.

    Args:
        cells: the 2 x 2 table.
        named: the test Methods names.
        used: the test the printed P comes from; by default Fisher's where an expected count is below 5, else
            Pearson's, as SAS advises.
        source: where the counts come from, if not printed.
    """
    fisher, pearson, expected = both_tests(cells)
    test = used or (FISHER if expected < 5 else PEARSON)
    other = PEARSON if test == FISHER else FISHER
    value, beside = (fisher, pearson) if test == FISHER else (pearson, fisher)
    table = " against ".join(f"{a}/{a + b}" for a, b in cells)
    remark = f"{other} gives {beside:.4g}; smallest expected count {expected:.1f}."
    if test != named:
        remark = f"Methods names {'Fisher' if named == FISHER else 'chi-square'}. {remark}"
    return Row(
        section,
        item,
        printed.text,
        value,
        f"{test}, {table}{source}",
        match_if(printed.agrees(value)),
        remark=remark,
        details={
            "fisher": fisher,
            "pearson": pearson,
            "smallest_expected": expected,
            "named": named,
            "used": test,
            "other_agrees": printed.agrees(beside),
        },
    )


def table_1() -> list[Row]:
    """P of the six categorical characteristics."""
    return [_row("Table 1", f"{item.name}: P", item.cells, item.p, named=FISHER) for item in study.TABLE_1]


def tables_with(printed: Printed, discordant: int, patients: int) -> list[tuple[int, int]]:
    """Return the groups (discordant, patients) whose rate prints as ``printed`` %, within what there are.

    The other patients and their discordant ones must be possible too.
    """
    found = []
    for n in range(1, patients):
        for k in range(max(0, discordant - (patients - n)), min(n, discordant) + 1):
            if printed.agrees(100 * k / n):
                found.append((k, n))
    return found


def interval_table() -> list[list[int]]:
    """Return the table of the one-year interval, [[discordant, concordant] above, below]: not printed.

    It is the only one with the study's margins that gives both printed rates; ValueError if there is not
    just one.
    """
    fits = [
        (k, n)
        for k, n in tables_with(study.INTERVAL_ABOVE, study.NEGATIVE, study.WITH_CTCS)
        if study.INTERVAL_BELOW.agrees(100 * (study.NEGATIVE - k) / (study.WITH_CTCS - n))
    ]
    if len(fits) != 1:
        raise ValueError(f"The two rates leave {len(fits)} tables.")
    k, n = fits[0]
    below, rest = study.NEGATIVE - k, study.WITH_CTCS - n
    return [[k, n - k], [below, rest - below]]


def interval() -> list[Row]:
    """The two rates of the one-year interval, each from the other, and the P of the table they give."""
    margins = f"{study.NEGATIVE} of {study.WITH_CTCS} discordant"
    cells = interval_table()
    rows = []
    for item, printed, other, (hit, miss), kind in (
        ("> 1 year", study.INTERVAL_ABOVE, study.INTERVAL_BELOW, cells[0], "below"),
        ("< 1 year", study.INTERVAL_BELOW, study.INTERVAL_ABOVE, cells[1], "above"),
    ):
        # From the other rate and the margins alone: what this rate can be.
        allowed = [
            (study.NEGATIVE - k, study.WITH_CTCS - n)
            for k, n in tables_with(other, study.NEGATIVE, study.WITH_CTCS)
        ]
        text = ", ".join(f"{k}/{n} = {100 * k / n:.1f} %" for k, n in allowed)
        value = 100 * hit / (hit + miss)
        rows.append(
            Row(
                "Results",
                f"discordant, interval {item}, %",
                printed.text,
                value,
                f"{hit}/{hit + miss}, the whole numbers that fit {margins} and both rates",
                match_if((hit, hit + miss) in allowed and printed.agrees(value)),
                remark=f"Counts not printed; the rate {kind} one year and the margins alone allow {text}.",
                details={"allowed": allowed},
            )
        )
    rows.append(
        _row(
            "Results",
            "discordance by interval, cut at 1 year: P",
            cells,
            study.INTERVAL_P,
            named=PEARSON,
            used=FISHER,
            source=" (counts recovered from the rates)",
        )
    )
    return rows


def named_tests() -> Row:
    """Which of the seven P values come from the test that Methods names."""
    rows = [*table_1(), interval()[-1]]
    strayed = [
        row.item.removesuffix(": P") for row in rows if row.details["named"] not in row.details["used"]
    ]
    return Row(
        "Findings",
        "tests named in Methods",
        "Fisher for the characteristics, chi-square for the interval",
        f"{len(strayed)} of {len(rows)} P values come from the other test",
        "both tests for every table, compared with the printed P",
        discrepancy_if(len(strayed) > 0 and not any(row.details["other_agrees"] for row in rows)),
        DISCREPANCY,
        f"The other test: {', '.join(strayed)}. The characteristics follow SAS's advice (Fisher when "
        "an expected count "
        "is below 5).",
        {"strayed": strayed},
    )
