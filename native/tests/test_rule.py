"""Tally, rules and flags: against a reference written from their wording, and at the edges of 32 bits."""

from __future__ import annotations

from array import array
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import core

STUDY, SIGNAL, CELL = core.RULES
COUNT = st.integers(0, 2**32 - 1)
REPEATABLE = settings(derandomize=True, deadline=None, max_examples=300)
FEW = st.tuples(*[st.integers(0, 14)] * 4)

Scores = tuple[int, int, int, int]


# The wording ----------------------------------------------------------------------------------------------


def status(scores: Scores, rule: str) -> int:
    """The study: more than 30 % of the CTCs at 3+. Pestrin: at least 50 % with any signal. Riethdorf and
    Ignatiadis: at least one CTC at 3+. Without a CTC none of them says anything."""
    ctcs = sum(scores)
    if ctcs == 0:
        return core.NO_CTC
    if rule == STUDY:
        positive = Fraction(scores[3], ctcs) > Fraction(30, 100)
    elif rule == SIGNAL:
        positive = Fraction(scores[1] + scores[2] + scores[3], ctcs) >= Fraction(1, 2)
    else:
        positive = scores[3] >= 1
    return core.POSITIVE if positive else core.NEGATIVE


def neighbours(scores: Scores) -> set[Scores]:
    """Every tally that differs by one CTC added, removed or scored otherwise."""
    found = set()
    for changes in product((-1, 0, 1), repeat=4):
        if sorted(changes) in ([0, 0, 0, 1], [-1, 0, 0, 0], [-1, 0, 0, 1]):
            zero, one, two, three = (count + change for count, change in zip(scores, changes, strict=True))
            found.add((zero, one, two, three))
    return {each for each in found if min(each) >= 0}


def part(scores: Scores, rule: str) -> int:
    return sum(scores) - scores[0] if rule == SIGNAL else scores[3]


def flags(scores: Scores, low: Scores, high: Scores, rule: str) -> int:
    found = 0
    here = status(scores, rule)
    if sum(scores) < 11 or any(status(each, rule) != here for each in neighbours(scores)):
        found |= core.LOW_COUNT
    if here == core.NO_CTC:
        return found
    if rule != CELL:
        bounds = core.interval(part(scores, rule), sum(scores))
        cut = 3000 if rule == STUDY else 5000
        if bounds[0] <= cut <= bounds[1]:
            found |= core.UNCERTAIN
    if {status(low, rule), status(high, rule)} != {here}:
        found |= core.BORDERLINE
    return found


# Rules ----------------------------------------------------------------------------------------------------


def test_the_rules_by_name() -> None:
    assert core.RULES == ("her2-3plus-gt-30pct", "her2-signal-ge-50pct", "her2-3plus-ge-1cell")
    assert core.RULES[0] == core.RULE
    assert [core.rule(name) for name in core.RULES] == [
        (3, False, 300, 0), (1, True, 500, 0), (3, False, 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "her2", STUDY + " ", STUDY[:-1], STUDY.upper()])
def test_another_name_is_no_rule(name: str) -> None:
    counts = core.counts_of((1, 0, 0, 0))
    for ask in (core.decide, core.flags, core.share):
        with pytest.raises(core.Error) as caught:
            ask(counts, name)
        assert caught.value.code == core.ERROR_ARGUMENT
    with pytest.raises(core.Error):
        core.rule(name)


@pytest.mark.parametrize("rule", core.RULES)
def test_every_small_tally(rule: str) -> None:
    for scores in product(range(12), range(3), range(4), range(12)):
        assert core.decide(core.counts_of(scores), rule) == status(scores, rule), scores


@pytest.mark.parametrize("rule", core.RULES)
@given(scores=st.tuples(COUNT, COUNT, COUNT, COUNT))
@REPEATABLE
def test_no_tally_overflows(rule: str, scores: Scores) -> None:
    counts = core.counts_of(scores)
    assert core.decide(counts, rule) == status(scores, rule)
    share = core.share(counts, rule)
    assert share[:2] == (part(scores, rule), sum(scores))
    assert share[2] == (1000 * share[0] // share[1] if share[1] else 0)


@given(st.integers(1, (2**32 - 1) // 10))
@REPEATABLE
def test_exactly_30_percent_is_negative(tenth: int) -> None:
    assert core.decide(core.counts_of((7 * tenth, 0, 0, 3 * tenth))) == core.NEGATIVE
    assert core.decide(core.counts_of((7 * tenth - 1, 0, 0, 3 * tenth))) == core.POSITIVE


@given(st.integers(1, 2**31 - 1), st.integers(0, 2))
@REPEATABLE
def test_exactly_half_with_signal_is_positive(half: int, where: int) -> None:
    scores = [half, 0, 0, 0]
    scores[1 + where] = half
    assert core.decide(core.counts_of(scores), SIGNAL) == core.POSITIVE
    scores[0] += 1
    assert core.decide(core.counts_of(scores), SIGNAL) == core.NEGATIVE


@pytest.mark.parametrize("rule", core.RULES)
def test_no_ctc_is_no_status(rule: str) -> None:
    counts = array("I", [0, 0, 0, 0, 99, *[0] * 8])
    assert core.decide(counts, rule) == core.NO_CTC
    assert core.flags(counts, rule) == core.LOW_COUNT
    assert core.share(counts, rule) == (0, 0, 0, False)


@pytest.mark.parametrize("rule", core.RULES)
def test_a_share_reads_as_what_it_is(rule: str) -> None:
    """What is written, `>` and the 1/1000 rounded down, is on the side of the cut-off where the status is."""
    cut = core.rule(rule)[2]
    for ctcs in range(1, 1300, 7):
        for counted in range(ctcs + 1):
            scores = (ctcs - counted, 0, 0, counted)
            _, _, permille, more = core.share(core.counts_of(scores), rule)
            above = more or permille > cut or (core.rule(rule)[1] and permille == cut)
            assert above == (status(scores, rule) == core.POSITIVE), scores
            assert not more or permille == cut


# Flags ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", core.RULES)
@given(scores=FEW, low=FEW, high=FEW)
@REPEATABLE
def test_flags_are_what_their_words_say(rule: str, scores: Scores, low: Scores, high: Scores) -> None:
    counts = core.counts_of(scores, low, high)
    assert core.flags(counts, rule) == flags(scores, low, high, rule)
    assert core.decide(counts, rule) == status(scores, rule)  # whatever the flags


@pytest.mark.parametrize("rule", core.RULES)
def test_low_count_for_every_small_tally(rule: str) -> None:
    for scores in product(range(0, 24, 3), range(3), range(2), range(12)):
        found = core.flags(core.counts_of(scores), rule)
        assert found == flags(scores, scores, scores, rule), scores


def test_eleven_cells_are_enough_when_none_decides() -> None:
    assert core.flags(core.counts_of((10, 0, 0, 0))) == core.LOW_COUNT | core.UNCERTAIN
    assert core.flags(core.counts_of((11, 0, 0, 0))) == 0
    assert core.flags(core.counts_of((0, 0, 0, 11))) == 0


def test_one_cell_decides_among_many() -> None:
    """300 of 1000 is not more than 30 %; one CTC more at 3+ is."""
    assert core.flags(core.counts_of((700, 0, 0, 300))) == core.LOW_COUNT | core.UNCERTAIN
    assert core.flags(core.counts_of((703, 0, 0, 297))) == core.UNCERTAIN
    assert core.flags(core.counts_of((800, 0, 0, 200))) == 0


def test_a_rule_for_cells_is_never_uncertain_and_low_when_one_cell_decides() -> None:
    assert core.flags(core.counts_of((2000, 0, 0, 0)), CELL) == core.LOW_COUNT
    assert core.flags(core.counts_of((2000, 0, 0, 1)), CELL) == core.LOW_COUNT
    assert core.flags(core.counts_of((2000, 0, 0, 2)), CELL) == 0


def test_borderline_cells_that_decide() -> None:
    scores, low, high = (60, 0, 0, 40), (60, 0, 20, 20), (40, 0, 0, 60)
    assert core.flags(core.counts_of(scores, scores, high)) & core.BORDERLINE == 0
    assert core.flags(core.counts_of(scores, low, high)) & core.BORDERLINE
    assert core.flags(core.counts_of(low, low, scores)) & core.BORDERLINE


def test_a_tally_beyond_the_interval_is_uncertain_not_sure() -> None:
    assert core.flags(core.counts_of((2**32 - 1, 0, 0, 0))) == core.UNCERTAIN


def test_flag_texts() -> None:
    assert [core.flag_text(n) for n in (core.LOW_COUNT, core.UNCERTAIN, core.BORDERLINE)] == [
        "LOW COUNT", "UNCERTAIN", "BORDERLINE",
    ]  # fmt: skip
    assert [core.flag_text(n) for n in (0, 3, 8, -1)] == [""] * 4


# Tally ----------------------------------------------------------------------------------------------------


def row(score: int, gate: int = 0) -> bytes:
    cell = np.zeros(1, core.CELL_DTYPE)
    cell["score"], cell["gate"] = score, gate
    cell["flags"] = core.FLAG_CTC if score <= 3 and gate == 0 else 0
    cell["range"] = score | score << 4 if score <= 3 else 255
    return cell.tobytes()


@given(st.lists(st.sampled_from([0, 1, 2, 3, 255]), max_size=60))
@REPEATABLE
def test_tally_counts_every_row(scores: list[int]) -> None:
    counts = array("I", [5] * core.TALLY_COUNTS)
    rows = b"".join(row(score, 0 if score <= 3 else 4) for score in scores)
    core.tally(rows, len(scores), counts)
    by_score = [5 + scores.count(score) for score in range(4)]
    assert list(counts) == [*by_score, 5 + scores.count(255), *by_score, *by_score]


@pytest.mark.parametrize(
    "damaged",
    [row(4), row(255, 0), row(2, 3), row(255, 200), row(0)[:1] + b"\0" + row(0)[2:]],
    ids=["score 4", "no CTC, no gate", "scored but rejected", "no such gate", "scored but no CTC"],
)
def test_damaged_rows_are_refused_and_change_nothing(damaged: bytes) -> None:
    before = list(range(core.TALLY_COUNTS))
    counts = array("I", before)
    with pytest.raises(core.Error) as caught:
        core.tally(row(1) + damaged, 2, counts)
    assert caught.value.code == core.ERROR_ROW
    assert list(counts) == before


@pytest.mark.parametrize("full", [3, core.TALLY_LOW + 3, core.TALLY_HIGH + 3])
def test_full_counter_is_an_error_and_changes_nothing(full: int) -> None:
    counts = core.new_counts()
    counts[full] = 2**32 - 2
    core.tally(row(3), 1, counts)
    before = list(counts)
    assert before[full] == 2**32 - 1
    with pytest.raises(core.Error) as caught:
        core.tally(row(1) + row(3), 2, counts)
    assert caught.value.code == core.ERROR_COUNT
    assert list(counts) == before
