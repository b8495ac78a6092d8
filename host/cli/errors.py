"""One small exit code per kind of failure. This table is the only place; docs/exit-codes.md is checked
against it.

A failure is an exception of the library whose text is one sentence. Classes are named, not imported: `host
--help` needs none of them, and a test proves that each exists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of failure: its exit code, its key, what it is, and the exceptions that are of this kind."""

    code: int
    key: str
    name: str
    classes: tuple[str, ...] = ()


_DEVICE, _FLASH, _RESULTS = "host.device.errors.", "host.flash.errors.", "host.results.errors."

KINDS = (
    Kind(0, "done", "done"),
    Kind(1, "fault", "a fault in this program: please report it"),
    Kind(2, "usage", "wrong use of the command"),
    Kind(3, "no_reader", "no reader in sight, or not the one named", (_DEVICE + "NoReader",)),
    Kind(4, "several", "several readers in sight and none chosen", (_DEVICE + "SeveralReaders",)),
    Kind(5, "port", "the port cannot be opened", (_DEVICE + "PortUnusable",)),
    Kind(6, "silent", "the reader does not answer", (_DEVICE + "ReaderSilent",)),
    Kind(7, "lost", "the reader was unplugged or restarted in the middle", (_DEVICE + "PortLost",)),
    Kind(8, "refused", "the reader refused", (_DEVICE + "ReaderRefused",)),
    Kind(9, "answer", "the reader's answer is not understood", (_DEVICE + "AnswerUnknown",)),
    Kind(10, "timeout", "not done within the time given", (_DEVICE + "TookTooLong",)),
    Kind(11, "no_image", "no such image file", (_FLASH + "ImageMissing",)),
    Kind(12, "bad_image", "the image is no UF2, or damaged", (_FLASH + "ImageDamaged",)),
    Kind(13, "foreign_image", "the image is for another chip or place", (_FLASH + "ImageForeign",)),
    Kind(14, "no_drive", "the boot drive did not appear", (_FLASH + "DriveMissing",)),
    Kind(15, "not_flashed", "flashed, but the reader does not run it", (_FLASH + "FlashFailed",)),
    Kind(
        16,
        "bad_record",
        "a result record is damaged or missing",
        (_RESULTS + "RecordError", _DEVICE + "TransferFailed", "host.device.run.RunLost"),
    ),
    Kind(17, "store", "the results file cannot be used", (_RESULTS + "StoreError", _RESULTS + "ResultError")),
    Kind(18, "conflict", "another record is stored under the same number", (_RESULTS + "ResultConflict",)),
    Kind(19, "no_result", "no such result is stored", (_RESULTS + "ResultNotFound",)),
    Kind(20, "ambiguous", "several readers have a result of that number", (_RESULTS + "AmbiguousResult",)),
    Kind(
        21,
        "specimen",
        "the specimen or its frames cannot be used",
        ("host.specimen.errors.SpecimenError", "host.rescore.errors.FramesError"),
    ),
    Kind(22, "bench", "the bench cannot do that", ("host.bench.registry.BenchError",)),
    Kind(23, "selftest", "the self-test found a fault"),
    Kind(24, "file", "a file cannot be read or written", ("builtins.OSError",)),
    Kind(25, "cohort", "the cohort's table cannot be used", ("host.stats.errors.CohortError",)),
    Kind(26, "paper", "a number of the study is not what it is declared to be"),
    Kind(
        27,
        "settings",
        "a settings file, bead lot or set of frames cannot be used",
        ("host.settings.errors.SettingsError", "host.calibration.errors.CalibrationError"),
    ),
    Kind(28, "calibration", "the calibration is refused", ("host.calibration.errors.CalibrationRefused",)),
    Kind(29, "no_crops", "the result has no crops", (_RESULTS + "CropsMissing",)),
    Kind(130, "interrupted", "interrupted"),
)

FAULT = 1
USAGE = 2
INTERRUPTED = 130

_CODES = {name: kind.code for kind in KINDS for name in kind.classes}
_KEYS = {kind.key: kind.code for kind in KINDS}


class Failure(Exception):
    """A failure that only a command knows of: its kind by key, and the sentence for the user."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.code = _KEYS[key]


def code_of(why: BaseException) -> int | None:
    """Return the exit code of an exception, or None when it is a fault of ours."""
    if isinstance(why, Failure):
        return why.code
    for kind in type(why).__mro__:
        code = _CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return code
    return None


def sentence(why: BaseException) -> str:
    """Return what to tell the user, on one line."""
    if isinstance(why, OSError) and why.strerror:
        where = why.filename or "A file"
        return f"{where}: {why.strerror.lower()}; choose another place or check the permissions."
    return " ".join(str(why).split()) or type(why).__name__
