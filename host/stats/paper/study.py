"""What the study prints, and nothing computed from it.

The study: CTC HER2 status and the outcome of anti-HER2 therapy in 101 patients with histologically
HER2-positive metastatic breast cancer, 58 of them with CTCs. Whole numbers are raw counts; every number
that could have been computed from them is kept as the text that was printed, to be checked and never to be
used as a result.
"""

from __future__ import annotations

from dataclasses import dataclass

from host.stats.paper.rounding import Printed

ENROLLED = 101
WITH_CTCS = 58
WITHOUT_CTCS = 43
POSITIVE = 22
NEGATIVE = 36
FEW_CTCS = 36
"""Patients with 1 to 10 CTCs."""

FOLLOW_UP = 24.0
"""Months patients were followed."""

CTC_MIN, CTC_MAX = 1, 323
CTC_MEAN = Printed("23")


@dataclass(frozen=True)
class Level:
    """A line of Table 1: patients per CTC HER2 status, and the printed total and percentages."""

    name: str
    positive: int
    negative: int
    total: str
    percent_positive: Printed
    percent_negative: Printed


@dataclass(frozen=True)
class Characteristic:
    """A categorical characteristic of Table 1 with its printed P."""

    name: str
    levels: tuple[Level, Level]
    p: Printed

    @property
    def cells(self) -> list[list[int]]:
        """Counts, levels by (positive, negative)."""
        return [[level.positive, level.negative] for level in self.levels]


def _level(name: str, total: str, positive: int, percent: str, negative: int, other: str) -> Level:
    return Level(name, positive, negative, total, Printed(percent), Printed(other))


OVERALL = _level("overall", "58", POSITIVE, "37.9", NEGATIVE, "62.1")

TABLE_1 = (
    Characteristic(
        "ER and/or PR",
        (_level("positive", "33", 8, "24.2", 25, "75.8"), _level("negative", "25", 14, "56.0", 11, "44.0")),
        Printed("0.014"),
    ),
    Characteristic(
        "number of metastases",
        (_level("1", "8", 5, "62.5", 3, "37.5"), _level("≥ 2", "50", 17, "34.0", 33, "66.0")),
        Printed("0.238"),
    ),
    Characteristic(
        "metastatic sites",
        (
            _level("visceral", "44", 16, "36.4", 28, "63.6"),
            _level("non-visceral", "14", 6, "42.9", 8, "57.1"),
        ),
        Printed("0.663"),
    ),
    Characteristic(
        "DFS",
        (_level("≤ 12", "24", 12, "50.0", 12, "50.0"), _level("> 12", "34", 10, "29.4", 24, "70.6")),
        Printed("0.111"),
    ),
    Characteristic(
        "systemic therapy line",
        (_level("1", "7", 5, "71.4", 2, "28.6"), _level("≥ 2", "51", 17, "33.3", 34, "66.7")),
        Printed("0.092"),
    ),
    Characteristic(
        "treatment option",
        (
            _level("trastuzumab + chemotherapy", "43", 19, "44.2", 24, "55.8"),
            _level("lapatinib + chemotherapy", "15", 3, "20.0", 12, "80.0"),
        ),
        Printed("0.096"),
    ),
)


@dataclass(frozen=True)
class AgeLine:
    """Median and range of age in years, as printed."""

    group: str
    patients: int
    median: float
    youngest: int
    oldest: int


AGE_ENROLLED = AgeLine("all enrolled", ENROLLED, 48.0, 25, 68)
AGE_TOTAL = AgeLine("with CTCs", WITH_CTCS, 48.5, 27, 68)
AGE_POSITIVE = AgeLine("CTC HER2-positive", POSITIVE, 49.0, 29, 68)
AGE_NEGATIVE = AgeLine("CTC HER2-negative", NEGATIVE, 46.5, 27, 65)
AGE_P = Printed("0.289")

INTERVAL_ABOVE = Printed("70.7")
INTERVAL_BELOW = Printed("41.2")
INTERVAL_P = Printed("0.043")
"""Discordance with more and with less than one year between the two tests, in %; counts are not printed."""


@dataclass(frozen=True)
class Rate:
    """A rate the study prints with its counts, in %."""

    item: str
    numerator: int
    denominator: int
    printed: Printed


RATES = (
    Rate("patients with CTCs", 58, 101, Printed("57.4")),
    Rate("patients without CTCs", 43, 101, Printed("42.6")),
    Rate("tissue and CTC status discordant", 36, 58, Printed("62.1")),
    Rate("tissue and CTC status agree", 22, 58, Printed("37.9")),
    Rate("discordant, ER- and/or PR-positive", 25, 33, Printed("75.8")),
    Rate("1 to 10 CTCs, of those with CTCs", 36, 58, Printed("62.1")),
)

LITERATURE = (
    Rate("discordant, the authors' previous report [21]", 14, 27, Printed("51.8")),
    Rate("discordant, Pestrin [23]", 5, 12, Printed("41.7")),
    Rate("discordant, Riethdorf [24]", 5, 11, Printed("45.5")),
    Rate("discordant, Ignatiadis [25]", 1, 2, Printed("50")),
)


@dataclass(frozen=True)
class Hazard:
    """A hazard ratio with its limits and P, and how many patients the two groups have.

    Attributes:
        model: ``univariate`` or ``multivariate``.
        compared, reference: patients in the group of the numerator and of the denominator; None if not
        printed.
        labels: names of the two groups, None for a continuous covariate.
    """

    item: str
    model: str
    hr: Printed
    lower: Printed
    upper: Printed
    p: Printed
    labels: tuple[str, str] | None
    compared: int | None = None
    reference: int | None = None

    @property
    def text(self) -> str:
        return f"{self.hr.text} ({self.lower.text}–{self.upper.text}), P {self.p.text}"


def _hazard(
    item: str,
    model: str,
    numbers: str,
    labels: tuple[str, str] | None,
    sizes: tuple[int | None, int | None] = (None, None),
) -> Hazard:
    hr, lower, upper, p = numbers.split()
    # The table drops trailing zeros (0.62, 0.84, 4.39, 0.019): three decimals for ratios, four for P.
    return Hazard(
        item, model, Printed(hr, 3), Printed(lower, 3), Printed(upper, 3), Printed(p, 4), labels, *sizes
    )


def _both(
    item: str,
    univariate: str,
    multivariate: str,
    labels: tuple[str, str] | None,
    sizes: tuple[int | None, int | None] = (None, None),
) -> tuple[Hazard, Hazard]:
    return (
        _hazard(item, "univariate", univariate, labels, sizes),
        _hazard(item, "multivariate", multivariate, labels, sizes),
    )


TABLE_2 = (
    *_both("age", "0.982 0.951 1.014 0.2716", "0.978 0.943 1.015 0.2371", None),
    *_both(
        "ER and/or PR",
        "1.854 1.015 3.454 0.0467",
        "1.977 0.928 4.39 0.0841",
        ("positive", "negative"),
        (33, 25),
    ),
    *_both("pathology: ILC", "3.911 0.215 19.691 0.1891", "3.691 0.169 31.259 0.2832", ("ILC", "IDC")),
    *_both("pathology: other", "0.936 0.28 2.336 0.8995", "1.49 0.395 4.625 0.5148", ("other", "IDC")),
    *_both("CTC number", "1.141 0.631 2.064 0.6606", "1.321 0.686 2.581 0.4068", ("≥ 5", "< 5")),
    *_both(
        "CTC HER2",
        "0.321 0.156 0.62 0.0011",
        "0.383 0.166 0.831 0.019",
        ("positive", "negative"),
        (POSITIVE, NEGATIVE),
    ),
    *_both(
        "number of metastases", "0.968 0.441 2.551 0.9406", "0.746 0.296 2.155 0.5566", ("≥ 2", "1"), (50, 8)
    ),
    *_both(
        "metastatic sites",
        "0.812 0.431 1.637 0.5357",
        "0.591 0.276 1.356 0.1907",
        ("visceral", "non-visceral"),
        (44, 14),
    ),
    *_both(
        "systemic therapy line", "2.309 0.84 9.543 0.1619", "2.041 0.626 9.313 0.2856", ("≥ 2", "1"), (51, 7)
    ),
    *_both("treatment option", "0.859 0.446 1.789 0.6639", "0.911 0.411 1.863 0.8063", ("L", "T"), (15, 43)),
)

CTC_COUNT = (
    _hazard("CTC number, cut-off 1", "univariate", "1.323 0.793 2.137 0.2661", ("≥ 1", "0"), (58, 43)),
    _hazard("CTC number, cut-off 5", "univariate", "1.329 0.849 2.102 0.2168", ("≥ 5", "< 5")),
)
"""All 101 patients."""


@dataclass(frozen=True)
class Survival:
    """A Kaplan-Meier comparison: medians in months, log-rank P, patients per group where printed."""

    item: str
    labels: tuple[str, str]
    medians: tuple[float, float]
    p: Printed
    sizes: tuple[int, int] | None


def _again(where: str, item: str, model: str, numbers: str) -> tuple[str, Hazard, Hazard]:
    line = next(line for line in TABLE_2 if (line.item, line.model) == (item, model))
    return where, line, _hazard(item, model, numbers, line.labels)


SAID_AGAIN = (
    _again("abstract", "CTC HER2", "univariate", "0.321 0.156 0.62 0.0011"),
    _again("abstract", "CTC HER2", "multivariate", "0.383 0.166 0.831 0.019"),
    _again("Results", "CTC HER2", "univariate", "0.321 0.156 0.62 0.0011"),
    _again("Results", "CTC HER2", "multivariate", "0.383 0.166 0.831 0.019"),
    _again("Results", "ER and/or PR", "univariate", "1.854 1.015 3.454 0.0467"),
    _again("Results", "ER and/or PR", "multivariate", "1.977 0.928 4.39 0.0841"),
)
"""Lines of Table 2 that the text prints again: where, the line, and as printed there."""

SIGNIFICANT = 0.05
SIGNIFICANT_TABLE_1 = ("ER and/or PR",)
SIGNIFICANT_UNIVARIATE = ("ER and/or PR", "CTC HER2")
SIGNIFICANT_MULTIVARIATE = ("CTC HER2",)
"""What the text says has P below 0.05, and nothing else."""

KM_COUNT = Survival("CTC = 0 against CTC ≥ 1", ("0", "≥ 1"), (6.0, 5.0), Printed("0.2039"), (43, 58))
KM_HER2 = Survival(
    "CTC HER2-positive against -negative", ("positive", "negative"), (8.5, 3.5), Printed("<0.001"), (22, 36)
)
KM_SUBGROUPS = (
    Survival("hormone receptor-positive", ("positive", "negative"), (5.5, 3.0), Printed("0.036"), (8, 25)),
    Survival("hormone receptor-negative", ("positive", "negative"), (8.8, 5.0), Printed("0.016"), (14, 11)),
    Survival("interval > 1 year", ("positive", "negative"), (6.0, 3.5), Printed("0.005"), None),
)

UNCHECKED = (
    ("response to trastuzumab alone, cited [10]", "26 %"),
    ("response to chemotherapy plus trastuzumab, cited [11]", "50 %"),
    ("response to chemotherapy plus lapatinib, cited [12]", "25 %"),
    ("HER2-positive share of breast cancers, cited [2, 3]", "20 %"),
    ("discordance cut at 2 and at 3 years", "no significant difference"),
    ("PFS by CTC HER2, interval < 1 year", "not significant"),
    ("characteristics by CTC = 0 and CTC ≥ 1", "additional file"),
    ("length of follow-up, months", "24"),
    ("cost of a cycle of trastuzumab", "24,000 RMB or 4000 $"),
    ("patients planned in the DETECT programme, cited [29]", "2000"),
)
"""Printed or stated, with nothing in the text to recompute it from."""
