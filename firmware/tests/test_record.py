"""Records as the reader writes them, read by an independent CBOR decoder and by the host's own."""

from __future__ import annotations

from binascii import crc32

import board
import cbor2
import pytest
from nor import Nor, PowerCut
from reader.crops import BYTES, PER_RUN, most
from reader.results import record
from reader.results.geometry import SECTOR, sectors_for
from reader.results.log import RESERVE, Log

from host import core
from host.results import Record
from host.tests.results_builder import row

READER = bytes(range(8))
IDENTITY = ("cellsearch-2", "PROVISIONAL-2", "PROVISIONAL-2", "")
ROW = core.ROW_BYTES


def rest() -> None:
    pass


def void() -> record.Outcome:
    return record.void(core.RULE, core.new_counts(), ["BOUND"], "a bound")


def make(log: Log, fields: int = 2, cells: int = 3, crops: int = 1) -> int:
    job = record.Job("PAT-1", "simulated", fields, "op", "2026-03-01T09:30:00Z", 7, core.RULE)
    job.sequence = log.begin(job.meta(), record.size(fields, 256, ROW, most(fields)))
    writer = record.Writer(log, job, READER, IDENTITY)
    for field in range(fields):
        writer.chunk(cells * ROW)
        for _ in range(cells):
            writer.rows(bytes([field, 1, 3]) + bytes(ROW - 3))
        writer.crops(bytes([field]) * crops * BYTES)
    outcome = record.decided(core.RULE, core.counts_of((0, 0, 0, fields * cells)))
    figures = list(range(fields * 5 * record.QUALITY))
    counted = [7 + at for at in range(fields * record.COUNTED)]
    writer.finish(outcome, figures, counted, fields, {"selftest": 5})
    return job.sequence


def fetch(log: Log, sequence: int) -> bytes:
    return log.read(sequence, 0, 1 << 20)[1]


def test_keys_and_their_order() -> None:
    log = Log(Nor(32), rest)
    data = fetch(log, make(log))
    found = cbor2.loads(data)
    assert " ".join(found) == (
        "format reader firmware core git gate_set calibration cutoffs settings rule kind sample operator utc "
        "boots sequence fields_planned cells quality fields imaged_mm2 tally tally_low tally_high rejected "
        "leukocytes interval status flags fault timing crc"
    )
    assert [len(part) for part in found["cells"]] == [3 * ROW, BYTES] * 2
    assert found["cells"][2][:3] == b"\1\1\3" and found["cells"][3] == b"\1" * BYTES
    assert data[data.index(b"\x65cells") + 6] == 0x9F  # a list without a length: written as the run goes
    assert found["quality"][1] == {
        "field": 1,
        "leukocytes": 9,
        "hot": 10,
        **{
            name: list(range(30 + 6 * at, 36 + 6 * at))
            for at, name in enumerate(("dark", "dapi", "ck", "cd45", "her2"))
        },
    }
    assert found["imaged_mm2"] == pytest.approx(2 * 316 * 244 / 1e6)
    assert (found["leukocytes"], found["interval"]) == (7 + 9, [5407, 10000])
    assert found["tally"] == found["tally_low"] == found["tally_high"] == [0, 0, 0, 6]
    assert found["flags"] == ["LOW COUNT", "PROVISIONAL"]
    assert found["crc"] == crc32(data[: data.rindex(b"\x63crc")])


def test_a_field_that_broke_off_leaves_whole_rows() -> None:
    log = Log(Nor(32), rest)
    job = record.Job("PAT-1", "patient", 1, "", None, 1, core.RULE)
    job.sequence = log.begin(job.meta(), record.size(1, 256, ROW))
    writer = record.Writer(log, job, READER, IDENTITY)
    writer.chunk(3 * ROW)
    writer.rows(bytes(ROW))
    writer.finish(void(), [], None, 0, {})
    assert cbor2.loads(fetch(log, job.sequence))["cells"] == [bytes(ROW) + b"\xff" * (2 * ROW), b""]


def test_crops_that_broke_off_leave_whole_crops() -> None:
    log = Log(Nor(32), rest)
    job = record.Job("PAT-1", "patient", 1, "", None, 1, core.RULE)
    job.sequence = log.begin(job.meta(), record.size(1, 256, ROW, 24))
    writer = record.Writer(log, job, READER, IDENTITY)
    writer.chunk(0)
    writer.chunk(2 * BYTES)
    writer.rows(bytes(BYTES))
    writer.finish(void(), [], None, 0, {})
    assert cbor2.loads(fetch(log, job.sequence))["cells"] == [b"", bytes(BYTES) + b"\xff" * BYTES]


def test_size_is_enough_for_the_largest_run() -> None:
    log = Log(Nor(256), rest)
    sequence = make(log, fields=16, cells=256, crops=8)
    assert most(16) == 16 * 8 == PER_RUN
    assert (
        record.size(16, 256, ROW, PER_RUN) - 4096
        < len(fetch(log, sequence))
        <= record.size(16, 256, ROW, PER_RUN)
    )


def test_the_log_holds_a_reasonable_number_of_results() -> None:
    """In the board's log, of runs of the board's fields: the worst ones, and ones with 40 CTCs and crops.

    Each is begun with room for the worst and keeps what it takes.
    """
    sectors = board.FLASH_RESULTS_SIZE // SECTOR
    fields = board.ASSAY_FIELDS
    worst = record.size(fields, core.MAX_OBJECTS, ROW, most(fields))
    usual = record.size(fields, 20, ROW, 40)
    spare = sectors - RESERVE - sectors_for(worst)
    assert (worst, spare // sectors_for(worst) + 1) == (150232, 6)
    assert (usual, spare // sectors_for(usual) + 1) == (54936, 15)
    assert sectors_for(record.size(fields, core.MAX_OBJECTS, ROW)) == 11


def test_the_host_reads_what_the_reader_wrote() -> None:
    log = Log(Nor(32), rest)
    job = record.Job("PAT-1", "patient", 1, "", None, 1, core.RULE)
    job.sequence = log.begin(job.meta(), record.size(1, 256, ROW))
    writer = record.Writer(log, job, READER, IDENTITY)
    writer.chunk(2 * ROW)
    writer.finish(void(), [], None, 0, {"selftest": 1})
    log.begin(record.Job("PAT-2", "patient", 1, "", None, 1, core.RULE).meta(), 100)
    log.abandon()
    assert record.replace_interrupted(log, READER, IDENTITY) is None
    broken_off, lost = (Record.decode(fetch(log, sequence)).summary() for sequence, _, _ in log.pending(0, 8))
    assert (broken_off["sample"], broken_off["status"]) == ("PAT-1", "INVALID")
    assert (lost["sample"], lost["flags"]) == ("PAT-2", ["POWER LOST", "PROVISIONAL"])


def test_the_rule_of_an_interrupted_run_is_kept() -> None:
    log = Log(Nor(32), rest)
    for rule in core.RULES:
        log.begin(record.Job("PAT-2", "patient", 1, "", None, 1, rule).meta(), 100)
        log.abandon()
    assert record.replace_interrupted(log, READER, IDENTITY) is None
    stored = [Record.decode(fetch(log, sequence)) for sequence, _, _ in log.pending(0, 8)]
    assert [one.rule for one in stored] == list(core.RULES)
    assert {one.status for one in stored} == {"INVALID"}


OLD = ["PAT-3", "patient", 2, "", None, 1]
NEWER = [*OLD, "a newer rule"]


@pytest.mark.parametrize(
    ("meta", "sample"),
    [
        (OLD, "PAT-3"),
        (NEWER, "PAT-3"),
        ("not one", ""),
        ("no list", ""),
        ([1], ""),
        (None, ""),
    ],
)
def test_a_run_interrupted_under_older_firmware_has_its_record(meta: object, sample: str) -> None:
    """That firmware kept no rule, as there was one; what cannot be read at all is a run of nobody."""
    log = Log(Nor(32), rest)
    log.begin(b"\xff" if meta is None else cbor2.dumps(meta), 100)
    log.abandon()
    assert record.replace_interrupted(log, READER, IDENTITY) is None
    ((sequence, _, _),) = log.pending(0, 8)
    stored = Record.decode(fetch(log, sequence))
    assert (stored.rule, stored.status, stored.sample) == (core.RULE, "INVALID", sample)


@pytest.mark.parametrize("rule", core.RULES)
def test_the_host_agrees_with_every_decision(rule: str) -> None:
    """Status, flags and interval of a result, worked out twice from the same cells."""
    for scores in ([], [0] * 12, [3] * 3 + [0] * 7, [1] * 6 + [0] * 6, [3] + [0] * 20):
        log = Log(Nor(32), rest)
        job = record.Job("PAT-1", "patient", 1, "", None, 1, rule)
        job.sequence = log.begin(job.meta(), record.size(1, 256, core.ROW_BYTES))
        writer = record.Writer(log, job, READER, IDENTITY)
        rows = b"".join(row(0, score) for score in scores)
        counts = core.new_counts()
        core.tally(rows, len(scores), counts)
        writer.chunk(len(rows))
        writer.rows(rows)
        writer.crops(b"")
        outcome = record.decided(rule, counts)
        writer.finish(outcome, [0] * (5 * record.QUALITY), None, 1, {})
        stored = Record.decode(fetch(log, job.sequence))
        assert (stored.status, stored.flags) == (outcome.status, outcome.flags)


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
        assert record.replace_interrupted(after, READER, IDENTITY) is None
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
