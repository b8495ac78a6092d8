"""The one error of frames on disk."""

from __future__ import annotations


class FramesError(ValueError):
    """Frames cannot be used: one sentence that says what is wrong and what to do."""
