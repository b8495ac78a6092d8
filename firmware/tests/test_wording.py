"""Figures on the display, and times."""

import pytest
from reader.wording import from_iso, iso, lines, share


def test_share_is_cut_off_not_rounded() -> None:
    assert share(10, 23) == "43.4 %"  # 43.478
    assert share(0, 5) == "0.0 %"
    assert share(5, 5) == "100.0 %"
    assert share(0, 0) == "-"


def test_share_stays_on_its_side_of_the_rule() -> None:
    for whole in range(1, 400):
        for part in range(whole + 1):
            text = share(part, whole)
            positive = 10 * part > 3 * whole
            value = float(text.lstrip(">").split()[0])
            assert (value > 30.0 or text.startswith(">")) == positive, (part, whole, text)


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
