"""Tally, rule and gates: against Python's integers, for every small tally and at the edges of 32 bits."""

from __future__ import annotations

from array import array
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host import core

COUNT = st.integers(0, 2**32 - 1)


def rule(counts: tuple[int, ...]) -> int:
    ctcs = sum(counts[:4])
    if ctcs == 0:
        return core.NO_CTC
    return core.POSITIVE if 10 * counts[3] > 3 * ctcs else core.NEGATIVE


def decide(counts: tuple[int, ...]) -> int:
    return core.decide(array("I", counts))


def test_every_small_tally() -> None:
    for counts in product(range(12), range(3), range(4), range(12), (0, 5)):
        assert decide(counts) == rule(counts), counts


@given(st.tuples(COUNT, COUNT, COUNT, COUNT, COUNT))
def test_no_tally_overflows(counts: tuple[int, ...]) -> None:
    assert decide(counts) == rule(counts)


@given(st.integers(1, (2**32 - 1) // 10))
def test_exactly_30_percent_is_negative(tenth: int) -> None:
    assert decide((7 * tenth, 0, 0, 3 * tenth, 0)) == core.NEGATIVE
    assert decide((7 * tenth - 1, 0, 0, 3 * tenth, 0)) == core.POSITIVE


def row(score: int, gate: int = 0) -> bytes:
    cell = np.zeros(1, core.CELL_DTYPE)
    cell["score"], cell["gate"] = score, gate
    cell["flags"] = core.FLAG_CTC if score <= 3 and gate == 0 else 0
    return cell.tobytes()


@given(st.lists(st.sampled_from([0, 1, 2, 3, 255]), max_size=60))
def test_tally_counts_every_row(scores: list[int]) -> None:
    counts = array("I", [5] * 5)
    rows = b"".join(row(score, 0 if score <= 3 else 4) for score in scores)
    core.tally(rows, len(scores), counts)
    assert list(counts) == [5 + scores.count(score) for score in (0, 1, 2, 3, 255)]


@pytest.mark.parametrize(
    "damaged",
    [row(4), row(255, 0), row(2, 3), row(255, 8), row(0)[:1] + b"\0" + row(0)[2:]],
    ids=["score 4", "no CTC, no gate", "scored but rejected", "no such gate", "scored but no CTC"],
)
def test_damaged_rows_are_refused_and_change_nothing(damaged: bytes) -> None:
    counts = array("I", [1, 2, 3, 4, 5])
    with pytest.raises(core.Error) as caught:
        core.tally(row(1) + damaged, 2, counts)
    assert caught.value.code == core.ERROR_ROW
    assert list(counts) == [1, 2, 3, 4, 5]


def test_full_counter_is_an_error_and_changes_nothing() -> None:
    counts = array("I", [0, 0, 0, 2**32 - 2, 0])
    core.tally(row(3), 1, counts)
    with pytest.raises(core.Error) as caught:
        core.tally(row(1) + row(3), 2, counts)
    assert caught.value.code == core.ERROR_COUNT
    assert list(counts) == [0, 0, 0, 2**32 - 1, 0]
