"""Rules, concordance, the search for a cut-off and its price, against slow and independent computations."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.utils import concordance_index

from host.cli.cohort.criteria import criteria as command
from host.stats import cox
from host.stats.bootstrap import TimeOrder, draws, percentile_interval
from host.stats.concordance import concordance
from host.stats.criteria import evaluate
from host.stats.errors import CohortError
from host.stats.logrank import logrank
from host.stats.maxselected import logrank_scores, max_selected, standardised
from host.stats.rules import ANY, NAMED, SHIPPED, SIGNAL, sweep


def cohort(seed: int = 1, n: int = 58, hr: float = 0.35) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow-up in half months (with ties) and tallies; the shipped rule has the effect."""
    rng = np.random.default_rng(seed)
    ctcs = 1 + rng.geometric(0.15, n)
    three = rng.binomial(ctcs, rng.beta(0.6, 1.0, n))
    one = rng.binomial(ctcs - three, 0.4)
    two = rng.binomial(ctcs - three - one, 0.4)
    tallies = np.column_stack([ctcs - three - one - two, one, two, three])
    effect = np.where(SHIPPED.decide(tallies), hr, 1.0)
    time = 4 * (rng.exponential(size=n) / effect) ** (1 / 1.3)
    end = rng.uniform(2, 30, n)
    return np.ceil(2 * np.minimum(time, end)) / 2, (time <= end).astype(int), tallies


tally = st.tuples(*[st.integers(0, 40)] * 4).filter(any)


@given(tally)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_rules_are_decided_in_integers(counts: tuple[int, int, int, int]) -> None:
    from fractions import Fraction

    tallies, total = np.array([counts]), sum(counts)
    assert SHIPPED.decide(tallies)[0] == (Fraction(counts[3], total) > Fraction(3, 10))
    assert SIGNAL.decide(tallies)[0] == (Fraction(total - counts[0], total) >= Fraction(1, 2))
    assert ANY.decide(tallies)[0] == (counts[3] >= 1)
    assert sweep()[0].decide(tallies)[0] == ANY.decide(tallies)[0]
    assert sweep()[30].decide(tallies)[0] == SHIPPED.decide(tallies)[0]
    assert not sweep()[100].decide(tallies)[0]


@given(tally)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_shipped_rule_is_the_readers(counts: tuple[int, int, int, int]) -> None:
    core = pytest.importorskip("host.core")
    status = core.decide(core.counts_of(counts))
    assert (status == core.POSITIVE) == bool(SHIPPED.decide(np.array([counts]))[0])


@pytest.mark.parametrize("seed", range(3))
def test_concordance_against_lifelines_and_pair_by_pair(seed: int) -> None:
    time, event, tallies = cohort(seed)
    marker = SHIPPED.decide(tallies)
    order = TimeOrder.of(time, event)
    here = concordance(order, marker[order.order][:, None], np.ones((1, time.size)))[0, 0]
    assert here == pytest.approx(concordance_index(time, marker.astype(float), event))
    good = pairs = 0.0
    for i, j in itertools.permutations(range(time.size), 2):
        if event[i] and (time[j] > time[i] or (time[j] == time[i] and not event[j])):
            pairs += 1
            good += 0.5 + 0.5 * (float(marker[j]) - float(marker[i]))
    assert here == pytest.approx(good / pairs)


def test_weights_are_repeated_patients() -> None:
    time, event, tallies = cohort(2)
    weights = next(draws(time.size, 1, np.random.default_rng(5)))[0]
    marker = ANY.decide(tallies)
    order = TimeOrder.of(time, event)
    sorted_weights = weights[order.order].astype(float)[None]
    again = np.repeat(np.arange(time.size), weights)
    copied = TimeOrder.of(time[again], event[again])
    one = np.ones((1, again.size))
    here = concordance(order, marker[order.order][:, None], sorted_weights)
    assert here[0, 0] == pytest.approx(concordance(copied, marker[again][copied.order][:, None], one)[0, 0])
    z = standardised(logrank_scores(order, sorted_weights), marker[order.order][:, None], sorted_weights)
    other = standardised(logrank_scores(copied, one), marker[again][copied.order][:, None], one)
    assert z[0, 0] == pytest.approx(other[0, 0])


def test_logrank_scores_are_observed_minus_expected() -> None:
    """Summed over a group they are the numerator of the log-rank test; standardised, nearly its root."""
    time, event, tallies = cohort(3)
    marker = SHIPPED.decide(tallies)
    order = TimeOrder.of(time, event)
    ones = np.ones((1, time.size))
    scores = logrank_scores(order, ones)
    assert scores.sum() == pytest.approx(0, abs=1e-9)
    expected = 0.0
    for t in np.unique(time[event == 1]):
        risk = time >= t
        expected += ((time == t) & (event == 1)).sum() * (risk & marker).sum() / risk.sum()
    assert (scores[0] * marker[order.order]).sum() == pytest.approx(event[marker].sum() - expected)
    z = standardised(scores, marker[order.order][:, None], ones)[0, 0]
    assert z**2 == pytest.approx(logrank(time, event, marker)[0], rel=0.15)


def test_the_search_has_its_level_without_an_effect() -> None:
    """Under no effect the corrected P is rarely small; the P of the best cut-off taken alone is small too
    often.
    """
    hits = naive = 0
    rounds = 80
    for seed in range(rounds):
        time, event, tallies = cohort(seed + 100, hr=1.0)
        markers = np.column_stack([rule.decide(tallies) for rule in sweep(2)])
        found = max_selected(time, event, markers, rng=np.random.default_rng(seed), permutations=199)
        hits += found.p <= 0.05
        naive += found.p_single <= 0.05
    assert hits <= 10  # 4 expected; 11 or more with a chance of 0.002
    assert naive > 2 * hits


def test_evaluation_is_what_cox_says() -> None:
    time, event, tallies = cohort()
    found = evaluate(time, event, tallies, samples=100, permutations=99)
    for one, rule in zip(found.named, NAMED, strict=True):
        marker = rule.decide(tallies)
        fit = cox.fit(time, event, marker.astype(float))
        assert one.positive == marker.sum()
        assert one.hr == pytest.approx(float(np.exp(fit.coef[0])))
        assert (np.log(one.lower), np.log(one.upper)) == pytest.approx(fit.profile_limits(0))
        assert one.c is not None
        assert one.c >= 0.5 or np.sign(one.c - 0.5) == 0 or abs(one.c - 0.5) < 0.05
    assert [one.rule.cut for one in found.sweep] == list(range(101))
    assert found.sweep[100].hr is None
    assert found.sweep[100].note == "nobody positive"
    json.dumps(found.to_json(), allow_nan=False)


def test_bootstrap_against_a_plain_loop() -> None:
    """The same samples, counted one by one: optimism and empty groups agree."""
    time, event, tallies = cohort(4, n=30)
    samples, seed = 60, 9
    found = evaluate(time, event, tallies, samples=samples, permutations=0, seed=seed, step=10)
    rules = (*NAMED, *sweep(10))
    order = TimeOrder.of(time, event)
    weights = np.concatenate(list(draws(30, samples, np.random.default_rng(seed))))
    for one, rule in zip((*found.named, *found.sweep), rules, strict=True):
        marker = rule.decide(tallies)
        if one.c is None:
            continue
        optimism, empty = [], 0
        for row in weights:
            again = np.repeat(order.order, row)
            m = marker[again].astype(float)
            if m.min() == m.max():
                empty += 1
                continue
            t, e = time[again], event[again]
            sign = -1 if (m * _martingale(t, e)).sum() > 0 else 1
            optimism.append(concordance_index(t, sign * m, e) - concordance_index(time, sign * marker, event))
        assert one.empty_samples == empty
        assert one.optimism == pytest.approx(np.mean(optimism), abs=1e-12)


def _martingale(time: np.ndarray, event: np.ndarray) -> np.ndarray:
    hazard = np.zeros(time.size)
    for t in np.unique(time[event == 1]):
        hazard[time >= t] += ((time == t) & (event == 1)).sum() / (time >= t).sum()
    return event - hazard


def test_choosing_the_best_is_optimistic() -> None:
    """Without an effect the best cut-off looks good in the sample it was chosen in."""
    optimism = []
    for seed in range(8):
        time, event, tallies = cohort(seed + 40, hr=1.0)
        found = evaluate(time, event, tallies, samples=150, permutations=99, step=5)
        assert found.selection is not None
        assert sum(found.selection.chosen.values()) == found.selection.samples
        optimism.append((found.selection.optimism, found.named[0].optimism or 0.0))
    best, fixed = np.mean(optimism, axis=0)
    assert best > 0.02
    assert best > fixed


def test_one_seed_one_result() -> None:
    time, event, tallies = cohort()
    one = evaluate(time, event, tallies, samples=50, permutations=99, seed=3).to_json()
    assert one == evaluate(time, event, tallies, samples=50, permutations=99, seed=3).to_json()


def test_patients_without_ctcs_are_left_out_and_counted() -> None:
    time, event, tallies = cohort()
    tallies[:7] = 0
    found = evaluate(time, event, tallies, samples=0, permutations=0)
    assert (found.no_ctc, found.patients) == (7, 51)
    assert found.named[0].positive + found.named[0].negative == 51
    assert found.selection is None
    assert found.named[0].c_corrected is None


def test_everybody_positive_gives_words_and_no_numbers() -> None:
    time, event, tallies = cohort()
    tallies[:, :3], tallies[:, 3] = 0, 5
    found = evaluate(time, event, tallies, samples=30, permutations=99)
    assert {one.note for one in found.named} == {"nobody negative"}
    assert found.selection is None
    assert found.notes
    assert all(one.hr is None and one.c is None for one in (*found.named, *found.sweep))


@pytest.mark.parametrize("change", ["negative", "half", "none", "shape", "events"])
def test_unusable_tallies(change: str) -> None:
    time, event, tallies = cohort()
    values = tallies.astype(float)
    if change == "negative":
        values[3, 1] = -1
    elif change == "half":
        values[3, 1] = 0.5
    elif change == "none":
        values[:] = 0
    elif change == "shape":
        values = values[:, :3]
    else:
        event = np.zeros_like(event)
    with pytest.raises(CohortError) as error:
        evaluate(time, event, values, samples=10, permutations=99)
    assert str(error.value).endswith(".")


def test_percentile_interval() -> None:
    low, high = percentile_interval([*np.linspace(0, 1, 101), np.nan])
    assert (low, high) == pytest.approx((0.025, 0.975))
    assert np.isnan(percentile_interval([1.0] * 5)[0])


def _write(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


HEADER = "patient,t,e,her2_0,her2_1plus,her2_2plus,her2_3plus"
GOOD = [f"{i},{1 + i},{i % 2},{1 + i % 3},0,0,{i % 4}" for i in range(30)]


def test_command(tmp_path: Path) -> None:
    file = _write(tmp_path / "c.csv", [HEADER, *GOOD])
    arguments = [str(file), "--time", "t", "--event", "e", "--bootstrap", "50", "--permutations", "99"]
    done = CliRunner().invoke(command, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert [one["rule"] for one in result["rules"]] == [rule.key for rule in NAMED]
    assert result["simulated"] is False
    figure = tmp_path / "c.svg"
    people = CliRunner().invoke(command, [*arguments, "--figure", str(figure)])
    assert people.exit_code == 0, people.output
    assert "SIMULATED" not in people.stdout
    assert figure.stat().st_size > 5000


def test_simulated_rows_are_labelled_everywhere(tmp_path: Path) -> None:
    rows = [HEADER + ",specimen_kind", *(row + ",simulated" for row in GOOD)]
    file, figure = _write(tmp_path / "c.csv", rows), tmp_path / "c.svg"
    done = CliRunner().invoke(
        command,
        [
            str(file),
            "--time",
            "t",
            "--event",
            "e",
            "--bootstrap",
            "0",
            "--permutations",
            "0",
            "--figure",
            str(figure),
        ],
    )
    assert done.stdout.startswith("SIMULATED DATA")
    assert "SIMULATED" in figure.read_text()


@pytest.mark.parametrize(
    ("rows", "extra", "words"),
    [
        ([HEADER, "1,-2,1,1,1,1,1", *GOOD[2:]], [], "negative"),
        ([HEADER, "1,2,7,1,1,1,1", *GOOD[2:]], [], "0 (censored) or 1"),
        ([HEADER, "1,2,1,-1,1,1,1", *GOOD[2:]], [], "whole numbers"),
        ([HEADER, "1,2,1,a,1,1,1", *GOOD[2:]], [], "not a number"),
        ([HEADER, *GOOD, GOOD[0]], [], "more than once"),
        ([HEADER.replace("her2_3plus", "HER2_3plus"), *GOOD], [], 'did you mean "HER2_3plus"'),
        ([HEADER, *GOOD], ["--tally", "a,b"], "four columns"),
        ([HEADER], [], "no patients"),
    ],
)
def test_bad_tables(tmp_path: Path, rows: list[str], extra: list[str], words: str) -> None:
    file = _write(tmp_path / "c.csv", rows)
    done = CliRunner().invoke(command, [str(file), "--time", "t", "--event", "e", *extra])
    assert isinstance(done.exception, CohortError)
    assert words in str(done.exception)
    assert done.stdout == ""


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([0.0, 0.1, 0.4]))
@settings(max_examples=40, deadline=None, derandomize=True)
@pytest.mark.filterwarnings("error")
def test_tiny_cohorts_give_numbers_or_words(seed: int, n: int, least: float) -> None:
    """A handful of patients, ties everywhere: no warning, no NaN in the JSON, or one sentence."""
    rng = np.random.default_rng(seed)
    time, event = rng.integers(0, 4, n).astype(float), rng.integers(0, 2, n)
    tallies = rng.integers(0, 3, (n, 4)) * rng.integers(0, 2, (n, 1))
    try:
        found = evaluate(time, event, tallies, samples=20, permutations=99, step=25, least=least)
    except CohortError as why:
        assert str(why).endswith(".")
    else:
        json.dumps(found.to_json(), allow_nan=False)
