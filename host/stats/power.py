"""How many events and patients the next study needs.

Survival: Schoenfeld, Biometrika 68 (1981) 316 and Biometrics 39 (1983) 499, and for the chance of an event
under uniform accrual his integral, with Weibull curves. Proportions: normal approximation with the variance
of each hypothesis (Fleiss, Statistical Methods for Rates and Proportions, 3rd ed., section 4.2), beside the
exact power of Fisher's test.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import integrate, stats

from host.stats.errors import CohortError

MOST_FOR_EXACT = 1000
"""Patients up to which the power of Fisher's test is enumerated."""


def _z(alpha: float, power: float | None = None) -> tuple[float, float]:
    if not 0 < alpha < 1:
        raise CohortError(f"The significance level must lie between 0 and 1, not {alpha:g}.")
    if power is not None and not alpha < power < 1:
        raise CohortError(f"The power must lie between {alpha:g} and 1, not {power:g}.")
    return float(stats.norm.isf(alpha / 2)), 0.0 if power is None else float(stats.norm.ppf(power))


def _effect(hr: float, share: float) -> None:
    if not (hr > 0 and math.isfinite(hr)) or hr == 1:
        raise CohortError(f"The hazard ratio must be above 0 and not 1, not {hr:g}.")
    if not 0 < share < 1:
        raise CohortError(f"The share of positive patients must lie between 0 and 1, not {share:g}.")


def events_needed(hr: float, share: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the events for a two-sided log-rank test (Schoenfeld 1981): not rounded up.

    Args:
        hr: hazard ratio of positive against negative.
        share: of positive patients.

    Raises:
        CohortError: a value out of range.
    """
    _effect(hr, share)
    a, b = _z(alpha, power)
    return float((a + b) ** 2 / (share * (1 - share) * math.log(hr) ** 2))


def power_of_events(events: float, hr: float, share: float, *, alpha: float = 0.05) -> float:
    """Return the power that ``events`` events give (the inverse of ``events_needed``)."""
    _effect(hr, share)
    a, _ = _z(alpha)
    return float(stats.norm.cdf(math.sqrt(events * share * (1 - share)) * abs(math.log(hr)) - a))


def event_chance(median: float, shape: float, accrual: float, follow_up: float) -> float:
    """Return the chance that a patient has the event before the analysis.

    Patients enter evenly over ``accrual`` months, and the last is followed for ``follow_up``; Weibull
    survival with that median. Schoenfeld 1983, equation 3, by quadrature.
    """
    # The bounds keep (time / median)**shape a number; no study is near them.
    if not 1e-3 <= median <= 1e6:
        raise CohortError(f"A median must lie between 0.001 and a million months, not {median:g}.")
    if not 0.05 <= shape <= 20:
        raise CohortError(f"The Weibull shape must lie between 0.05 and 20, not {shape:g}.")
    if not (0 <= accrual <= 1e6 and 0 <= follow_up <= 1e6 and accrual + follow_up > 0):
        raise CohortError(
            "Patients need months of accrual or follow-up: add --accrual or --follow-up, 0 or more."
        )

    def event_by(time: float) -> float:
        return 1 - math.exp(-math.log(2) * (time / median) ** shape)

    if accrual == 0:
        return event_by(follow_up)
    total, _ = integrate.quad(event_by, follow_up, follow_up + accrual)
    return float(total / accrual)


def survival(
    hr: float,
    share: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    median_negative: float | None = None,
    shape: float = 1.0,
    accrual: float = 0.0,
    follow_up: float = 0.0,
    with_ctcs: float = 1.0,
    lost: float = 0.0,
    patients: int | None = None,
) -> dict[str, Any]:
    """Plan a comparison of positive and negative patients.

    Args:
        median_negative: months; with accrual and follow-up it turns events into patients. The positive
            patients' median follows from ``hr`` and ``shape``.
        with_ctcs: share of enrolled patients who have CTCs and so a status.
        lost: share lost before they have the event.
        patients: enrolled; then the power is returned for them as well.

    Returns: ``events``; with a median also ``event_chance``, ``patients_with_ctcs``, ``patients`` and, if
        asked, ``power_reached``.

    Raises:
        CohortError: a value out of range.
    """
    if not 0 < with_ctcs <= 1:
        raise CohortError(
            f"The share of patients with CTCs must be above 0 and at most 1, not {with_ctcs:g}."
        )
    if not 0 <= lost < 1:
        raise CohortError(f"The share lost must be at least 0 and below 1, not {lost:g}.")
    needed = events_needed(hr, share, alpha=alpha, power=power)
    out: dict[str, Any] = {
        "question": "survival",
        "hr": hr,
        "share_positive": share,
        "alpha": alpha,
        "power": power,
        "events_exact": needed,
        "events": math.ceil(needed),
    }
    if median_negative is None:
        if patients is not None:
            raise CohortError(
                "Patients give power only with the negative patients' median: add --median-negative."
            )
        return out
    if not 0.05 <= shape <= 20:
        raise CohortError(f"The Weibull shape must lie between 0.05 and 20, not {shape:g}.")
    median_positive = median_negative * hr ** (-1 / shape)
    chances = [
        event_chance(median, shape, accrual, follow_up) for median in (median_positive, median_negative)
    ]
    chance = (share * chances[0] + (1 - share) * chances[1]) * (1 - lost)
    if chance < 1e-6:
        raise CohortError("Hardly anybody has an event in that time: plan a longer follow-up.")
    with_status = math.ceil(out["events"] / chance)
    out |= {
        "median_negative": median_negative,
        "median_positive": median_positive,
        "shape": shape,
        "accrual": accrual,
        "follow_up": follow_up,
        "lost": lost,
        "with_ctcs": with_ctcs,
        "event_chance": chance,
        "patients_with_ctcs": with_status,
        "patients": math.ceil(with_status / with_ctcs),
    }
    if patients is not None:
        if patients < 2:
            raise CohortError(f"A study of {patients} patients compares nothing: at least 2.")
        expected = patients * with_ctcs * chance
        out |= {
            "patients_planned": patients,
            "events_expected": expected,
            "power_reached": power_of_events(expected, hr, share, alpha=alpha),
        }
    return out


def fisher_power(p1: float, p2: float, n1: int, n2: int, *, alpha: float = 0.05) -> float:
    """Return the exact power of Fisher's two-sided test: the chance of a table with P <= alpha."""
    upper = _rejects(n1, n2, alpha)
    first = stats.binom.pmf(np.arange(n1 + 1), n1, p1)
    second = stats.binom.pmf(np.arange(n2 + 1), n2, p2)
    return float(first @ upper @ second)


def _rejects(n1: int, n2: int, alpha: float) -> Any:
    """Return which tables [n1 + 1, n2 + 1] Fisher's test rejects.

    One hypergeometric distribution serves all tables with the same total.
    """
    out = np.zeros((n1 + 1, n2 + 1))
    for total in range(n1 + n2 + 1):
        first = np.arange(max(0, total - n2), min(n1, total) + 1)
        chance = stats.hypergeom.pmf(first, n1 + n2, n1, total)
        # As likely or less likely tables count; the allowance is for rounding.
        order = np.argsort(chance)
        running = np.cumsum(chance[order])
        last = np.searchsorted(chance[order], chance * (1 + 1e-7), side="right") - 1
        out[first, total - first] = running[last] <= alpha
    return out


def proportions(
    p1: float,
    p2: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    patients: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """Plan a comparison of two proportions, such as discordance by interval.

    Args:
        ratio: patients of the second group for each of the first.
        patients: of both groups; then the power is returned for them as well.

    Raises:
        CohortError: a value out of range, or equal proportions.
    """
    a, b = _z(alpha, power)
    if not (0 < p1 < 1 and 0 < p2 < 1):
        raise CohortError("Proportions must lie between 0 and 1.")
    if p1 == p2:
        raise CohortError("The two proportions are equal, so no number of patients tells them apart.")
    if not 1e-3 <= ratio <= 1e3:
        raise CohortError(f"The ratio of the groups must lie between 0.001 and 1000, not {ratio:g}.")
    mean = (p1 + ratio * p2) / (1 + ratio)
    spread = a * math.sqrt((1 + 1 / ratio) * mean * (1 - mean))
    n = ((spread + b * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)) / (p1 - p2)) ** 2
    n1, n2 = math.ceil(n), math.ceil(n * ratio)
    # Continuity correction (Fleiss, equation 4.14): the patients Fisher's test needs.
    gap = abs(p1 - p2)
    corrected = n / 4 * (1 + math.sqrt(1 + 2 * (ratio + 1) / (n * ratio * gap))) ** 2
    fisher1, fisher2 = math.ceil(corrected), math.ceil(corrected * ratio)
    out: dict[str, Any] = {
        "question": "proportions",
        "p1": p1,
        "p2": p2,
        "alpha": alpha,
        "power": power,
        "ratio": ratio,
        "n1": n1,
        "n2": n2,
        "patients": n1 + n2,
    }
    out |= {"fisher_n1": fisher1, "fisher_n2": fisher2}
    if fisher1 + fisher2 <= MOST_FOR_EXACT:
        out["fisher_power"] = fisher_power(p1, p2, fisher1, fisher2, alpha=alpha)
    if patients is not None:
        if min(patients) < 1 or sum(patients) > MOST_FOR_EXACT:
            raise CohortError(f"Give 1 to {MOST_FOR_EXACT} patients in both groups together.")
        out |= {
            "planned": list(patients),
            "fisher_power_planned": fisher_power(p1, p2, *patients, alpha=alpha),
        }
    return out


def detectable_hr(events: float, share: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the hazard ratio below 1 that ``events`` events find with that power."""
    a, b = _z(alpha, power)
    _effect(0.5, share)
    if not events > 0:
        raise CohortError(f"The number of events must be above 0, not {events:g}.")
    return math.exp(-(a + b) / math.sqrt(events * share * (1 - share)))


def confidence_cells(share: float = 0.3, level: float = 0.95) -> int:
    """Return the fewest CTCs for which none at 3+ excludes ``share``.

    Clopper and Pearson, Biometrika 26 (1934) 404.
    """
    return math.ceil(math.log((1 - level) / 2) / math.log(1 - share))
