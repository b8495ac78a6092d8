"""A result record, format 1: decoded, checked, and summed up (docs/architecture.md, "Result record").

A record is believed only when everything in it agrees: its CRC-32, its types and ranges, the tally with the
cell table, the status with the rule. What fails is refused whole; nothing is repaired.
"""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from typing import Any

import cbor2
from crcmod.predefined import mkPredefinedCrcFun

from host import board, core
from host.results import cells
from host.results.errors import RecordError
from host.results.schema import INVALID, LOW_COUNT, NOTES, SCHEMA

BYTES_MAX = 1 << 20
"""The reader's whole result log is 1 MB."""

_DEPTH = 4  # the deepest value: record, quality, one field's map, one channel's list
_CRC_KEY = cbor2.dumps("crc")
_CRC_HEADS = ((5, b"\x1a"), (3, b"\x19"), (2, b"\x18"), (1, b""))
"""Length of a number in CBOR, and the byte before the number itself (RFC 8949, section 3)."""

_crc32 = mkPredefinedCrcFun("crc-32")


@dataclass(frozen=True, slots=True)
class Record:
    """One run's result: the record's keys, but for the cell table, which is unpacked in ``rows``.

    ``raw`` has the bytes as the reader sent them.
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
        rows = cells.unpack(values.pop("cells"), broken_off=values["status"] == INVALID)
        record = cls(raw=data, rows=rows, **values)
        _check_table(record)
        _check_status(record)
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
        """Return every object found, CTC or not, in um and grey levels; keys: ``cells.as_dicts``."""
        return cells.as_dicts(self.rows, board.load()["sensor"]["um_per_pixel"])


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
    if not SCHEMA["format"][0](values.get("format")):
        raise RecordError(f"The record has format {values.get('format')!r}, not 1: update the host command.")
    if list(values) != list(SCHEMA):
        missing, unknown = set(SCHEMA) - set(values), set(values) - set(SCHEMA)
        what = "has its keys in another order"
        if missing or unknown:
            what = f"lacks {sorted(missing)}" if missing else f"has unknown {sorted(unknown, key=str)}"
        raise RecordError(f"The record {what}: it is not of format 1.")
    for key, (check, must) in SCHEMA.items():
        if not check(values[key]):
            raise RecordError(f"The record's {key} is {_shorten(values[key])}: it must be {must}.")
    return values


def _check_table(record: Record) -> None:
    tally, rejected = cells.tally(record.rows)
    if tally != record.tally or rejected != record.rejected:
        raise RecordError(
            f"The record's tally {record.tally} with {record.rejected} rejected differs from its cell "
            "table's, "
            f"{tally} with {rejected} rejected."
        )
    fields = record.rows["field"].astype(int)
    if fields.size and (fields.max() >= record.fields_planned or (fields[1:] < fields[:-1]).any()):
        raise RecordError(
            "The record's cell table names fields that were not planned, or not in their order."
        )
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
    if 0 < record.ctc < LOW_COUNT and "LOW COUNT" not in record.flags:
        raise RecordError(f"The record has {record.ctc} CTCs without the flag LOW COUNT.")


def _decide(record: Record) -> str:
    """Return the status of the record's tally by the same C code that the reader runs."""
    return core.status_text(core.decide(array("I", [*record.tally, record.rejected])))


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
