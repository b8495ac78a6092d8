"""The one error that the firmware tools report: a sentence for the person at the keyboard."""

from __future__ import annotations


class BuildError(Exception):
    """What is wrong with the build and what to do, in one sentence."""
