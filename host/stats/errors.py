"""What a user can get wrong in a cohort; each message is one sentence: what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CohortError(Exception):
    """The data or the question asked of them cannot give an answer."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean "x"?)`` for the known name closest to ``name``, or an empty text."""
    names = list(known)
    folded = {other.casefold(): other for other in names}
    if (same := folded.get(name.casefold())) is not None:
        return f' (did you mean "{same}"?)'
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f' (did you mean "{folded[close[0]]}"?)' if close else ""
