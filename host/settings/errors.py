"""What can go wrong with settings; each message is one sentence: what is wrong, what to do."""

from __future__ import annotations


class SettingsError(Exception):
    """A settings file, or a value in it, that cannot be used."""
