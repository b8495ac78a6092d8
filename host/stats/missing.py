"""What is missing: per column, and how many patients have everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from host.stats.data import Cohort
from host.stats.errors import CohortError


def missingness(cohort: Cohort, columns: Sequence[str] = (), group: str | None = None) -> dict[str, Any]:
    """Count missing values.

    Args:
        columns: which; all by default.
        group: column by whose values the counts are split as well.

    Returns:
        ``rows`` (column, missing, percent, by_group), ``complete`` patients, and ``patterns``: which columns
        are missing together, in how many patients, the most frequent first.

    Raises:
        CohortError: an unknown column, or one named twice.
    """
    names = list(columns) or [name for name in cohort.frame.columns if name != group]
    if len(set(names)) < len(names):
        raise CohortError("A column is named twice: leave one out.")
    lacking = {name: cohort.column(name).isna().to_numpy() for name in names}
    n = len(cohort)
    labels = cohort.texts(group) if group else None
    levels = cohort.levels(group) if group else []
    rows = []
    for name, mask in lacking.items():
        by_group = None
        if labels is not None:
            by_group = {level: int((mask & (labels == level)).sum()) for level in levels}
        rows.append(
            {
                "column": name,
                "missing": int(mask.sum()),
                "percent": 100 * float(mask.mean()),
                "by_group": by_group,
            }
        )
    patterns: dict[tuple[str, ...], int] = {}
    for i in range(n):
        pattern = tuple(name for name, mask in lacking.items() if mask[i])
        patterns[pattern] = patterns.get(pattern, 0) + 1
    return {
        "patients": n,
        "group": group,
        "rows": rows,
        "complete": patterns.get((), 0),
        "patterns": [
            {"missing": list(pattern), "patients": count}
            for pattern, count in sorted(patterns.items(), key=lambda item: (-item[1], item[0]))
            if pattern
        ],
        "notes": list(cohort.notes),
    }
