"""One checked number of the study."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MATCH = "match"
DISCREPANCY = "known discrepancy"
BOUND = "bound"
NOT_RECOMPUTABLE = "not recomputable"
MISMATCH = "mismatch"
"""Never declared: what a row becomes when the recomputation does not say what the row declares."""

CLASSES = (MATCH, DISCREPANCY, BOUND, NOT_RECOMPUTABLE)


@dataclass(frozen=True)
class Row:
    """One number of the study, and what became of it.

    Attributes:
        section: where in the study it stands.
        item: what it is.
        printed: the text as printed.
        recomputed: the value in full precision, a sentence where it is a range, None if there is none.
        method: how it was recomputed, and from what.
        outcome: the class the computation gives.
        declared: the class this row must have.
        remark: what a reader needs to know; for a discrepancy the explanation.
        details: further numbers in full precision.
    """

    section: str
    item: str
    printed: str
    recomputed: float | int | str | None
    method: str
    outcome: str
    declared: str = MATCH
    remark: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def as_declared(self) -> bool:
        return self.outcome == self.declared

    def to_json(self) -> dict[str, Any]:
        return {
            "section": self.section,
            "item": self.item,
            "printed": self.printed,
            "recomputed": self.recomputed,
            "method": self.method,
            "class": self.outcome,
            "declared": self.declared,
            "remark": self.remark,
            "details": self.details,
        }


def match_if(condition: bool) -> str:
    return MATCH if condition else MISMATCH


def bound_if(condition: bool) -> str:
    return BOUND if condition else MISMATCH


def discrepancy_if(condition: bool) -> str:
    """A known discrepancy only if its explanation holds: ``condition`` tests the explanation."""
    return DISCREPANCY if condition else MISMATCH
