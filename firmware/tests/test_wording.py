"""Figures on the display, and times."""

import pytest
from reader.wording import counted, from_iso, interval, iso, lines, packed, share

from host import core


def shared(part: int, whole: int, rule: str = core.RULE) -> str:
    return share(*core.share(core.counts_of((whole - part, 0, 0, part)), rule))


def test_share_is_cut_off_not_rounded() -> None:
    assert shared(10, 23) == "43.4 %"  # 43.478
    assert shared(0, 5) == "0.0 %"
    assert shared(5, 5) == "100 %"
    assert shared(9999, 10000) == "99.9 %"
    assert shared(0, 0) == "-"


@pytest.mark.parametrize("rule", core.RULES)
def test_share_stays_on_its_side_of_the_rule(rule: str) -> None:
    _, at_least, permille, _ = core.rule(rule)
    for whole in range(1, 1100, 3):
        for part in range(whole + 1):
            text = shared(part, whole, rule)
            positive = core.decide(core.counts_of((whole - part, 0, 0, part)), rule) == core.POSITIVE
            value = float(text.lstrip(">").split()[0])
            above = value >= permille / 10 if at_least else value > permille / 10 or text.startswith(">")
            assert above == positive, (part, whole, text)


def test_what_counts() -> None:
    assert [counted(rule) for rule in core.RULES] == ["3+", ">=1+", "3+"]


def test_interval_is_rounded_outwards() -> None:
    assert interval(*core.interval(10, 23), core.RULE) == "95% 23-66 %"
    assert interval(0, 10000, core.RULE) == "95% 0-100 %"


def test_interval_holds_the_cut_off_only_when_it_does() -> None:
    """Rounded to whole per cent, 30.01 or 29.99 would read as 30."""
    assert interval(3001, 6000, core.RULE) == "95% 30.01-60.00 %"
    assert interval(3010, 6000, core.RULE) == "95% 30.1-60.0 %"
    assert interval(3000, 6000, core.RULE) == "95% 30-60 %"
    assert interval(1000, 2999, core.RULE) == "95% 10.00-29.99 %"
    assert interval(1000, 2989, core.RULE) == "95% 10.0-29.9 %"
    assert interval(1000, 2900, core.RULE) == "95% 10-29 %"
    assert interval(5001, 6000, core.RULES[1]) == "95% 50.01-60.00 %"
    assert interval(1, 6000, core.RULES[2]) == "95% 0-60 %"


def test_flags_are_packed_whole() -> None:
    assert packed(["LOW COUNT", "UNCERTAIN", "BORDERLINE", "PROVISIONAL"], 20, 3) == [
        "LOW COUNT, UNCERTAIN",
        "BORDERLINE",
        "PROVISIONAL",
    ]
    assert packed([], 20, 3) == []
    assert packed(["LED dapi", "PROVISIONAL"], 20, 3) == ["LED dapi", "PROVISIONAL"]
    assert packed(["FIRST", "SECOND", "THIRD"], 8, 2) == ["FIRST", "SECOND.."]


def test_lines_break_at_spaces_and_mark_what_is_lost() -> None:
    assert lines("LED dapi, PROVISIONAL", 20, 2) == ["LED dapi,", "PROVISIONAL"]
    assert lines("x" * 32, 20, 2) == ["x" * 20, "x" * 12]
    assert lines("one two three", 3, 2) == ["one", "t.."] or lines("one two three", 5, 1) == ["one.."]
    assert lines("", 20, 2) == []


def test_iso_there_and_back() -> None:
    assert iso((2026, 3, 1, 9, 30, 5)) == "2026-03-01T09:30:05Z"
    assert iso(None) is None
    for text in ("2026-03-01T09:30:05Z", "2026-03-01T09:30:05", "2026-03-01T09:30:05.250000+00:00"):
        assert from_iso(text) == (2026, 3, 1, 9, 30, 5)


@pytest.mark.parametrize(
    "text", ["", "2026-03-01", "2026-03-01T09:30:05+02:00", "2026-03-01T09:30:xx", "x" * 19]
)
def test_iso_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        from_iso(text)
