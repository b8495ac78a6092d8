"""Results for other programs: CSV and JSON, one row per result or one per cell."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from host.results.record import Record


def result_row(record: Record) -> dict[str, Any]:
    """Return one result as a flat row: the summary with the tally spread out, and where it comes from."""
    zero, one, two, three = record.tally
    return {
        "reader": record.reader,
        "sequence": record.sequence,
        "utc": record.utc,
        "kind": record.kind,
        "sample": record.sample,
        "operator": record.operator,
        "status": record.status,
        "rule": record.rule,
        "ctc": record.ctc,
        "her2_0": zero,
        "her2_1plus": one,
        "her2_2plus": two,
        "her2_3plus": three,
        "share_3plus": record.share_3plus,
        "rejected": record.rejected,
        "fields": record.fields,
        "fields_planned": record.fields_planned,
        "imaged_mm2": record.imaged_mm2,
        "flags": "; ".join(record.flags),
        "fault": record.fault,
        "firmware": record.firmware,
        "core": record.core,
        "git": record.git,
        "gate_set": record.gate_set,
        "calibration": record.calibration,
        "boots": record.boots,
        "sha256": record.sha256,
    }


def cell_rows(record: Record) -> Iterator[dict[str, Any]]:
    """Yield one flat row per object of a result, with the result's reader, sequence and sample in front."""
    head = {"reader": record.reader, "sequence": record.sequence, "sample": record.sample}
    for cell in record.cells():
        yield {**head, **cell}


RESULT_COLUMNS = (
    "reader sequence utc kind sample operator status rule ctc her2_0 her2_1plus her2_2plus her2_3plus share_3plus "
    "rejected fields fields_planned imaged_mm2 flags fault firmware core git gate_set calibration boots sha256"
).split()
CELL_COLUMNS = (
    "reader sequence sample field x_um y_um ctc score rejected_by dapi ck cd45 her2 area_um2 nucleus_um2 edge saturated"
).split()


def write_csv(rows: Iterable[dict[str, Any]], columns: list[str], file: TextIO) -> int:
    """Write rows by RFC 4180 with a header, null as an empty cell; return how many.

    Raises:
        ValueError: a row has other keys than ``columns``.
    """
    writer = csv.DictWriter(file, columns, lineterminator="\r\n")
    writer.writeheader()
    count = 0
    for row in rows:
        if set(row) != set(columns):
            raise ValueError(f"the row's keys {sorted(row)} are not the columns")
        writer.writerow({key: str(value).lower() if isinstance(value, bool) else value for key, value in row.items()})
        count += 1
    return count


def write_json(rows: Iterable[dict[str, Any]], file: TextIO) -> int:
    """Write rows as one JSON array (RFC 8259), a row per line; return how many."""
    count = 0
    file.write("[")
    for row in rows:
        file.write(",\n " if count else "\n ")
        file.write(json.dumps(row, allow_nan=False))
        count += 1
    file.write("\n]\n" if count else "]\n")
    return count
