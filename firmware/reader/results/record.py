"""The result record, format 2 (docs/architecture.md), as CBOR written key by key while the run goes on."""

from array import array
from binascii import crc32, hexlify

import board
import ctc_core
from micropython import const

from reader import channels, version
from reader.cbor import BREAK, BYTES, LIST, MAP, dumps, head, loads
from reader.crops import BYTES as CROP_BYTES
from reader.results.log import Full, LogError
from reader.settings import provisional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.results.log import Log

FORMAT = const(2)
POWER_LOST = "POWER LOST"
PROVISIONAL = "PROVISIONAL"

QUALITY = const(6)
"""Values per channel and field: background, noise, threshold, strip, saturated, mean."""

COUNTED = const(2)
"""Values per field beside them: leukocytes, hot pixels."""

_KEYS = const(32)
_FIXED_BYTES = const(2048)  # everything but cells and quality, generously
_QUALITY_BYTES = const(256)  # of one field: 7 names, 2 counts, 5 lists of 6 values
_CHUNK_HEAD = const(3)
_CHUNKS = const(2)  # of a field: rows, crops
_FILLER = const(64)
_META_1 = const(6)  # what is kept of an interrupted run before its rule


def size(fields: int, objects: int, row_bytes: int, crops: int = 0) -> int:
    """Return the most bytes that a record of `fields` fields with `objects` objects each can have.

    crops: how many it can have, all fields together.
    """
    return (
        _FIXED_BYTES
        + fields * (_QUALITY_BYTES + _CHUNKS * _CHUNK_HEAD + objects * row_bytes)
        + crops * CROP_BYTES
    )


class Job:
    """What was asked for: sample, kind, fields, operator, rule; and what is known when the run starts."""

    def __init__(
        self, sample: str, kind: str, fields: int, operator: str, utc: "str | None", boots: int, rule: str
    ) -> None:
        self.sample = sample
        self.kind = kind
        self.fields = fields
        self.operator = operator
        self.utc = utc
        self.boots = boots
        self.rule = rule
        self.sequence = 0
        self.crops = 0
        """Most crops of CTCs that the run may keep: what the log has room for."""
        self.every_ctc = False
        """Whether every CTC is to have a crop, or the first and the borderline ones (``reader.crops``)."""

    def meta(self) -> bytes:
        """Return what the log keeps for the case that the run never ends."""
        return dumps([self.sample, self.kind, self.fields, self.operator, self.utc, self.boots, self.rule])


class Outcome:
    """What a run ended with; `counts` is the core's tally."""

    def __init__(
        self, rule: str, counts: "array[int]", status: str, flags: "list[str]", fault: "str | None"
    ) -> None:
        low, high = ctc_core.TALLY_LOW, ctc_core.TALLY_HIGH
        self.tally = list(counts[:4])
        self.tally_low = list(counts[low : low + 4])
        self.tally_high = list(counts[high : high + 4])
        self.rejected = counts[4]
        self.share = ctc_core.share(counts, rule)
        """CTCs that count for the rule, CTCs, 1/1000 rounded down, whether it is more."""
        self.interval = ctc_core.interval(self.share[0], self.share[1])
        self.status = status
        self.flags = flags
        self.fault = fault


def decided(rule: str, counts: "array[int]") -> Outcome:
    """Return the outcome of a run without fault: its status by the rule, and the flags that go with it."""
    bits = ctc_core.flags(counts, rule)
    flags = [ctc_core.flag_text(bit) for bit in _FLAGS if bits & bit]
    return Outcome(rule, counts, ctc_core.status_text(ctc_core.decide(counts, rule)), flags + _notes(), None)


def void(rule: str, counts: "array[int]", reasons: "list[str]", text: str) -> Outcome:
    """Return the outcome of a run with a fault: INVALID, whatever was counted."""
    return Outcome(rule, counts, ctc_core.status_text(ctc_core.INVALID), reasons + _notes(), text)


def _notes() -> "list[str]":
    return [PROVISIONAL] if provisional() else []


_FLAGS = (ctc_core.LOW_COUNT, ctc_core.UNCERTAIN, ctc_core.BORDERLINE)


class Writer:
    """Writes one record into the log: ``chunk``, ``rows``, ``crops`` after every field, ``finish`` once."""

    def __init__(self, log: "Log", job: Job, reader_id: bytes, identity: "tuple[str, str, str, str]") -> None:
        """identity: of the settings (``Settings.identity``)."""
        self._log = log
        self._crc = 0
        self._owed = 0  # bytes that the chunk begun last still lacks
        self._chunks = 0
        self._put(head(MAP, _KEYS))
        gate_set, calibration, cutoffs, sha = identity
        for key, value in (
            ("format", FORMAT),
            ("reader", str(hexlify(reader_id), "ascii")),
            ("firmware", version.FIRMWARE),
            ("core", version.CORE),
            ("git", version.GIT),
            ("gate_set", gate_set),
            ("calibration", calibration),
            ("cutoffs", cutoffs),
            ("settings", sha),
            ("rule", job.rule),
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
        self._put(head(LIST, None))

    def chunk(self, size: int) -> None:
        """Start a field's `size` bytes of packed cell rows; ``rows`` must bring all of them."""
        self._put(head(BYTES, size))
        self._owed = size
        self._chunks += 1

    def rows(self, rows: "bytes | bytearray | memoryview") -> None:
        """Append packed cell rows to the chunk."""
        self._put(rows)
        self._owed -= len(rows)

    def crops(self, crops: "bytes | bytearray | memoryview") -> None:
        """Write a field's crops (``reader.crops``), which follow its rows, all at once."""
        self.chunk(len(crops))
        self.rows(crops)

    def finish(
        self,
        outcome: Outcome,
        quality: "list[int] | array[int]",
        counted: "list[int] | array[int] | None",
        fields: int,
        timing: "dict[str, int]",
    ) -> bytes:
        """Write everything that follows the cells; return the record's SHA-256.

        quality: QUALITY values for each channel of each of `fields` fields (any indexable of integers).
        counted: COUNTED values for each field, None when the core does not count them.
        """
        # A run that broke off inside a chunk leaves rows of 255: no field has that number.
        while self._owed > 0:
            self.rows(b"\xff" * min(self._owed, _FILLER))
        if self._chunks % _CHUNKS:
            self.crops(b"")
        self._put(BREAK)
        self._put(dumps("quality"))
        self._put(head(LIST, fields))
        at = 0
        for field in range(fields):
            self._put(head(MAP, 1 + COUNTED + channels.COUNT))
            self._item("field", field)
            self._item("leukocytes", counted[COUNTED * field] if counted else None)
            self._item("hot", counted[COUNTED * field + 1] if counted else None)
            for name in channels.NAMES:
                self._item(name, [quality[at + i] for i in range(QUALITY)])
                at += QUALITY
        for key, value in (
            ("fields", fields),
            ("imaged_mm2", fields * imaged_mm2()),
            ("tally", outcome.tally),
            ("tally_low", outcome.tally_low),
            ("tally_high", outcome.tally_high),
            ("rejected", outcome.rejected),
            ("leukocytes", sum(counted[COUNTED * f] for f in range(fields)) if counted else None),
            ("interval", list(outcome.interval)),
            ("status", outcome.status),
            ("flags", outcome.flags),
            ("fault", outcome.fault),
            ("timing", timing),
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


def replace_interrupted(log: "Log", reader_id: bytes, identity: "tuple[str, str, str, str]") -> "str | None":
    """Give every interrupted run its record: INVALID, POWER LOST. Return why not, if it could not be done.

    The host learns of each sequence that was handed out, and a run that never ended is never a result.
    """
    for sequence, meta in log.interrupted():
        try:
            known = loads(meta)
        except ValueError:
            known = None
        if not isinstance(known, list) or len(known) < _META_1:
            known = ["", "patient", 0, "", None, 0]
        # Firmware that knew one rule kept none, and a newer one may know more; no status depends on it.
        rule = known[-1] if known[-1] in ctc_core.RULES else ctc_core.RULE
        sample, kind, fields, operator, utc, boots = known[:_META_1]
        job = Job(sample, kind, fields, operator, utc, boots, rule)
        job.sequence = sequence
        try:
            log.begin(meta, _FIXED_BYTES, sequence)
            writer = Writer(log, job, reader_id, identity)
            nothing = array("I", [0] * ctc_core.TALLY_COUNTS)
            outcome = void(job.rule, nothing, [POWER_LOST], "the power failed during the run")
            writer.finish(outcome, [], None, 0, {})
        except Full:
            return "the result log is full"
        except LogError as error:
            log.abandon()
            return str(error)
    return None
