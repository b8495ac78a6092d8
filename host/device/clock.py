"""A reader's clock, set to this machine's where it is wrong: results carry the reader's time, UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from host.device.errors import ReaderRefused
from host.device.link import Link

TOLERANCE_S = 5.0
"""A DS3231 drifts by 2 ppm at most (data sheet): a minute a year. What is further off was never set, or set
wrongly."""


def synchronise(link: Link) -> str | None:
    """Set the reader's clock if it was never set or is off by more than TOLERANCE_S.

    Returns:
        A sentence about what was wrong, or None: nothing was. A clock that cannot be set is left alone: the
        run's own self-test says so.
    """
    before = datetime.now(UTC)
    try:
        shown = datetime.fromisoformat(link.clock())
        after = datetime.now(UTC)
        if shown.tzinfo is None:
            shown = shown.replace(tzinfo=UTC)
        slow, fast = (before - shown).total_seconds(), (shown - after).total_seconds()
        if max(slow, fast) <= TOLERANCE_S:
            return None
        wrong = f"{_span(slow)} slow" if slow > fast else f"{_span(fast)} fast"
    except ReaderRefused:
        wrong = "not set"
    except ValueError:
        wrong = "unreadable"
    now = datetime.now(UTC)
    try:
        link.set_clock(f"{now:%Y-%m-%dT%H:%M:%S}")
    except ReaderRefused:
        return None
    return f"The reader's clock was {wrong}; it is set to this computer's time, {now:%Y-%m-%d %H:%M:%S} UTC."


def _span(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
