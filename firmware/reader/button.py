"""Debouncing, without a pin: levels in, presses out."""

from micropython import const

_TICKS_MASK = const(0x3FFFFFFF)  # time.ticks_ms wraps here


class Debounced:
    """A contact counts as what it has been for `settle_ms` on end."""

    def __init__(self, active: bool, settle_ms: int) -> None:
        self.active = active
        self._settle_ms = settle_ms
        self._since: "int | None" = None

    def poll(self, level: bool, now: int) -> bool:
        """Take the contact's level at `now` (``ticks_ms``); return True once for each change to active."""
        if level == self.active:
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if ((now - self._since) & _TICKS_MASK) < self._settle_ms:
            return False
        self.active = level
        self._since = None
        return level
