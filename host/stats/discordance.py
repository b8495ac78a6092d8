"""HER2 status of the tissue against that of the CTCs: how often they differ, and in whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from host.stats import contingency
from host.stats.agreement import kappa
from host.stats.data import Cohort, left_out
from host.stats.errors import CohortError
from host.stats.partial import Floats
from host.stats.proportions import difference, proportion

POSITIVE = frozenset({"positive", "pos", "+", "her2+", "her2-positive", "1", "yes", "true"})
NEGATIVE = frozenset({"negative", "neg", "-", "her2-", "her2-negative", "0", "no", "false"})
LEFT_OUT = {"no ctc": "no CTC", "noctc": "no CTC", "invalid": "INVALID"}
Statuses = NDArray[np.object_]


def statuses(cohort: Cohort, name: str, positive: str | None = None) -> tuple[Statuses, dict[str, int]]:
    """Return a column of statuses as "positive", "negative" or None [n], and how many are None for which
    reason.

    Args:
        positive: the value that means positive when the column has other words; all other values are then
            negative, but "NO CTC" and "INVALID" are always left out.

    Raises:
        CohortError: no such column, or a value that is neither.
    """
    texts = cohort.texts(name)
    out = np.full(len(texts), None, dtype=object)
    excluded: dict[str, int] = {}
    if positive is not None and positive not in set(texts):
        raise CohortError(f'No patient has "{positive}" in column "{name}".')
    for i, value in enumerate(texts):
        word = "" if value is None else str(value).casefold()
        if value is None or word in LEFT_OUT:
            reason = "missing" if value is None else LEFT_OUT[word]
            excluded[reason] = excluded.get(reason, 0) + 1
        elif positive is not None:
            out[i] = "positive" if value == positive else "negative"
        elif word in POSITIVE:
            out[i] = "positive"
        elif word in NEGATIVE:
            out[i] = "negative"
        else:
            raise CohortError(
                f'"{value}" in column "{name}", {cohort.place(i)}, is neither positive nor negative: name '
                "the value that "
                "means positive with --positive."
            )
    return out, excluded


def discordance(
    cohort: Cohort,
    ctc: str,
    tissue: str | None,
    *,
    positive: str | None = None,
    interval: Floats | None = None,
    cuts: Sequence[float] = (1.0, 2.0, 3.0),
    by: Sequence[str] = (),
    level: float = 0.95,
) -> dict[str, Any]:
    """Compare the two statuses, and the rate of discordance between subgroups.

    Args:
        ctc: column of the CTC status.
        tissue: column of the tissue status; None when every patient is tissue-positive, as in the study.
        positive: see ``statuses``.
        interval: [n] years between tissue and blood, missing as NaN.
        cuts: years; each compares "more than" with "up to", and Holm's correction is over all cuts.
        by: columns whose levels are compared.
        level: coverage of the intervals.

    Returns:
        The JSON of ``host cohort discordance``.

    Raises:
        CohortError: unusable columns, a cut that is not above 0, or nobody with both statuses.
    """
    if any(not cut > 0 for cut in cuts):
        raise CohortError("A cut of the interval is a number of years above 0: correct --cut.")
    blood, excluded = statuses(cohort, ctc, positive)
    if tissue is None:
        solid = np.full(len(cohort), "positive", dtype=object)
        lacking: dict[str, int] = {}
    else:
        solid, lacking = statuses(
            cohort, tissue, None if positive not in set(cohort.texts(tissue)) else positive
        )
    used = np.array([a is not None and b is not None for a, b in zip(solid, blood, strict=True)])
    if not used.any():
        raise CohortError("No patient has both a tissue status and a CTC status.")
    words = ("positive", "negative")
    table = np.array([[int((used & (solid == a) & (blood == b)).sum()) for b in words] for a in words])
    differs = used & (solid != blood)
    agreement = kappa(table, level, ("the tissue status", "the CTC status"))
    notes = list(cohort.notes)
    reasons = [*excluded.items(), *((f"tissue status {why}", count) for why, count in lacking.items())]
    notes += [left_out(why, count, len(cohort)) for why, count in reasons]
    comparisons = []
    if interval is not None:
        unknown = int((used & np.isnan(interval)).sum())
        if unknown:
            notes.append(f"No interval: {unknown} of {int(used.sum())} patients with both statuses.")
        known = used & ~np.isnan(interval)
        timed = []
        for cut in cuts:
            late, unit = interval > cut, "year" if cut == 1 else "years"
            groups = {f"> {cut:g} {unit}": known & late, f"<= {cut:g} {unit}": known & ~late}
            timed.append({"by": "interval", "cut": cut, **_compare(groups, differs, level)})
        _holm(timed)
        comparisons += timed
    for name in by:
        texts = cohort.texts(name)
        unknown = int((used & np.array([v is None for v in texts])).sum())
        if unknown:
            notes.append(f'No value in "{name}": {unknown} of {int(used.sum())} patients with both statuses.')
        groups = {value: used & (texts == value) for value in reversed(cohort.levels(name))}
        comparisons.append({"by": name, "cut": None, **_compare(groups, differs, level)})
    return {
        "ctc": ctc,
        "tissue": tissue,
        "n": int(used.sum()),
        "excluded": {**excluded, **{f"tissue {why}": count for why, count in lacking.items()}},
        "level": level,
        "table": {
            f"tissue {a}": {f"ctc {b}": int(table[i, j]) for j, b in enumerate(words)}
            for i, a in enumerate(words)
        },
        "overall": _rate(int(differs.sum()), int(used.sum()), level),
        "tissue_positive": _rate(int(table[0, 1]), int(table[0].sum()), level),
        "tissue_negative": _rate(int(table[1, 0]), int(table[1].sum()), level),
        "kappa": asdict(agreement),
        "comparisons": comparisons,
        "notes": notes,
    }


def _rate(k: int, n: int, level: float) -> dict[str, Any] | None:
    if n == 0:
        return None
    found = proportion(k, n, level)
    return {"discordant": k, "n": n, "rate": found.share, "lower": found.lower, "upper": found.upper}


def _compare(
    groups: Mapping[str, NDArray[np.bool_]], differs: NDArray[np.bool_], level: float
) -> dict[str, Any]:
    """Return the rate in each group with patients, tests, and for two groups the difference, first minus
    second.
    """
    sizes = {name: int(member.sum()) for name, member in groups.items()}
    filled = {name: member for name, member in groups.items() if sizes[name]}
    counts = {name: int((member & differs).sum()) for name, member in filled.items()}
    table = [[counts[name], sizes[name] - counts[name]] for name in filled]
    out: dict[str, Any] = {
        "groups": [{"group": name, **(_rate(counts[name], sizes[name], level) or {})} for name in filled],
        "empty": [name for name, size in sizes.items() if size == 0],
        "difference": None,
        "chi2": None,
        "p_chi2": None,
        "p_fisher": None,
        "smallest_expected": None,
    }
    if len(filled) < 2:
        return out
    chi2 = contingency.chi2(table)
    out["chi2"], out["p_chi2"] = chi2.chi2, chi2.p
    out["smallest_expected"] = None if np.isnan(chi2.smallest_expected) else chi2.smallest_expected
    out["p_fisher"] = contingency.fisher(table).p
    if len(filled) == 2:
        (k1, rest1), (k2, rest2) = table
        out["difference"] = asdict(difference(k1, k1 + rest1, k2, k2 + rest2, level))
    return out


def _holm(comparisons: Sequence[dict[str, Any]]) -> None:
    """Add P values corrected for the number of cuts (Holm, Scand. J. Statist. 6 (1979) 65-70)."""
    for key in ("p_chi2", "p_fisher"):
        tested = [entry for entry in comparisons if entry[key] is not None and not np.isnan(entry[key])]
        for entry in comparisons:
            entry[f"{key}_holm"] = None
        if tested:
            corrected = multipletests([entry[key] for entry in tested], method="holm")[1]
            for entry, p in zip(tested, corrected, strict=True):
                entry[f"{key}_holm"] = float(p)
