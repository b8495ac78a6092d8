"""Results for other programs: CSV and JSON, one row per result or one per cell."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from host import core
from host.files import whole
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
        "share": record.share,
        "interval_low": record.interval[0] / core.INTERVAL_UNIT,
        "interval_high": record.interval[1] / core.INTERVAL_UNIT,
        "rejected": record.rejected,
        "leukocytes": record.leukocytes,
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
        "cutoffs": record.cutoffs,
        "settings": record.settings,
        "format": record.format,
        "boots": record.boots,
        "sha256": record.sha256,
    }


def cell_rows(record: Record) -> Iterator[dict[str, Any]]:
    """Yield one flat row per object of a result, with the result's reader, sequence and sample in front."""
    head = {"reader": record.reader, "sequence": record.sequence, "sample": record.sample}
    for cell in record.cells():
        yield dict.fromkeys(CELL_COLUMNS) | head | cell  # what an older format does not have is null


RESULT_COLUMNS = [
    "reader",
    "sequence",
    "utc",
    "kind",
    "sample",
    "operator",
    "status",
    "rule",
    "ctc",
    "her2_0",
    "her2_1plus",
    "her2_2plus",
    "her2_3plus",
    "share_3plus",
    "share",
    "interval_low",
    "interval_high",
    "rejected",
    "leukocytes",
    "fields",
    "fields_planned",
    "imaged_mm2",
    "flags",
    "fault",
    "firmware",
    "core",
    "git",
    "gate_set",
    "calibration",
    "cutoffs",
    "settings",
    "format",
    "boots",
    "sha256",
]
CELL_COLUMNS = [
    "reader",
    "sequence",
    "sample",
    "field",
    "x_um",
    "y_um",
    "ctc",
    "score",
    "score_low",
    "score_high",
    "rejected_by",
    "dapi",
    "ck",
    "cd45",
    "her2",
    "her2_mesf_um2",
    "her2_se",
    "cd45_low",
    "area_um2",
    "outline_um2",
    "equivalent_diameter_um",
    "perimeter_um",
    "p2a",
    "eccentricity",
    "nucleus_um2",
    "nucleus_inside",
    "nucleus_to_cell",
    "focus",
    "overlap_ck",
    "overlap_cd45",
    "overlap_her2",
    "edge",
    "saturated",
    "split",
    "borderline",
    "no_ring",
    "out_of_range",
    *(
        f"{channel}_{key}"
        for channel in ("dapi", "ck", "cd45", "her2")
        for key in ("mass", "snr", "max", "median", "sd", "background", "saturated_share")
    ),
    "crop",
]


def write_csv(rows: Iterable[dict[str, Any]], columns: list[str], file: IO[str]) -> int:
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
        writer.writerow(
            {key: str(value).lower() if isinstance(value, bool) else value for key, value in row.items()}
        )
        count += 1
    return count


def write_json(rows: Iterable[dict[str, Any]], file: IO[str]) -> int:
    """Write rows as one JSON array (RFC 8259), a row per line; return how many."""
    count = 0
    file.write("[")
    for row in rows:
        file.write(",\n " if count else "\n ")
        file.write(json.dumps(row, allow_nan=False))
        count += 1
    file.write("\n]\n" if count else "]\n")
    return count


def export(records: Iterable[Record], *, form: str, cells: bool, output: Path | None) -> int:
    """Write results, or with ``cells`` their objects, as ``form`` "csv" or "json"; return the number of rows.

    Args:
        output: the file, written whole or not at all; None for standard output.

    Raises:
        RecordError: a stored record is damaged; ``output`` is not written.
        OSError: ``output`` cannot be written.
    """

    def write(file: IO[str]) -> int:
        rows = (row for record in records for row in (cell_rows(record) if cells else [result_row(record)]))
        if form == "json":
            return write_json(rows, file)
        return write_csv(rows, CELL_COLUMNS if cells else RESULT_COLUMNS, file)

    if output is None:
        return write(sys.stdout)
    with whole(output, text=True) as file:
        return write(file)
