"""The result record, format 1 (docs/architecture.md), as CBOR written key by key while the run goes on."""

from binascii import crc32, hexlify

import board
import ctc_core
from micropython import const

from reader import channels, version
from reader.cbor import BREAK, BYTES, LIST, MAP, dumps, head, loads
from reader.results.log import Full, LogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from reader.results.log import Log

FORMAT = const(1)
RULE = "her2-3plus-gt-30pct"
POWER_LOST = "POWER LOST"

QUALITY = const(6)
"""Values per channel and field: background, noise, threshold, strip, saturated, mean."""

_KEYS = const(26)
_FIXED_BYTES = const(2048)  # everything but cells and quality, generously
_QUALITY_BYTES = const(224)  # of one field: 5 names, 5 lists of 6 values
_CHUNK_HEAD = const(3)
_FILLER = const(64)


def size(fields: int, objects: int, row_bytes: int) -> int:
    """Return the most bytes that a record of `fields` fields with `objects` objects each can have."""
    return _FIXED_BYTES + fields * (_QUALITY_BYTES + _CHUNK_HEAD + objects * row_bytes)


class Job:
    """What was asked for: sample, kind, fields, operator; and what is known when the run starts."""

    def __init__(
        self, sample: str, kind: str, fields: int, operator: str, utc: "str | None", boots: int
    ) -> None:
        self.sample = sample
        self.kind = kind
        self.fields = fields
        self.operator = operator
        self.utc = utc
        self.boots = boots
        self.sequence = 0

    def meta(self) -> bytes:
        """Return what the log keeps for the case that the run never ends."""
        return dumps([self.sample, self.kind, self.fields, self.operator, self.utc, self.boots])


class Outcome:
    """What a run ended with."""

    def __init__(
        self, status: str, tally: "list[int]", rejected: int, flags: "list[str]", fault: "str | None"
    ) -> None:
        self.status = status
        self.tally = tally
        self.rejected = rejected
        self.flags = flags
        self.fault = fault


class Writer:
    """Writes one record into the log: ``chunk`` and ``rows`` after every field, ``finish`` once."""

    def __init__(self, log: "Log", job: Job, reader_id: bytes) -> None:
        self._log = log
        self._crc = 0
        self._owed = 0  # bytes that the chunk begun last still lacks
        self._put(head(MAP, _KEYS))
        for key, value in (
            ("format", FORMAT),
            ("reader", str(hexlify(reader_id), "ascii")),
            ("firmware", version.FIRMWARE),
            ("core", version.CORE),
            ("git", version.GIT),
            ("gate_set", ctc_core.settings()[0]),
            ("rule", RULE),
            ("kind", job.kind),
            ("sample", job.sample),
            ("operator", job.operator),
            ("utc", job.utc),
            ("boots", job.boots),
            ("sequence", job.sequence),
            ("fields_planned", job.fields),
        ):
            self._item(key, value)
        self._put(dumps("cells"))
        self._put(head(BYTES, None))

    def chunk(self, size: int) -> None:
        """Start a chunk of `size` bytes of packed cell rows, one per field; ``rows`` must bring all of it."""
        self._put(head(BYTES, size))
        self._owed = size

    def rows(self, rows: "bytes | bytearray | memoryview") -> None:
        """Append packed cell rows to the chunk."""
        self._put(rows)
        self._owed -= len(rows)

    def finish(
        self, outcome: Outcome, quality: "list[int] | array[int]", fields: int, timing: "dict[str, int]"
    ) -> bytes:
        """Write everything that follows the cells; return the record's SHA-256.

        quality: QUALITY values for each channel of each of `fields` fields (any indexable of integers).
        """
        # A run that broke off inside a chunk leaves rows of 255: no field has that number.
        while self._owed > 0:
            self.rows(b"\xff" * min(self._owed, _FILLER))
        self._put(BREAK)
        self._put(dumps("quality"))
        self._put(head(LIST, fields))
        at = 0
        for field in range(fields):
            self._put(head(MAP, 1 + channels.COUNT))
            self._item("field", field)
            for name in channels.NAMES:
                self._item(name, [quality[at + i] for i in range(QUALITY)])
                at += QUALITY
        for key, value in (
            ("fields", fields),
            ("imaged_mm2", fields * imaged_mm2()),
            ("tally", outcome.tally),
            ("rejected", outcome.rejected),
            ("status", outcome.status),
            ("flags", outcome.flags),
            ("fault", outcome.fault),
            ("timing", timing),
            ("calibration", ctc_core.settings()[1]),
        ):
            self._item(key, value)
        self._item("crc", self._crc)
        return self._log.commit()

    def _item(self, key: str, value: object) -> None:
        self._put(dumps(key) + dumps(value))

    def _put(self, data: "bytes | bytearray | memoryview") -> None:
        self._crc = crc32(data, self._crc)
        self._log.write(data)


def imaged_mm2() -> float:
    """Return the area of one field, without the reference strip."""
    columns = board.SENSOR_WIDTH - board.SENSOR_STRIP_COLUMNS
    side = board.SENSOR_UM_PER_PIXEL
    return columns * board.SENSOR_HEIGHT * side * side / 1e6


def replace_interrupted(log: "Log", reader_id: bytes) -> "str | None":
    """Give every interrupted run its record: INVALID, POWER LOST. Return why not, if it could not be done.

    The host learns of each sequence that was handed out, and a run that never ended is never a result.
    """
    for sequence, meta in log.interrupted():
        try:
            sample, kind, fields, operator, utc, boots = loads(meta)
        except ValueError:
            sample, kind, fields, operator, utc, boots = "", "patient", 0, "", None, 0
        job = Job(sample, kind, fields, operator, utc, boots)
        job.sequence = sequence
        try:
            log.begin(meta, _FIXED_BYTES, sequence)
            writer = Writer(log, job, reader_id)
            outcome = Outcome(
                "INVALID", [0, 0, 0, 0], 0, [POWER_LOST, "PROVISIONAL"], "the power failed during the run"
            )
            writer.finish(outcome, [], 0, {})
        except Full:
            return "the result log is full"
        except LogError as error:
            log.abandon()
            return str(error)
    return None
