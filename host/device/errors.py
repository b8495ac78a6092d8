"""What can go wrong between the host and a reader; each text is one sentence: what is wrong, what to do."""

from __future__ import annotations

from enum import IntEnum


class DeviceError(Exception):
    """Any of them."""


class NoReader(DeviceError):
    """No reader in sight, or not the one that was named."""


class SeveralReaders(DeviceError):
    """More than one reader in sight and no choice made."""


class PortUnusable(DeviceError):
    """The port is there and cannot be opened: somebody else has it, or access is denied."""


class PortLost(DeviceError):
    """The port disappeared while it was in use."""


class ReaderSilent(DeviceError):
    """The reader does not answer."""


class AnswerUnknown(DeviceError):
    """The reader answered something that this version does not understand."""


class TookTooLong(DeviceError):
    """The deadline of the whole command has passed."""


class TransferFailed(DeviceError):
    """A record did not arrive as the reader described it."""


class ReaderCode(IntEnum):
    """Codes of group 64 (docs/architecture.md)."""

    UNKNOWN = 1
    BUSY = 2
    LID_OPEN = 3
    BAD_VALUE = 4
    NO_SUCH_RESULT = 5
    HASH_DIFFERS = 6
    STORAGE = 7
    NOT_RUNNING = 8
    SETTINGS_REFUSED = 9
    SETTINGS_DAMAGED = 10


_SAID = {
    ReaderCode.UNKNOWN: "reports an internal fault; reset it with 'host reset' and try again",
    ReaderCode.BUSY: "is busy with a run; wait for its end, or stop it with 'host abort'",
    ReaderCode.LID_OPEN: "has its lid open; close it and try again",
    ReaderCode.BAD_VALUE: "does not take one of these values; see the command's --help for their limits",
    ReaderCode.NO_SUCH_RESULT: "has no such result; 'host pull' fetches those it has",
    ReaderCode.HASH_DIFFERS: "has another record under this number and keeps it; pull again",
    ReaderCode.STORAGE: "cannot use its result log; pull what is in it, then run 'host selftest'",
    ReaderCode.SETTINGS_REFUSED: "does not take these settings: its firmware is of another version; "
    "flash it with 'host flash' and send them again",
    ReaderCode.SETTINGS_DAMAGED: "has damaged settings and runs nothing with them; send them again with "
    "'host settings send', or go back to the built-in ones with 'host settings reset'",
    ReaderCode.NOT_RUNNING: "is not running, so there is nothing to stop",
}


class ReaderRefused(DeviceError):
    """The reader understood and said no.

    `code` is its reason in group 64, or None where another group or a general MCUmgr code said no.
    """

    def __init__(self, code: ReaderCode | None, text: str = "") -> None:
        said = _SAID[code] if code is not None else f"refuses: {text}"
        super().__init__(f"The reader {said}.")
        self.code = code
