"""What the link may ask of the application. It raises ``Refused`` with the codes of group 64."""

import sys
import time
from binascii import hexlify

import board
import ctc_core
import machine

from reader import channels, display, palette, selftest, version, wording
from reader.link import errors
from reader.link.errors import Refused
from reader.results.log import LogError
from reader.results.record import Job, size
from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.assay import Assay
    from reader.parts import Parts
    from reader.state import State

_LISTED = 8  # results in one answer


class Services:
    """The reader as the link sees it.

    rest(): feeds the watchdog while a call takes long; it must not serve the link, which is what calls here.
    """

    def __init__(self, parts: "Parts", assay: "Assay", state: "State", rest: "Callable[[], None]") -> None:
        self._parts = parts
        self._assay = assay
        self._state = state
        self._rest = rest
        self._palette = palette.rgb888()

    # Runs -------------------------------------------------------------------------------------------------

    def status(self) -> "dict[str, object]":
        """Return what the reader is doing (docs/architecture.md, group 64, status)."""
        state, assay, job = self._state, self._assay, self._state.job
        running = state.busy()
        step = assay.state if running else ""
        return {
            "state": state.name,
            "step": step,
            "field": assay.field,
            "fields": job.fields if job else 0,
            "channel": step if step in channels.NAMES else "",
            "percent": assay.percent() if running else 0,
            "sample": job.sample if job else "",
            "kept": self._parts.log.kept(),
            "last": self._parts.log.last,
            "fault": state.fault,
            "mode": mode(),
            "lid": "open" if state.lid_open else "closed",
            "ms": time.ticks_ms(),
            "boot_ms": state.boot_ms,
            "free": state.free,
            "largest": state.largest,
            "frame_bytes": assay.frame_bytes,
            "frame_ms": assay.frame_ms,
        }

    def start(self, sample: str, kind: str, fields: "int | None", operator: "str | None") -> int:
        """Queue a run; the application's loop runs it. Return its sequence, which is taken from then on."""
        if self._state.busy():
            raise Refused(errors.BUSY)
        if self._parts.interlock.open():
            raise Refused(errors.LID_OPEN)
        count = board.ASSAY_FIELDS if fields is None else fields
        if not 1 <= count <= board.ASSAY_FIELDS_MAX:
            raise Refused(errors.BAD_VALUE)
        job = Job(sample, kind, count, operator or "", self.datetime_get(), self._state.boots)
        try:
            job.sequence = self._parts.log.begin(
                job.meta(), size(count, ctc_core.MAX_OBJECTS, ctc_core.ROW_BYTES)
            )
        except LogError:
            raise Refused(errors.STORAGE) from None
        self._state.run(job)
        return job.sequence

    def abort(self) -> None:
        """Stop the run that waits or goes on."""
        if not self._state.busy():
            raise Refused(errors.NOT_RUNNING)
        self._assay.stop()

    # Results ----------------------------------------------------------------------------------------------

    def results(self, after: int) -> "list[dict[str, object]]":
        """Return the oldest results behind `after` that are not acknowledged."""
        pending = self._parts.log.pending(after, _LISTED)
        return [{"seq": sequence, "len": length, "sha": sha} for sequence, length, sha in pending]

    def record(self, sequence: int, offset: int, count: int) -> "tuple[int, bytes]":
        """Return (length, bytes) of a piece of a record."""
        try:
            return self._parts.log.read(sequence, offset, count)
        except KeyError:
            raise Refused(errors.NO_SUCH_RESULT) from None

    def acknowledge(self, sequence: int, sha: bytes) -> None:
        """Drop a result that the host has. Not during a run: no page is programmed with the magnet on."""
        if self._state.busy():
            raise Refused(errors.BUSY)
        try:
            fits = self._parts.log.acknowledge(sequence, sha)
        except KeyError:
            raise Refused(errors.NO_SUCH_RESULT) from None
        except LogError:
            raise Refused(errors.STORAGE) from None
        if not fits:
            raise Refused(errors.HASH_DIFFERS)

    # The rest ---------------------------------------------------------------------------------------------

    def screen(self, offset: int, count: int) -> "tuple[int, int, bytes, int, bytes]":
        """Return (width, height, palette, length, piece) of the picture on the display."""
        picture = self._parts.display.buffer
        piece = bytes(memoryview(picture)[offset : offset + count])
        return display.WIDTH, display.HEIGHT, self._palette, len(picture), piece

    def selftest(self) -> "tuple[bool, list[dict[str, object]]]":
        """Run the self-test now; return (passed, checks)."""
        if self._state.busy():
            raise Refused(errors.BUSY)
        self._parts.interlock.rearm()
        if self._parts.interlock.tripped():
            raise Refused(errors.LID_OPEN)
        try:
            checks = selftest.run(self._parts, self._wait)
        except Void:
            raise Refused(errors.LID_OPEN) from None
        finally:
            self._parts.quiet()
        return all(check.ok for check in checks), [check.as_dict() for check in checks]

    def datetime_get(self) -> "str | None":
        """Return the clock's time, or None when it does not know it."""
        try:
            return wording.iso(self._parts.clock.read())
        except OSError:
            return None

    def datetime_set(self, text: str) -> None:
        """Set the clock. Raises ValueError for a time it cannot have, OSError when it does not answer."""
        self._parts.clock.set(wording.from_iso(text))

    def info(self) -> "dict[str, str]":
        """Return what runs here and where."""
        return {
            "firmware": version.FIRMWARE,
            "core": version.CORE,
            "gate_set": version.GATE_SET,
            "git": version.GIT,
            "build": version.BUILD,
            "micropython": ".".join(str(part) for part in sys.implementation.version[:3]),
            "board": board.BOARD_NAME,
            "reader": str(hexlify(self._parts.id), "ascii"),
            "mode": mode(),
        }

    def reset(self) -> None:
        """Restart. A run that goes on is lost, and recorded so."""
        self._parts.quiet()
        machine.reset()

    def bootloader(self) -> None:
        """Restart into the boot drive. A run that goes on is lost, and recorded so."""
        self._parts.quiet()
        machine.bootloader()

    def _wait(self, milliseconds: int) -> None:
        self._rest()
        time.sleep_ms(milliseconds)
        self._rest()


def mode() -> str:
    """Return ``open`` for a development build, which gives a REPL, else ``locked``."""
    return "open" if version.DEVELOPMENT else "locked"
