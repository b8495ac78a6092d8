"""Records as the reader writes them, read by an independent CBOR decoder and by the host's own."""

from __future__ import annotations

from binascii import crc32

import cbor2
import pytest
from nor import Nor, PowerCut
from reader.results import record
from reader.results.log import Log

from host.results import Record

READER = bytes(range(8))
ROW = 24


def rest() -> None:
    pass


def make(log: Log, fields: int = 2, cells: int = 3) -> int:
    job = record.Job("PAT-1", "simulated", fields, "op", "2026-03-01T09:30:00Z", 7)
    job.sequence = log.begin(job.meta(), record.size(fields, 256, ROW))
    writer = record.Writer(log, job, READER)
    for field in range(fields):
        writer.chunk(cells * ROW)
        for _ in range(cells):
            writer.rows(bytes([field, 1, 3]) + bytes(ROW - 3))
    outcome = record.Outcome("POSITIVE", [0, 0, 0, fields * cells], 0, ["PROVISIONAL", "LOW COUNT"], None)
    writer.finish(outcome, list(range(fields * 5 * record.QUALITY)), fields, {"selftest": 5})
    return job.sequence


def fetch(log: Log, sequence: int) -> bytes:
    return log.read(sequence, 0, 1 << 20)[1]


def test_keys_and_their_order() -> None:
    log = Log(Nor(32), rest)
    data = fetch(log, make(log))
    found = cbor2.loads(data)
    assert list(found) == [
        *(
            "format",
            "reader",
            "firmware",
            "core",
            "git",
            "gate_set",
            "rule",
            "kind",
            "sample",
            "operator",
            "utc",
        ),
        *(
            "boots",
            "sequence",
            "fields_planned",
            "cells",
            "quality",
            "fields",
            "imaged_mm2",
            "tally",
            "rejected",
        ),
        *("status", "flags", "fault", "timing", "calibration", "crc"),
    ]
    assert found["cells"][:3] == b"\0\1\3" and len(found["cells"]) == 6 * ROW
    assert found["quality"][1] == {
        "field": 1,
        **{
            name: list(range(30 + 6 * at, 36 + 6 * at))
            for at, name in enumerate(("dark", "dapi", "ck", "cd45", "her2"))
        },
    }
    assert found["imaged_mm2"] == pytest.approx(2 * 316 * 244 / 1e6)
    assert found["crc"] == crc32(data[: data.rindex(b"\x63crc")])


def test_a_field_that_broke_off_leaves_whole_rows() -> None:
    log = Log(Nor(32), rest)
    job = record.Job("PAT-1", "patient", 1, "", None, 1)
    job.sequence = log.begin(job.meta(), record.size(1, 256, ROW))
    writer = record.Writer(log, job, READER)
    writer.chunk(3 * ROW)
    writer.rows(bytes(ROW))
    writer.finish(record.Outcome("INVALID", [0, 0, 0, 0], 0, ["BOUND"], "a bound"), [], 0, {})
    assert cbor2.loads(fetch(log, job.sequence))["cells"] == bytes(ROW) + b"\xff" * (2 * ROW)


def test_size_is_enough_for_the_largest_run() -> None:
    log = Log(Nor(256), rest)
    sequence = make(log, fields=16, cells=256)
    assert len(fetch(log, sequence)) <= record.size(16, 256, ROW)


def test_the_host_reads_what_the_reader_wrote() -> None:
    log = Log(Nor(32), rest)
    job = record.Job("PAT-1", "patient", 1, "", None, 1)
    job.sequence = log.begin(job.meta(), record.size(1, 256, ROW))
    writer = record.Writer(log, job, READER)
    writer.chunk(2 * ROW)
    writer.finish(record.Outcome("INVALID", [0, 0, 0, 0], 0, ["BOUND"], "a bound"), [], 0, {"selftest": 1})
    log.begin(record.Job("PAT-2", "patient", 1, "", None, 1).meta(), 100)
    log.abandon()
    assert record.replace_interrupted(log, READER) is None
    broken_off, lost = (Record.decode(fetch(log, sequence)).summary() for sequence, _, _ in log.pending(0, 8))
    assert (broken_off["sample"], broken_off["status"]) == ("PAT-1", "INVALID")
    assert (lost["sample"], lost["flags"]) == ("PAT-2", ["POWER LOST", "PROVISIONAL"])


def test_power_cut_at_every_operation_of_a_run() -> None:
    """A run that was cut is INVALID and POWER LOST, under its own sequence, and never anything else."""
    operations = 0
    cut = 0
    while True:
        flash = Nor(32, seed=cut)
        Log(flash, rest)
        flash.cut = cut
        log = Log(flash, rest)
        try:
            make(log)
            operations = cut
        except PowerCut:
            pass
        after = Log(flash, rest)
        flash.cut = None
        interrupted = [sequence for sequence, _ in after.interrupted()]
        assert record.replace_interrupted(after, READER) is None
        for sequence, _, _ in after.pending(0, 8):
            found = cbor2.loads(fetch(after, sequence))
            assert found["sequence"] == sequence == 1
            if sequence in interrupted:
                assert (found["status"], found["flags"]) == ("INVALID", ["POWER LOST", "PROVISIONAL"])
                assert (found["sample"], found["boots"]) == ("PAT-1", 7)
            else:
                assert found["status"] == "POSITIVE"
        if operations:
            break
        cut += 1
    assert cut > 5
