"""Characteristics of the patients by group: counts or median and range, and a test that is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.stats import contingency, location
from host.stats.data import Cohort, left_out
from host.stats.design import Covariate, no_status_among_others
from host.stats.errors import CohortError
from host.stats.partial import Floats


def table1(
    cohort: Cohort,
    group: str,
    characteristics: Sequence[Covariate],
    *,
    categorical: Sequence[str] = (),
    test: contingency.Choice = "auto",
    continuous: location.Choice = "wilcoxon",
) -> dict[str, Any]:
    """Compare the groups.

    Args:
        cohort: the patients.
        group: column of groups; patients without a group are left out and counted.
        characteristics: columns; a column of numbers with more than two values is continuous, unless named
            in ``categorical``; ``name:level`` is that level against all others.
        categorical: columns of numbers that are codes.
        test: for categories.
        continuous: test for continuous ones.

    Returns:
        The JSON of ``host cohort table1``: one row per level, or one per continuous characteristic.
        ``counts`` are by group; ``missing`` are patients with a group and without a value; test and P are
        the characteristic's, on each of its rows.

    Raises:
        CohortError: no characteristic, unknown columns, the group as its own characteristic, or one group
            only.
    """
    if not characteristics:
        raise CohortError("Name at least one characteristic with --characteristic.")
    if group in {characteristic.name for characteristic in characteristics}:
        raise CohortError(f'"{group}" is the group and no characteristic of it: leave it out.')
    labels = cohort.texts(group)
    groups = cohort.levels(group)
    if len(groups) < 2:
        raise CohortError(
            f'Column "{group}" has one group only ("{groups[0]}"): there is nothing to compare.'
        )
    for name in categorical:
        if name not in {characteristic.name for characteristic in characteristics}:
            raise CohortError(f'"{name}" is to be a category and is no characteristic of the table.')
    members = [labels == value for value in groups]
    rows: list[dict[str, Any]] = []
    notes = list(cohort.notes)
    notes += filter(None, (no_status_among_others(cohort, part) for part in characteristics))
    for characteristic in characteristics:
        if (
            characteristic.level is None
            and characteristic.name not in categorical
            and cohort.kind(characteristic.name) == "continuous"
            and not cohort.is_code(characteristic.name)
        ):
            rows.append(_continuous_row(cohort, characteristic.name, groups, members, continuous))
            if np.isnan(rows[-1]["p"]):
                notes.append(f"{characteristic.name}: too few different values in a group for a test.")
            continue
        found = _level_rows(cohort, characteristic, groups, members, test)
        smallest = found[0]["smallest_expected"]
        if np.isnan(found[0]["p"]):
            notes.append(f"{characteristic.name}: one level or one group only has patients, so no test.")
        if found[0]["test"] == "chi2" and smallest is not None and smallest < contingency.SMALL:
            notes.append(
                f"{characteristic.name}: an expected count is {smallest:.1f}; Fisher's test suits better."
            )
        rows += found
    ungrouped = int(sum(value is None for value in labels))
    if ungrouped:
        notes.append(left_out(f'no value in "{group}"', ungrouped, len(cohort)))
    return {
        "group": group,
        "patients": len(cohort),
        "groups": [
            {
                "group": value,
                "n": int(member.sum()),
                "percent": 100 * float(member.sum()) / (len(cohort) - ungrouped),
            }
            for value, member in zip(groups, members, strict=True)
        ],
        "rows": rows,
        "notes": notes,
    }


def _describe(values: Floats) -> dict[str, Any]:
    if values.size == 0:
        return dict.fromkeys(("median", "q1", "q3", "min", "max", "mean", "sd"), float("nan"))
    q1, median, q3 = (float(v) for v in np.percentile(values, (25, 50, 75)))
    spread = float(values.std(ddof=1)) if values.size > 1 else float("nan")
    return {
        "median": median,
        "q1": q1,
        "q3": q3,
        "min": float(values.min()),
        "max": float(values.max()),
        "mean": float(values.mean()),
        "sd": spread,
    }


def _continuous_row(
    cohort: Cohort,
    name: str,
    groups: Sequence[str],
    members: Sequence[NDArray[np.bool_]],
    choice: location.Choice,
) -> dict[str, Any]:
    values = cohort.numbers(name)
    known = ~np.isnan(values)
    samples = [values[member & known] for member in members]
    everyone = np.concatenate(samples)
    test = location.compare(samples, choice)
    return {
        "characteristic": name,
        "level": None,
        "counts": {value: int(sample.size) for value, sample in zip(groups, samples, strict=True)},
        "total": int(everyone.size),
        **_describe(everyone),
        "by_group": {value: _describe(sample) for value, sample in zip(groups, samples, strict=True)},
        "missing": int(sum(member.sum() for member in members)) - int(everyone.size),
        "test": test.name,
        "p": test.p,
        "smallest_expected": None,
    }


def _level_rows(
    cohort: Cohort,
    characteristic: Covariate,
    groups: Sequence[str],
    members: Sequence[NDArray[np.bool_]],
    choice: contingency.Choice,
) -> list[dict[str, Any]]:
    texts = cohort.texts(characteristic.name)
    levels = cohort.levels(characteristic.name)
    if characteristic.level is not None:
        if characteristic.level not in levels:
            raise CohortError(f'Column "{characteristic.name}" has no level "{characteristic.level}".')
        other = f"not {characteristic.level}"
        texts = np.array(
            [None if v is None else v if v == characteristic.level else other for v in texts], dtype=object
        )
        levels = [characteristic.level, other]
    counts = np.array([[int((member & (texts == level)).sum()) for member in members] for level in levels])
    test = contingency.choose_test(counts, choice)
    grouped = int(sum(member.sum() for member in members))
    smallest = None if np.isnan(test.smallest_expected) else test.smallest_expected
    rows = []
    for level, row in zip(levels, counts, strict=True):
        rows.append(
            {
                "characteristic": characteristic.name,
                "level": level,
                "counts": {value: int(count) for value, count in zip(groups, row, strict=True)},
                "total": int(row.sum()),
                **dict.fromkeys(("median", "q1", "q3", "min", "max", "mean", "sd")),
                "by_group": None,
                "missing": grouped - int(counts.sum()),
                "test": test.name,
                "p": test.p,
                "smallest_expected": smallest,
            }
        )
    return rows
