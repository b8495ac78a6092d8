"""Tests of Table 1, proportions, agreement and restricted means against published or independent values."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import restricted_mean_survival_time
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg

from host.stats import agreement, contingency, cox, km, location, logrank, proportions, reference, rmst

# The study's Table 1 and interval: counts by CTC status, the P value it prints, and the test that gives it.
STUDY = [
    ([[8, 25], [14, 11]], 0.014, "chi2"),
    ([[5, 3], [17, 33]], 0.238, "fisher"),
    ([[16, 28], [6, 8]], 0.663, "chi2"),
    ([[12, 12], [10, 24]], 0.111, "chi2"),
    ([[5, 2], [17, 34]], 0.092, "fisher"),
    ([[19, 24], [3, 12]], 0.096, "chi2"),
]


@pytest.mark.parametrize(("table", "printed", "test"), STUDY)
def test_auto_chooses_the_studys_tests(table, printed, test):
    found = contingency.choose_test(table)
    assert found.name == test
    assert found.p == pytest.approx(printed, abs=6e-4)


def test_fisher_of_larger_tables_is_r():
    # R 4.2.2, fisher.test
    assert contingency.fisher([[3, 1, 4], [1, 5, 9], [2, 6, 5]]).p == pytest.approx(
        0.282360228768354, rel=1e-12
    )
    found = contingency.fisher([[10, 2], [3, 9], [5, 5], [1, 7]])
    assert found.p == pytest.approx(0.00500097485691238, rel=1e-12)


def test_fisher_too_large_to_enumerate_says_it_sampled():
    table = [[100, 200, 50, 20], [120, 180, 70, 30], [90, 150, 80, 10]]
    found = contingency.fisher(table)
    assert "sampled" in found.name
    assert found.p == pytest.approx(contingency.chi2(table).p, abs=2e-3)


def test_a_table_without_a_second_row_has_no_p():
    assert np.isnan(contingency.choose_test([[3, 4], [0, 0]]).p)


# Newcombe, Statist. Med. 17 (1998) 873-890, Table II: methods 6 (Miettinen-Nurminen) and 10.
NEWCOMBE = [
    ((56, 70, 48, 80), (0.0528, 0.3382), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1700, 0.8406), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0342, 0.8534), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0326, 0.1933), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1658, 0.2844), (-0.1611, 0.2775)),
    ((10, 10, 0, 20), (0.7156, 1.0), (0.6791, 1.0)),
]


@pytest.mark.parametrize(("counts", "mn", "hybrid"), NEWCOMBE)
def test_difference_of_proportions_is_as_published(counts, mn, hybrid):
    found = proportions.difference(*counts)
    assert (found.mn_lower, found.mn_upper) == pytest.approx(mn, abs=6e-5)
    assert (found.newcombe_lower, found.newcombe_upper) == pytest.approx(hybrid, abs=6e-5)


def test_exact_interval():
    found = proportions.proportion(0, 10)  # the upper limit of 0 of 10 is 1 - 0.025^(1/10)
    assert (found.lower, found.upper) == pytest.approx((0.0, 1 - 0.025**0.1))


def test_kappa_and_its_refusal():
    found = agreement.kappa([[20, 5], [10, 15]])
    assert found.kappa == pytest.approx(0.4)
    constant = agreement.kappa([[22, 36], [0, 0]])
    assert constant.kappa is None and constant.remark


def test_location_tests():
    rng = np.random.default_rng(5)
    a, b, c = rng.normal(0, 1, 20), rng.normal(1, 2, 25), rng.normal(0, 1, 15)
    assert location.compare([a, b]).p == pytest.approx(stats.mannwhitneyu(a, b, method="exact").pvalue)
    assert location.compare([a, b], "t").p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert location.compare([a, b, c]).name == "kruskal-wallis"
    assert location.compare([a, b, c], "t").name == "welch anova"
    assert np.isnan(location.compare([a, np.array([])]).p)


def test_survival_agrees_with_lifelines():
    data = reference.dataset("gbsg2")
    time, event, group = data["time"], data["cens"], data["horTh"]
    curve = km.kaplan_meier(time, event)
    theirs = KaplanMeierFitter().fit(time, event)
    assert np.allclose(
        curve.at(theirs.survival_function_.index), theirs.survival_function_["KM_estimate"], rtol=1e-12
    )
    limits = theirs.confidence_interval_
    lower, upper = curve.limits("log-log")
    at = np.isin(limits.index, curve.times)
    assert np.allclose(lower, limits.iloc[at, 0], rtol=1e-8) and np.allclose(
        upper, limits.iloc[at, 1], rtol=1e-8
    )
    test = multivariate_logrank_test(time, group, event)
    assert logrank.logrank(time, event, group)[0] == pytest.approx(test.test_statistic, rel=1e-10)
    assert rmst.restricted_mean(curve, 1000.0).mean == pytest.approx(
        restricted_mean_survival_time(theirs, 1000.0)
    )


def test_median_on_a_flat_half_is_the_midpoint():
    curve = km.kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1])
    assert curve.median() == 2.5
    assert km.kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0]).median() == np.inf
    assert km.kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]).median() == 2.0  # never below 0.5: the left end, as R


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox_agrees_with_statsmodels(ties):
    data = reference.dataset("rossi")
    x = data[["fin", "age", "race", "prio"]].to_numpy(float)
    theirs = PHReg(data["week"], x, status=data["arrest"], ties=ties).fit()
    ours = cox.fit(data["week"], data["arrest"], x, ties=ties)
    assert np.allclose(ours.coef, theirs.params, rtol=1e-6)
    assert np.allclose(ours.se, theirs.bse, rtol=1e-6)


def test_score_test_is_the_logrank_test_without_ties():
    rng = np.random.default_rng(11)
    time, event, group = rng.exponential(size=80), rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    assert cox.fit(time, event, group).score().chi2 == pytest.approx(logrank.logrank(time, event, group)[0])


def test_times_that_differ_by_rounding_are_ties():
    exact = cox.fit([0.3, 0.3, 0.5, 0.7, 0.9], [1, 1, 1, 0, 1], [0, 1, 1, 0, 1], ties="efron")
    rounded = cox.fit([0.1 + 0.2, 0.3, 0.5, 0.7, 0.9], [1, 1, 1, 0, 1], [0, 1, 1, 0, 1], ties="efron")
    assert rounded.coef == pytest.approx(exact.coef, rel=1e-12)
