"""All rows, by section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from host.stats.paper import categorical, claims, counts, findings, models, survival
from host.stats.paper.row import CLASSES, MISMATCH, Row

SECTIONS = ("Results", "Table 1", "Table 2", "Discussion", "Other", "Findings")


def check() -> list[Row]:
    """Recompute the study; one row per number."""
    rows = [
        *counts.rates(),
        *counts.ctc_numbers(),
        *counts.totals(),
        *counts.percentages(),
        *counts.ages(),
        *categorical.table_1(),
        *categorical.interval(),
        *models.coherence(),
        *models.groups(),
        *claims.said_again(),
        *claims.significance(),
        *survival.shapes(),
        *survival.medians(),
        *survival.log_rank(),
        *survival.subgroups(),
        *survival.unchecked(),
        *findings.findings(),
    ]
    return sorted(rows, key=lambda row: SECTIONS.index(row.section))


def summary(rows: Iterable[Row]) -> dict[str, int]:
    """Number of rows per class; ``mismatch`` counts those that are not what they were declared to be."""
    rows = list(rows)
    tally = Counter(row.outcome for row in rows)
    return {name: tally[name] for name in CLASSES} | {MISMATCH: sum(not row.as_declared for row in rows)}
