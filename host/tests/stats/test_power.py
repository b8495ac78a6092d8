"""Sample sizes against published values, against each other, and against simulated trials."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from host.cli.cohort.power import power as command
from host.stats import power
from host.stats.errors import CohortError
from host.stats.logrank import logrank


def test_schoenfeld_events() -> None:
    # Collett, Modelling Survival Data in Medical Research: HR 0.57, alpha 0.05, power 0.9, equal groups: 133.
    assert power.events_needed(0.57, 0.5, power=0.9) == pytest.approx(133, abs=0.6)


def test_events_and_power_are_inverse() -> None:
    events = power.events_needed(0.321, 22 / 58, power=0.85)
    assert power.power_of_events(events, 0.321, 22 / 58) == pytest.approx(0.85)
    assert power.detectable_hr(events, 22 / 58, power=0.85) == pytest.approx(0.321)


def test_event_chance_closed_form() -> None:
    # Exponential: 1 - (exp(-l f) - exp(-l (a + f))) / (l a)
    rate = math.log(2) / 3.5
    expected = 1 - (math.exp(-rate * 6) - math.exp(-rate * 44)) / (rate * 38)
    assert power.event_chance(3.5, 1.0, 38, 6) == pytest.approx(expected, rel=1e-9)
    assert power.event_chance(3.5, 1.28, 0, 3.5) == pytest.approx(0.5)


def test_planned_trials_find_the_effect_as_often_as_promised() -> None:
    plan = power.survival(0.5, 0.4, median_negative=3.5, shape=1.28, accrual=10, follow_up=6, power=0.8)
    rng = np.random.default_rng(3)
    n, trials, found = plan["patients_with_ctcs"], 300, 0
    for _ in range(trials):
        positive = rng.random(n) < 0.4
        median = np.where(positive, plan["median_positive"], 3.5)
        time = median * (-np.log(rng.random(n)) / math.log(2)) ** (1 / 1.28)
        end = 6 + 10 * rng.random(n)
        found += logrank(np.minimum(time, end), (time <= end).astype(int), positive)[2] < 0.05
    # Three standard errors of 300 trials, and the formula's own error.
    assert found / trials == pytest.approx(0.8, abs=0.08)


def test_fisher_power_by_enumeration() -> None:
    n1, n2, p1, p2 = 9, 6, 0.7, 0.2
    total = 0.0
    for a in range(n1 + 1):
        for b in range(n2 + 1):
            if stats.fisher_exact([[a, n1 - a], [b, n2 - b]]).pvalue <= 0.05:
                total += stats.binom.pmf(a, n1, p1) * stats.binom.pmf(b, n2, p2)
    assert power.fisher_power(p1, p2, n1, n2) == pytest.approx(total, rel=1e-9)


def test_proportions() -> None:
    # Fleiss, table A.4: 0.25 against 0.40, alpha 0.05, power 0.8, chi-square with continuity correction: 165.
    plan = power.proportions(0.25, 0.40)
    assert plan["fisher_n1"] == 165
    assert plan["fisher_power"] == pytest.approx(0.8, abs=0.015)


def test_cells_that_exclude_the_cut_off() -> None:
    """0 of 10 leaves an upper limit of 30.8 %, 0 of 11 one of 28.5 %."""
    assert power.confidence_cells() == 11
    assert stats.binomtest(0, 10).proportion_ci().high > 0.3 > stats.binomtest(0, 11).proportion_ci().high


@pytest.mark.parametrize(
    "arguments",
    [
        ["survival", "--hr", "1", "--share", "0.4"],
        ["survival", "--hr", "-1", "--share", "0.4"],
        ["survival", "--hr", "nan", "--share", "0.4"],
        ["survival", "--hr", "0.5", "--share", "1"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--power", "0.01"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--alpha", "0"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--patients", "50"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--median-negative", "3"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--median-negative", "nan", "--follow-up", "6"],
        ["survival", "--hr", "0.5", "--share", "0.4", "--median-negative", "3", "--follow-up", "1e-9"],
        [
            "survival",
            "--hr",
            "0.5",
            "--share",
            "0.4",
            "--median-negative",
            "3",
            "--follow-up",
            "6",
            "--shape",
            "0",
        ],
        [
            "survival",
            "--hr",
            "0.5",
            "--share",
            "0.4",
            "--median-negative",
            "3",
            "--follow-up",
            "6",
            "--lost",
            "1",
        ],
        ["proportions", "--p1", "0.5", "--p2", "0.5"],
        ["proportions", "--p1", "0", "--p2", "0.5"],
        ["proportions", "--p1", "0.1", "--p2", "0.5", "--ratio", "nan"],
        ["proportions", "--p1", "0.1", "--p2", "0.5", "--patients", "0", "10"],
    ],
)
def test_bad_questions_get_one_sentence(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, arguments)
    assert isinstance(done.exception, CohortError)
    assert str(done.exception).endswith(".")
    assert done.stdout == ""


def test_command_json() -> None:
    done = CliRunner().invoke(
        command,
        [
            "survival",
            "--hr",
            "0.321",
            "--share",
            "0.379",
            "--median-negative",
            "3.5",
            "--follow-up",
            "12",
            "--json",
        ],
    )
    assert json.loads(done.stdout)["events"] == 26
