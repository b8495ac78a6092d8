"""What `host run` prints: a share never looks as if it had reached the rule's cut-off when it has not."""

from __future__ import annotations

import pytest

from host.cli.summary import share


@pytest.mark.parametrize(
    "part, whole, text",
    [
        (0, 0, "-"),
        (3, 10, "3/10 30.0 %"),
        (2999, 10000, "2999/10000 29.9 %"),
        (3001, 10000, "3001/10000 >30.0 %"),
        (5, 12, "5/12 41.6 %"),
        (7, 7, "7/7 100.0 %"),
    ],
)
def test_share(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text
