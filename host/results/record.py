"""A result record, format 1 or 2: decoded, checked, and summed up (docs/architecture.md, "Result record").

A record is believed only when everything in it agrees: its CRC-32, its types and ranges, the tally with the
cell table, the status with the rule. What fails is refused whole; nothing is repaired.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from crcmod.predefined import mkPredefinedCrcFun

from host import board, core
from host.results import cells, crops, format1
from host.results.errors import RecordError
from host.results.schema import INVALID, NOISE, NOTES, PROVISIONAL, SCHEMAS, WARNINGS

BYTES_MAX = 1 << 20
"""The reader's whole result log is 1 MB."""

_DEPTH = 4  # the deepest value: record, quality, one field's map, one channel's list
_CRC_KEY = cbor2.dumps("crc")
_CRC_HEADS = ((5, b"\x1a"), (3, b"\x19"), (2, b"\x18"), (1, b""))
"""Length of a number in CBOR, and the byte before the number itself (RFC 8949, section 3)."""

_FIELDS_WRONG = "The record's cell table names fields that were not planned, or not in their order."

_crc32 = mkPredefinedCrcFun("crc-32")


@dataclass(frozen=True, slots=True)
class Record:
    """One run's result: the record's keys, but for ``cells``, which are unpacked in ``rows`` and ``crops``.

    ``raw`` has the bytes as the reader sent them. What format 1 does not have is None, but for ``interval``,
    which follows from the tally.
    """

    raw: bytes = field(repr=False)
    rows: cells.Rows = field(repr=False, compare=False)
    format: int
    reader: str
    firmware: str
    core: str
    git: str
    gate_set: str
    rule: str
    kind: str
    sample: str
    operator: str | None
    utc: str | None
    boots: int
    sequence: int
    fields_planned: int
    quality: list[dict[str, Any]]
    fields: int
    imaged_mm2: float
    tally: list[int]
    rejected: int
    status: str
    flags: list[str]
    fault: str | None
    timing: dict[str, float]
    calibration: str
    crc: int
    interval: list[int]
    """Exact 95 % interval of the share that the rule looks at, 1/10000."""
    cutoffs: str | None = None
    settings: str | None = None
    tally_low: list[int] | None = None
    """The tally with every borderline CTC scored as low as its range allows; ``tally_high``: as high."""
    tally_high: list[int] | None = None
    leukocytes: int | None = None
    crops: list[crops.Crop] | None = field(default=None, repr=False, compare=False)
    """Of CTCs, in the order of their rows; which ones the reader kept, ``docs/results.md`` says."""

    @classmethod
    def decode(cls, data: bytes) -> Record:
        """Decode and check a record.

        Args:
            data: the whole record as the reader sent it.

        Raises:
            RecordError: what is wrong with it.
        """
        data = bytes(data)
        _check_crc(data)
        values = _decode_map(data)
        parts, broken_off = values.pop("cells"), values["status"] == INVALID
        if values["format"] == 1:
            rows = format1.unpack(parts, broken_off=broken_off)
            values["interval"] = _interval(values["tally"], values["rule"])
        else:
            rows, values["crops"] = _unpack_fields(parts, broken_off)
        record = cls(raw=data, rows=rows, **values)
        _check_table(record)
        _check_status(record)
        if record.format != 1 and len(parts) // 2 not in _parts_of(record):
            raise RecordError(f"The record has {record.fields} fields and cells of {len(parts) // 2}.")
        return record

    @property
    def ctc(self) -> int:
        """Number of CTCs."""
        return sum(self.tally)

    @property
    def share_3plus(self) -> float | None:
        """Share of the CTCs that score 3+, 0 to 1; None without CTCs."""
        return self.tally[3] / self.ctc if self.ctc else None

    @property
    def share(self) -> float | None:
        """Share of the CTCs that the rule looks at, 0 to 1; None without CTCs."""
        part, whole, _, _ = core.share(self.counts, self.rule)
        return part / whole if whole else None

    @property
    def counts(self) -> array[int]:
        """The tally as the core takes it, without the rejected objects."""
        return core.counts_of(self.tally, self.tally_low, self.tally_high)

    @property
    def sha256(self) -> str:
        """Hash of the bytes, hexadecimal: by it the reader is told that the record is kept."""
        return hashlib.sha256(self.raw).hexdigest()

    def summary(self) -> dict[str, Any]:
        """Return what ``host run --json`` prints."""
        return {
            "status": self.status,
            "rule": self.rule,
            "ctc": self.ctc,
            "tally": dict(zip(cells.SCORES, self.tally, strict=True)),
            "share_3plus": self.share_3plus,
            "share": self.share,
            "interval": [limit / core.INTERVAL_UNIT for limit in self.interval],
            "fields": self.fields,
            "flags": list(self.flags),
            "sample": self.sample,
            "sequence": self.sequence,
            "reader": self.reader,
            "utc": self.utc,
            "kind": self.kind,
            "fault": self.fault,
        }

    def cells(self) -> list[dict[str, Any]]:
        """Return every object found, CTC or not, in um and grey levels (``cells.as_dicts``), and ``crop``."""
        as_dicts: Callable[..., list[dict[str, Any]]] = _TABLES[self.format].as_dicts
        noise = {
            entry["field"]: {
                name: entry[name][NOISE] / cells.PER_UNIT for name in cells.CHANNELS if name in entry
            }
            for entry in self.quality
        }
        found = as_dicts(self.rows, board.load()["sensor"]["um_per_pixel"], noise)
        if self.crops is not None:
            kept = {crop.row for crop in self.crops}
            for row, cell in enumerate(found):
                cell["crop"] = row in kept
        return found


def _check_crc(data: bytes) -> None:
    """The CRC-32 is over all bytes before the last key, ``crc``."""
    if len(data) > BYTES_MAX:
        raise RecordError(f"The record has {len(data)} bytes, more than the reader's whole log holds.")
    for length, head in _CRC_HEADS:
        start = len(data) - length - len(_CRC_KEY)
        if start > 0 and data[start:].startswith(_CRC_KEY + head):
            stated, found = int.from_bytes(data[start + len(_CRC_KEY + head) :], "big"), _crc32(data[:start])
            if stated != found:
                raise RecordError(
                    f"The record is damaged: its CRC-32 is {found:08x}, not {stated:08x}; pull it again."
                )
            return
    raise RecordError("This is no whole result record: it does not end with a CRC-32; pull it again.")


def _decode_map(data: bytes) -> dict[str, Any]:
    """Decode the CBOR and check every value by itself."""
    try:
        values = cbor2.loads(data, max_depth=_DEPTH, allow_duplicate_keys=False, strict_hashable_types=True)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError) as why:
        raise RecordError(f"The record is not sound CBOR ({why}).") from None
    if not isinstance(values, dict):
        raise RecordError("The record is not a CBOR map.")
    number = values.get("format")
    if type(number) is not int or number not in SCHEMAS:
        raise RecordError(f"The record has format {number!r}, not 1 or 2: update the host command.")
    schema = SCHEMAS[number]
    if list(values) != list(schema):
        missing, unknown = set(schema) - set(values), set(values) - set(schema)
        what = "has its keys in another order"
        if missing or unknown:
            what = f"lacks {sorted(missing)}" if missing else f"has unknown {sorted(unknown, key=str)}"
        raise RecordError(f"The record {what}: it is not of format {number}.")
    for key, (check, must) in schema.items():
        if not check(values[key]):
            raise RecordError(f"The record's {key} is {_shorten(values[key])}: it must be {must}.")
    return values


def _unpack_fields(parts: list[bytes], broken_off: bool) -> tuple[cells.Rows, list[crops.Crop]]:
    """Return the rows and the crops of a record's fields, given as the rows and the crops of each."""
    rows = cells.unpack(b"".join(parts[::2]), broken_off=broken_off)
    found: list[crops.Crop] = []
    first = 0
    for number, (table, packed) in enumerate(zip(parts[::2], parts[1::2], strict=True)):
        count = len(cells.whole_rows(table, cells.ROW, broken_off=broken_off)) // cells.ROW.itemsize
        if (rows["field"][first : first + count] != number).any():
            raise RecordError(_FIELDS_WRONG)
        found += crops.unpack(packed, first, count, broken_off=broken_off)
        first += count
    if not all(rows["flags"][crop.row] & core.FLAG_CTC for crop in found):
        raise RecordError("The record has a crop of an object that is no CTC.")
    return rows, found


def _parts_of(record: Record) -> tuple[int, ...]:
    """Return of how many fields there may be cells: of one begun too, when the run did not end well."""
    return (record.fields, record.fields + 1) if record.status == INVALID else (record.fields,)


def _check_table(record: Record) -> None:
    counts = _TABLES[record.format].tally(record.rows)
    tally, rejected = list(counts[: len(cells.SCORES)]), counts[core.TALLY_REJECTED]
    if tally != record.tally or rejected != record.rejected:
        raise RecordError(
            f"The record's tally {record.tally} with {record.rejected} rejected differs from its cell "
            "table's, "
            f"{tally} with {rejected} rejected."
        )
    stated = record.counts
    stated[core.TALLY_REJECTED] = rejected
    if stated != counts:
        raise RecordError("The record's tally_low or tally_high differs from its cell table's.")
    if record.interval != _interval(record.tally, record.rule):
        raise RecordError(f"The record's interval {record.interval} is not that of its tally {record.tally}.")
    if record.format != 1 and record.leukocytes != _leukocytes(record):
        raise RecordError(f"The record's {record.leukocytes} leukocytes are not those of its fields.")
    fields = record.rows["field"].astype(int)
    if fields.size and (fields.max() >= record.fields_planned or (fields[1:] < fields[:-1]).any()):
        raise RecordError(_FIELDS_WRONG)
    if record.fields > record.fields_planned:
        raise RecordError(f"The record has {record.fields} fields of {record.fields_planned} planned.")


def _check_status(record: Record) -> None:
    reasons = [flag for flag in record.flags if flag not in NOTES]
    if record.fault is not None:
        reasons.append(record.fault)
    if record.status == INVALID:
        if not reasons:
            raise RecordError("The record is INVALID and gives no reason.")
        return
    if reasons:
        raise RecordError(
            f"The record is {record.status} in spite of a fault ({reasons[0]}): it must be INVALID."
        )
    if not record.sample:
        raise RecordError(f"The record is {record.status} and names no sample.")
    if not record.fields or record.fields != record.fields_planned or len(record.quality) != record.fields:
        raise RecordError(f"The record is {record.status} though a field is missing: it must be INVALID.")
    by_rule = _decide(record)
    if record.status != by_rule:
        raise RecordError(
            f"The record is {record.status}, but its tally {record.tally} is {by_rule} by its rule."
        )
    if record.format == 1:
        if 0 < record.ctc < format1.LOW_COUNT and WARNINGS[core.LOW_COUNT] not in record.flags:
            raise RecordError(f"The record has {record.ctc} CTCs without the flag LOW COUNT.")
        return
    expected = _notes(record)
    if sorted(record.flags) != sorted(expected):
        raise RecordError(
            f"The record's flags are {', '.join(record.flags) or 'none'}, but its tally and settings give "
            f"{', '.join(expected) or 'none'}."
        )


_TABLES: dict[int, Any] = {1: format1, 2: cells}
"""Format -> the module that knows its rows."""


def _decide(record: Record) -> str:
    """Return the status of the record's tally by the same C code that the reader runs."""
    return core.status_text(core.decide(record.counts, record.rule))


def _notes(record: Record) -> list[str]:
    """Return the flags that a sound run with this tally and these settings carries."""
    bits = core.flags(record.counts, record.rule)
    notes = [text for bit, text in WARNINGS.items() if bits & bit]
    ids = (record.calibration, record.cutoffs or "")
    return notes + [PROVISIONAL] * any(name.startswith(PROVISIONAL) for name in ids)


def _interval(tally: list[int], rule: str) -> list[int]:
    """Return the interval of the share that ``rule`` looks at, by the core."""
    part, whole, _, _ = core.share(core.counts_of(tally), rule)
    try:
        return list(core.interval(part, whole))
    except core.Error:  # more CTCs than a record can hold
        return [0, core.INTERVAL_UNIT]


def _leukocytes(record: Record) -> int | None:
    """Return the leukocytes of all fields, None when some were not counted."""
    counted = [entry["leukocytes"] for entry in record.quality]
    if not counted:
        return 0 if record.leukocytes == 0 else None
    return None if None in counted else sum(counted)


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
