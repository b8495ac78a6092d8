"""The result page with the longest words and numbers: nothing is clipped, nothing lies on anything else."""

from __future__ import annotations

import sys
import types
from array import array
from itertools import combinations
from typing import Any

import pytest

from host import core

sys.modules.setdefault("framebuf", types.ModuleType("framebuf"))  # reader.display needs it only to draw
from reader import pages  # noqa: E402
from reader.display import GLYPH, HEIGHT, WIDTH  # noqa: E402
from reader.results.record import Job, Outcome  # noqa: E402

Box = tuple[int, int, int, int]


class Paper:
    """A display that remembers where the words are; boxes are background."""

    def __init__(self) -> None:
        self.words: list[tuple[str, Box]] = []

    def text(self, text: str, x: int, y: int, colour: int = 1, scale: int = 1) -> None:
        self.words.append((text, (x, y, x + len(text) * GLYPH * scale, y + GLYPH * scale)))

    def centred(self, text: str, y: int, colour: int = 1, scale: int = 1) -> None:
        self.text(text, (WIDTH - len(text) * GLYPH * scale) // 2, y, colour, scale)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def drawn(status: str, scores: tuple[int, int, int, int], rule: str, flags: list[str]) -> list[str]:
    """Draw the page, check its layout, and return its words."""
    job = Job("S" * 32, "patient", 16, "", None, 1, rule)
    job.sequence = 2**32 - 1
    paper = Paper()
    outcome = Outcome(rule, core.counts_of(scores), status, flags, None)
    pages.result(paper, job, outcome)  # type: ignore[arg-type]
    for text, (left, top, right, bottom) in paper.words:
        assert left >= 0 and right <= WIDTH and top >= 0 and bottom <= HEIGHT, text
    for (one, a), (other, b) in combinations(paper.words, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one, other)
    return [text for text, _ in paper.words]


@pytest.mark.parametrize("rule", core.RULES)
@pytest.mark.parametrize(
    "scores", [(1024, 1024, 1024, 1024), (0, 0, 0, 4096), (2867, 0, 0, 1229), (0, 1, 2, 3)]
)
@pytest.mark.parametrize("status", ["POSITIVE", "NEGATIVE"])
def test_the_longest_result_fits(status: str, scores: tuple[int, int, int, int], rule: str) -> None:
    flags = ["LOW COUNT", "UNCERTAIN", "BORDERLINE", "PROVISIONAL"]
    words = drawn(status, scores, rule, flags)
    assert ", ".join(words[-4:-1]) == ", ".join(flags)
    assert status in words and "RESEARCH USE ONLY" in words
    assert (rule in words) == (rule != core.RULE)
    assert any(f"/{sum(scores)} " in text and "%" in text for text in words)
    assert any(text.startswith("95% ") for text in words)


def test_no_share_is_shown_where_there_is_none() -> None:
    for status, flags in (("NO CTC", ["LOW COUNT"]), ("INVALID", ["LED dapi", "POWER LOST"])):
        words = drawn(status, (0, 0, 0, 0), core.RULE, [*flags, "PROVISIONAL"])
        assert not [text for text in words if "%" in text]


def test_the_counts_of_an_outcome_are_its_own() -> None:
    counts = array("I", range(13))
    outcome = Outcome(core.RULE, counts, "INVALID", [], "a fault")
    counts[3] = 99
    assert (outcome.tally, outcome.rejected) == ([0, 1, 2, 3], 4)
    assert (outcome.tally_low, outcome.tally_high) == ([5, 6, 7, 8], [9, 10, 11, 12])
