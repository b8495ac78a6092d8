"""The messages of group 64, the reader's own, as `smp` declares those of the standard groups.

Field by field what docs/architecture.md says. Answers may have more fields than this version knows.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from smp import error, header, message

from host.device.errors import ReaderCode

GROUP = 64


@unique
class Command(IntEnum):
    """Commands of group 64."""

    STATUS = 0
    START = 1
    ABORT = 2
    RESULTS = 3
    RECORD = 4
    ACKNOWLEDGE = 5
    SCREEN = 6
    SELFTEST = 7
    BOOTLOADER = 8
    SETTINGS = 9
    SETTINGS_WRITE = 10


class ReaderErrorV1(error.ErrorV1):
    """An error as version 1 of the protocol has it, or a general one."""

    _GROUP_ID = GROUP


class ReaderErrorV2(error.ErrorV2[ReaderCode]):
    """An error of group 64."""

    _GROUP_ID = GROUP


class _Read(message.ReadRequest):
    _GROUP_ID = GROUP
    _ErrorV1: ClassVar = ReaderErrorV1
    _ErrorV2: ClassVar = ReaderErrorV2


class _Write(message.WriteRequest):
    _GROUP_ID = GROUP
    _ErrorV1: ClassVar = ReaderErrorV1
    _ErrorV2: ClassVar = ReaderErrorV2


class _ReadAnswer(message.ReadResponse):
    model_config = ConfigDict(extra="ignore", frozen=True)
    _GROUP_ID = GROUP


class _WriteAnswer(message.WriteResponse):
    model_config = ConfigDict(extra="ignore", frozen=True)
    _GROUP_ID = GROUP


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class StatusReadResponse(_ReadAnswer):
    """What the reader is doing."""

    _COMMAND_ID = Command.STATUS
    state: str
    """`ready`, `running`, `result`, `lid open` or `fault`."""
    step: str = ""
    field: int = 0
    fields: int = 0
    channel: str = ""
    percent: int = 0
    sample: str = ""
    kept: int
    """Records not yet acknowledged."""
    last: int
    """Newest sequence, 0 when there is none."""
    fault: str = ""
    mode: str = ""
    lid: str = ""
    ms: int = 0
    """Device time since boot."""
    boot_ms: int = 0
    free: int = 0
    largest: int = 0
    frame_bytes: int = -1
    """Heap taken in the frames of the last run; -1 when the reader does not say."""
    frame_ms: int = 0
    """Longest time the frames of one field took in the last run."""


class StatusRead(_Read):
    """Ask what the reader is doing."""

    _COMMAND_ID = Command.STATUS
    _Response: ClassVar = StatusReadResponse


class StartWriteResponse(_WriteAnswer):
    """The run has begun."""

    _COMMAND_ID = Command.START
    seq: int


class StartWrite(_Write):
    """Start a run."""

    _COMMAND_ID = Command.START
    _Response: ClassVar = StartWriteResponse
    sample: str
    kind: str
    fields: int | None = None
    operator: str | None = None
    rule: str | None = None
    crops: str | None = None
    """`all` (the reader's default) or `some`: which CTCs have a crop."""


class AbortWriteResponse(_WriteAnswer):
    """The run is being stopped."""

    _COMMAND_ID = Command.ABORT


class AbortWrite(_Write):
    """Stop the run."""

    _COMMAND_ID = Command.ABORT
    _Response: ClassVar = AbortWriteResponse


class Kept(_Part):
    """One record that the reader keeps."""

    seq: int
    len: int
    sha: bytes


class ResultsReadResponse(_ReadAnswer):
    """Records not yet acknowledged, oldest first."""

    _COMMAND_ID = Command.RESULTS
    results: list[Kept]


class ResultsRead(_Read):
    """Ask for the records behind `after`."""

    _COMMAND_ID = Command.RESULTS
    _Response: ClassVar = ResultsReadResponse
    after: int = 0


class RecordReadResponse(_ReadAnswer):
    """A piece of a record."""

    _COMMAND_ID = Command.RECORD
    seq: int
    off: int
    len: int
    data: bytes


class RecordRead(_Read):
    """Ask for the piece of a record that begins at `off`."""

    _COMMAND_ID = Command.RECORD
    _Response: ClassVar = RecordReadResponse
    seq: int
    off: int


class AcknowledgeWriteResponse(_WriteAnswer):
    """The reader has dropped the record."""

    _COMMAND_ID = Command.ACKNOWLEDGE


class AcknowledgeWrite(_Write):
    """Tell that the host has the record with this SHA-256 safely."""

    _COMMAND_ID = Command.ACKNOWLEDGE
    _Response: ClassVar = AcknowledgeWriteResponse
    seq: int
    sha: bytes


class ScreenReadResponse(_ReadAnswer):
    """A piece of the picture: 4 bits a pixel, high nibble first, in a palette of 16 RGB888 colours."""

    _COMMAND_ID = Command.SCREEN
    width: int
    height: int
    palette: bytes
    off: int
    len: int
    data: bytes


class ScreenRead(_Read):
    """Ask for the piece of the picture that begins at `off`."""

    _COMMAND_ID = Command.SCREEN
    _Response: ClassVar = ScreenReadResponse
    off: int = 0


class Check(_Part):
    """One check of the self-test."""

    name: str
    ok: bool
    value: float | int | str | None = None
    limit: float | int | str | None = None


class SelftestWriteResponse(_WriteAnswer):
    """The self-test's outcome."""

    _COMMAND_ID = Command.SELFTEST
    passed: bool
    checks: list[Check]


class SelftestWrite(_Write):
    """Run the self-test."""

    _COMMAND_ID = Command.SELFTEST
    _Response: ClassVar = SelftestWriteResponse


class BootloaderWriteResponse(_WriteAnswer):
    """The reader is about to restart into its boot drive."""

    _COMMAND_ID = Command.BOOTLOADER


class BootloaderWrite(_Write):
    """Restart into the boot drive."""

    _COMMAND_ID = Command.BOOTLOADER
    _Response: ClassVar = BootloaderWriteResponse


class SettingsReadResponse(_ReadAnswer):
    """The settings in use: their ids and a piece of them (none for the built-in ones)."""

    _COMMAND_ID = Command.SETTINGS
    gate_set: str
    calibration: str
    cutoffs: str
    provisional: bool
    sha: bytes
    """SHA-256 of the packed settings, empty for the built-in ones."""
    fault: str
    """Why they cannot be used, or ""."""
    off: int
    len: int
    data: bytes


class SettingsRead(_Read):
    """Ask for the settings, from ``off`` on."""

    _COMMAND_ID = Command.SETTINGS
    _Response: ClassVar = SettingsReadResponse
    off: int = 0


class SettingsPieceWriteResponse(_WriteAnswer):
    """How much of the new settings has arrived (``off``), or that they are kept and used."""

    _COMMAND_ID = Command.SETTINGS_WRITE
    off: int | None = None


class SettingsPieceWrite(_Write):
    """A piece of new settings; the one at 0 begins them anew."""

    _COMMAND_ID = Command.SETTINGS_WRITE
    _Response: ClassVar = SettingsPieceWriteResponse
    off: int
    data: bytes


class SettingsCommitWrite(_Write):
    """Keep and use the settings that arrived, if their SHA-256 fits; length 0: the built-in ones."""

    _COMMAND_ID = Command.SETTINGS_WRITE
    _Response: ClassVar = SettingsPieceWriteResponse
    len: int
    sha: bytes


def header_of(frame: bytes) -> header.Header:
    """Return the header of a frame; ValueError when it is none."""
    return header.Header.loads(frame[: header.Header.SIZE])
