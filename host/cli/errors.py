"""One small exit code per kind of failure. This table is the only place; docs/exit-codes.md is checked
against it.

A failure is an exception of the library whose text is one sentence. Classes are named, not imported: `host
--help` needs none of them, and a test proves that each exists.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of failure: its exit code, its name, the exceptions that are of this kind."""

    code: int
    name: str
    classes: tuple[str, ...] = ()


KINDS = (
    Kind(0, "done"),
    Kind(1, "a fault in this program: please report it"),
    Kind(2, "wrong use of the command"),
    Kind(3, "no reader in sight, or not the one named", ("host.device.errors.NoReader",)),
    Kind(4, "several readers in sight and none chosen", ("host.device.errors.SeveralReaders",)),
    Kind(5, "the port cannot be opened", ("host.device.errors.PortUnusable",)),
    Kind(6, "the reader does not answer", ("host.device.errors.ReaderSilent",)),
    Kind(7, "the reader was unplugged or restarted in the middle", ("host.device.errors.PortLost",)),
    Kind(8, "the reader refused", ("host.device.errors.ReaderRefused",)),
    Kind(9, "the reader's answer is not understood", ("host.device.errors.AnswerUnknown",)),
    Kind(10, "not done within the time given", ("host.device.errors.TookTooLong",)),
    Kind(11, "no such image file", ("host.flash.errors.ImageMissing",)),
    Kind(12, "the image is no UF2, or damaged", ("host.flash.errors.ImageDamaged",)),
    Kind(13, "the image is for another chip or place", ("host.flash.errors.ImageForeign",)),
    Kind(14, "the boot drive did not appear", ("host.flash.errors.DriveMissing",)),
    Kind(15, "flashed, but the reader does not run it", ("host.flash.errors.FlashFailed",)),
    Kind(
        16,
        "a result record is damaged or missing",
        (
            "host.results.errors.RecordError",
            "host.device.errors.TransferFailed",
            "host.device.run.RunLost",
        ),
    ),
    Kind(
        17,
        "the results file cannot be used",
        ("host.results.errors.StoreError", "host.results.errors.ResultConflict"),
    ),
    Kind(
        18,
        "no such result, or several",
        ("host.results.errors.ResultNotFound", "host.results.errors.AmbiguousResult"),
    ),
    Kind(19, "the specimen cannot be used", ("host.specimen.errors.SpecimenError",)),
    Kind(20, "the bench cannot do that", ("host.bench.registry.BenchError",)),
    Kind(21, "the self-test found a fault", ("host.cli.errors.SelftestFailed",)),
    Kind(22, "a file cannot be read or written", ("builtins.OSError",)),
    Kind(130, "interrupted"),
)

FAULT = 1
USAGE = 2
INTERRUPTED = 130

_CODES = {name: kind.code for kind in KINDS for name in kind.classes}


class SelftestFailed(Exception):
    """The reader's self-test found a fault."""


def code_of(why: BaseException) -> int | None:
    """Return the exit code of an exception, or None when it is a fault of ours."""
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
