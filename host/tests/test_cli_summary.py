"""What `host run` prints: a share never looks as if it had reached the rule's cut-off when it has not."""

from __future__ import annotations

import pytest

from host import core
from host.cli.summary import describe
from host.results import Record
from host.results.text import interval, rule_in_words, share
from host.tests.results_builder import CELL, RULE, SIGNAL, record


@pytest.mark.parametrize(
    "part, whole, rule, text",
    [
        (0, 0, RULE, "-"),
        (3, 10, RULE, "3/10 30.0 %"),
        (2999, 10000, RULE, "2999/10000 29.9 %"),
        (3001, 10000, RULE, "3001/10000 >30.0 %"),
        (5, 12, RULE, "5/12 41.6 %"),
        (7, 7, RULE, "7/7 100 %"),
        (9999, 10000, RULE, "9999/10000 99.9 %"),
        (4999, 10000, SIGNAL, "4999/10000 49.9 %"),
        (5000, 10000, SIGNAL, "5000/10000 50.0 %"),
        (1, 5000, CELL, "1/5000 >0.0 %"),
        (0, 5000, CELL, "0/5000 0.0 %"),
    ],
)
def test_share(part: int, whole: int, rule: str, text: str) -> None:
    assert share([whole - part, 0, 0, part], rule) == text


def test_rules_in_words() -> None:
    assert [rule_in_words(rule) for rule in core.RULES] == [
        "more than 30 % of the CTCs at 3+",
        "at least 50 % of the CTCs at 1+ or more",
        "at least 1 CTC at 3+",
    ]


def test_interval() -> None:
    assert interval(0.2319, 0.6551) == "95 % interval 23.19 to 65.51 %"
    assert interval(0.0, 1.0) == "95 % interval 0.00 to 100.00 %"


def test_another_rule_than_the_studys_stands_beside_the_status() -> None:
    study, signal = (describe(Record.decode(record(rule=rule)).summary()) for rule in (RULE, SIGNAL))
    assert study.splitlines()[0] == "CTC HER2 POSITIVE"
    assert signal.splitlines()[0] == "CTC HER2 POSITIVE by her2-signal-ge-50pct"
    assert "3+: 2/5 40.0 %   95 % interval 5.27 to 85.34 %" in study
    assert "1+ or more: 4/5 80.0 %" in signal
    assert "flags: LOW COUNT, UNCERTAIN, PROVISIONAL" in study


def test_without_ctcs_there_is_no_share() -> None:
    text = describe(Record.decode(record([])).summary())
    assert "NO CTC" in text and "interval" not in text
