"""The one error of specimens."""

from __future__ import annotations


class SpecimenError(ValueError):
    """A specimen cannot be made: one sentence that says what is wrong and what to do."""
