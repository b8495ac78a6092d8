"""Kaplan-Meier by group: medians, log-rank tests, restricted means."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from host.stats.data import Cohort, left_out
from host.stats.errors import CohortError
from host.stats.followup import FollowUp
from host.stats.km import KaplanMeier, Scale, kaplan_meier
from host.stats.logrank import logrank
from host.stats.rmst import compare, restricted_mean


@dataclass(frozen=True)
class Curves:
    """One curve per group, in the order of the groups' levels."""

    groups: dict[str, KaplanMeier]
    units: str | None
    scale: Scale
    level: float


def km_table(
    cohort: Cohort,
    follow_up: FollowUp,
    group: str | None = None,
    *,
    strata: str | None = None,
    scale: Scale = "log-log",
    level: float = 0.95,
    horizon: float | None = None,
) -> tuple[dict[str, Any], Curves]:
    """Estimate and compare.

    Args:
        group: column of groups; None for all patients together.
        strata: column for the stratified log-rank test.
        scale: of the confidence limits, the medians' included.
        level: their coverage.
        horizon: of the restricted mean; by default the largest time that every group's follow-up reaches.

    Returns:
        The JSON of ``host cohort km`` (infinity where a limit is not reached), and the curves.

    Raises:
        CohortError: one group only, no events, unusable data.
    """
    notes = [*cohort.notes, *follow_up.notes]
    used = follow_up.known.copy()
    if follow_up.missing:
        notes.append(left_out("no follow-up", follow_up.missing, len(cohort)))
    labels = np.full(len(cohort), "all", dtype=object) if group is None else cohort.texts(group)
    unlabelled = used & np.array([value is None for value in labels])
    if unlabelled.any():
        notes.append(left_out(f'no value in "{group}"', int(unlabelled.sum()), int(used.sum())))
        used &= ~unlabelled
    names = (
        ["all"] if group is None else [name for name in cohort.levels(group) if (labels[used] == name).any()]
    )
    if group is not None and len(names) < 2:
        only = f' ("{names[0]}")' if names else ""
        raise CohortError(
            f'Column "{group}" has one group only{only} with follow-up: there is nothing to compare.'
        )
    time, event = follow_up.time[used], follow_up.event[used]
    if not event.any():
        raise CohortError(
            f"None of the {int(used.sum())} patients has an event: there is nothing to estimate."
        )
    members = {name: labels[used] == name for name in names}
    curves = {name: kaplan_meier(time[member], event[member]) for name, member in members.items()}
    upto = min(float(curve.times[-1]) for curve in curves.values()) if horizon is None else horizon
    means = {name: restricted_mean(curve, upto) for name, curve in curves.items()} if upto > 0 else {}
    groups = []
    for name, curve in curves.items():
        lower, upper = curve.median_limits(scale, level)
        entry: dict[str, Any] = {
            "group": name,
            "n": curve.n,
            "events": curve.event_count,
            "median": curve.median(),
            "lower": lower,
            "upper": upper,
            "rmean": None,
        }
        if name in means:
            low, high = means[name].limits(level)
            entry["rmean"] = {"mean": means[name].mean, "se": means[name].se, "lower": low, "upper": high}
        groups.append(entry)
    result: dict[str, Any] = {
        "group": group,
        "units": follow_up.units,
        "scale": scale,
        "level": level,
        "horizon": upto,
        "groups": groups,
        "logrank": None,
        "logrank_stratified": None,
        "rmean_differences": [],
        "notes": notes,
    }
    if group is not None:
        result["logrank"] = _test(logrank(time, event, labels[used]))
        certain = [name for name, mean in means.items() if mean.se == 0]
        if certain:
            notes.append(
                f"No event before {upto:g} in {', '.join(certain)}: the mean there has no interval, and no P "
                "in comparisons."
            )
        result["rmean_differences"] = [
            {"first": a, "second": b, **asdict(compare(means[a], means[b], level))}
            for a, b in combinations(means, 2)
        ]
        if strata is not None:
            parts = cohort.texts(strata)[used]
            known = np.array([value is not None for value in parts])
            if not known.all():
                without = int((~known).sum())
                notes.append(left_out(f'no value in "{strata}"', without, known.size, "the stratified test"))
            test = logrank(time[known], event[known], labels[used][known], parts[known].astype(str))
            result["logrank_stratified"] = {"strata": strata, **_test(test)}
    elif strata is not None:
        raise CohortError("A stratified log-rank test needs groups: name them with --group.")
    return result, Curves(curves, follow_up.units, scale, level)


def _test(found: tuple[float, int, float]) -> dict[str, Any]:
    return {"chi2": found[0], "df": found[1], "p": found[2]}
