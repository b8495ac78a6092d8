"""The result log against a NOR flash, with the power cut at every operation."""

from __future__ import annotations

import hashlib

import pytest
from nor import Nor, PowerCut
from reader.results.geometry import sectors_for
from reader.results.log import RESERVE, Full, Log, LogError

SECTORS = 16


def rest() -> None:
    pass


def body(sequence: int, size: int) -> bytes:
    return hashlib.shake_128(str(sequence).encode()).digest(size)


def store(log: Log, size: int, parts: int = 3) -> int:
    """One record, written in pieces."""
    sequence = log.begin(b"meta %d" % (log.last + 1), size)
    data = body(sequence, size)
    step = max(1, size // parts)
    for at in range(0, size, step):
        log.write(data[at : at + step])
    log.commit()
    return sequence


def check(log: Log, sequence: int, size: int) -> bytes:
    """The record reads back whole, in pieces of an awkward size; return its hash."""
    data = b""
    while True:
        length, piece = log.read(sequence, len(data), 700)
        data += piece
        if len(data) >= length:
            break
    assert data == body(sequence, size)
    return hashlib.sha256(data).digest()


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 3327, 3328, 3329, 7168, 7169, 20000])
def test_what_is_written_reads_back_after_a_restart(size: int) -> None:
    flash = Nor(SECTORS)
    sequence = store(Log(flash, rest), size)
    log = Log(flash, rest)
    assert log.last == sequence == 1
    sha = check(log, sequence, size)
    assert log.pending(0, 8) == [(sequence, size, sha)]


def test_acknowledged_only_by_its_hash_and_only_once() -> None:
    flash = Nor(SECTORS)
    log = Log(flash, rest)
    sequence = store(log, 1000)
    sha = check(log, sequence, 1000)
    assert not log.acknowledge(sequence, bytes(32))
    assert log.kept() == 1
    assert log.acknowledge(sequence, sha)
    with pytest.raises(KeyError):
        log.acknowledge(sequence, sha)
    with pytest.raises(KeyError):
        log.read(sequence, 0, 10)
    assert Log(flash, rest).kept() == 0


def test_sequences_never_repeat_when_the_ring_turns() -> None:
    flash = Nor(SECTORS)
    seen = []
    for _ in range(3 * SECTORS):
        log = Log(flash, rest)
        sequence = store(log, 5000)
        seen.append(sequence)
        log.acknowledge(sequence, check(log, sequence, 5000))
    assert seen == list(range(1, 3 * SECTORS + 1))


def test_refuses_rather_than_overwrites() -> None:
    flash = Nor(SECTORS)
    log = Log(flash, rest)
    kept = []
    with pytest.raises(Full):
        while True:
            kept.append(store(log, 5000))
    assert len(kept) == (SECTORS - RESERVE) // sectors_for(5000)
    for sequence in kept:
        check(log, sequence, 5000)
    log.acknowledge(kept[0], check(log, kept[0], 5000))
    assert store(log, 5000) == kept[-1] + 1
    for sequence in kept[1:]:
        check(log, sequence, 5000)


def test_room_is_what_begin_takes() -> None:
    log = Log(Nor(SECTORS), rest)
    store(log, 3 * 4096)
    free = (log.free() - RESERVE) * 3840 - 512
    assert log.room(free) and not log.room(free + 1)
    with pytest.raises(Full):
        log.begin(b"", free + 1)
    log.begin(b"", free)


def test_longer_than_planned_is_an_error() -> None:
    log = Log(Nor(SECTORS), rest)
    log.begin(b"", 100)
    with pytest.raises(LogError):
        log.write(bytes(4000))
        log.write(bytes(4000))


def test_the_host_may_read_while_a_record_is_written() -> None:
    """As a pull does during a run: what is listed and read meanwhile is not what is written."""
    log = Log(Nor(SECTORS), rest)
    kept = store(log, 500)
    sequence = log.begin(b"", 3000)
    data = body(sequence, 1500)
    for at in range(0, len(data), 100):
        log.write(data[at : at + 100])
        assert [entry[0] for entry in log.pending(0, 8)] == [kept]
        check(log, kept, 500)
        assert log.interrupted() == []
    sha = log.commit()
    assert check(log, sequence, 1500) == sha


def test_one_record_at_a_time() -> None:
    log = Log(Nor(SECTORS), rest)
    log.begin(b"", 100)
    with pytest.raises(LogError):
        log.begin(b"", 100)


def test_erases_ahead_one_sector_a_call_and_none_too_many() -> None:
    flash = Nor(SECTORS)
    log = Log(flash, rest)
    calls = 0
    while log.prepare(10000):
        calls += 1
    assert calls == sectors_for(10000)
    before = flash.operations
    log.begin(b"", 10000)
    assert flash.operations == before + 1  # the head's page: the host's start is answered at once


class Told:
    """What the log has said so far."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.committed: dict[int, int] = {}
        self.asked: set[int] = set()  # to be dropped
        self.dropped: set[int] = set()


def scenario(flash: Nor, told: Told) -> None:
    """Everything a log does, told step by step to those who check it afterwards."""
    log = Log(flash, rest)
    for sequence, meta in log.interrupted():
        assert meta == b"meta %d" % sequence
        log.begin(meta, 600, sequence)
        log.write(body(sequence, 600))
        log.commit()
        told.committed[sequence] = 600
    for size in (900, 5000, 300):
        sequence = log.begin(b"meta %d" % (log.last + 1), size)
        told.begun.append(sequence)
        log.write(body(sequence, size))
        kept = log.kept()
        log.commit()
        assert log.kept() == kept + 1
        told.committed[sequence] = size
        oldest, _, sha = log.pending(0, 1)[0]
        if oldest != sequence:
            told.asked.add(oldest)
            assert log.acknowledge(oldest, sha)
            told.dropped.add(oldest)
        log.prepare(5000)


def prepared(turns: int) -> tuple[Nor, Told]:
    flash = Nor(10, seed=turns)
    told = Told()
    for _ in range(turns):
        scenario(flash, told)
    return flash, told


@pytest.mark.parametrize("turns", [0, 1, 4])
def test_power_cut_at_every_operation(turns: int) -> None:
    """After the cut: what was ended is there unless dropped, what was begun is known, nothing else counts."""
    flash, _ = prepared(turns)
    before = flash.operations
    scenario(flash, Told())
    operations = flash.operations - before
    assert operations > 30
    for cut in range(operations):
        flash, told = prepared(turns)
        flash.cut = before + cut
        with pytest.raises(PowerCut):
            scenario(flash, told)
        log = Log(flash, rest)
        kept = {sequence: length for sequence, length, _ in log.pending(0, 100)}
        where = f"turns {turns} cut {cut}"
        for sequence, size in told.committed.items():
            if sequence not in told.asked:
                assert kept.get(sequence) == size, where
        assert told.dropped.isdisjoint(kept), where
        for sequence in kept:
            check(log, sequence, kept[sequence])
        interrupted = [sequence for sequence, _ in log.interrupted()]
        assert set(interrupted).isdisjoint(kept), where
        # A sequence that was handed out is either a record, or known to have been interrupted.
        for sequence in told.begun:
            assert sequence in kept or sequence in told.asked or sequence in interrupted, where
        # And the log goes on: twice more, with numbers that nobody has seen.
        flash.cut = None
        later = Told()
        scenario(flash, later)
        scenario(flash, later)
        assert min(later.begun) > max(told.begun, default=0), where
        assert len(set(later.begun)) == 6, where
        assert Log(flash, rest).interrupted() == [], where


def test_a_cut_erase_never_brings_a_dropped_record_back() -> None:
    for seed in range(120):
        flash = Nor(8, seed=seed)
        log = Log(flash, rest)
        for _ in range(4):
            sequence = store(log, 500)
            assert log.acknowledge(sequence, check(log, sequence, 500))
        flash.cut = flash.operations + seed % 14
        try:
            while log.prepare(26000):
                pass
        except PowerCut:
            pass
        assert Log(flash, rest).kept() == 0, seed
        assert Log(flash, rest).last == 4, seed
