"""The log-rank test, plain and stratified.

Source: Mantel, Cancer Chemother. Rep. 50 (1966) 163-170; Peto and Peto, J. R. Statist. Soc. A 135 (1972)
185-207. The same statistic as R's ``survdiff``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2 as chi2_distribution

from host.stats.errors import CohortError
from host.stats.survtable import checked, risk_table


def logrank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, strata: ArrayLike | None = None
) -> tuple[float, int, float]:
    """Compare the hazards of two or more groups.

    Args:
        time: [n] follow-up, not negative.
        event: [n] 1 event, 0 censored.
        group: [n] labels.
        strata: [n] labels; observed minus expected is summed over strata.

    Returns:
        Chi-square, degrees of freedom and P value.

    Raises:
        CohortError: unusable values, fewer than two groups, or no event while more than one group is at risk.
    """
    times, events = checked(time, event)
    labels, codes = np.unique(np.asarray(group), return_inverse=True)
    if codes.shape != times.shape:
        raise CohortError("Every patient needs a group.")
    k = labels.size
    if k < 2:
        raise CohortError("A log-rank test compares at least two groups, and there is only one.")
    parts = (
        np.zeros(times.size, dtype=np.intp) if strata is None else np.unique(strata, return_inverse=True)[1]
    )
    difference, variance = np.zeros(k), np.zeros((k, k))
    for part in range(int(parts.max()) + 1):
        member = parts == part
        _, at_risk, died = risk_table(times[member], events[member], codes[member], k)
        used = died.sum(axis=1) > 0
        risk, deaths = at_risk[used].astype(float), died[used].astype(float)
        n, d = risk.sum(axis=1), deaths.sum(axis=1)
        difference += (deaths - risk * (d / n)[:, None]).sum(axis=0)
        # Hypergeometric: d (n - d) / (n - 1) times the multinomial variance of the shares at risk; 0 where n
        # is 1.
        factor = d * (n - d) / np.where(n > 1, n - 1, 1)
        share = risk / n[:, None]
        variance += np.diag((share * factor[:, None]).sum(axis=0)) - (share * factor[:, None]).T @ share
    tested = (
        np.diag(variance) > 0
    )  # a group that is never at risk together with others carries no information
    if tested.sum() < 2:
        raise CohortError(
            "No event happens while patients of two groups are at risk: there is nothing to compare."
        )
    keep = np.flatnonzero(tested)[:-1]
    statistic = float(difference[keep] @ np.linalg.solve(variance[np.ix_(keep, keep)], difference[keep]))
    return statistic, keep.size, float(chi2_distribution.sf(statistic, keep.size))
