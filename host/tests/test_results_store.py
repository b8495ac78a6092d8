"""The store keeps each record once, whole, and on the disk before it says so."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from host.results import (
    AmbiguousResult,
    RecordError,
    ResultConflict,
    ResultNotFound,
    Store,
    StoreError,
    default_path,
)
from host.results.store import SCHEMA_VERSION
from host.tests import format1_builder
from host.tests.results_builder import READER, record

OTHER = "0011223344556677"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "results.sqlite"


def test_twice_stores_once(path: Path) -> None:
    with Store(path) as store:
        assert store.add(record(), READER) is True
        assert store.add(record(), READER) is False
        assert len(store.index()) == 1
    with Store(path) as store:
        assert store.add(record(), READER.upper()) is False
        assert store.get(7).raw == record()


def test_another_record_under_the_same_number_is_refused_and_the_first_stays(path: Path) -> None:
    with Store(path) as store:
        store.add(record())
        with pytest.raises(ResultConflict):
            store.add(record(sample="S-2"))
        assert store.get(7).sample == "S-1"


def test_a_record_from_the_wrong_reader_or_damaged_leaves_nothing(path: Path) -> None:
    with Store(path) as store:
        with pytest.raises(RecordError, match="pulled from"):
            store.add(record(), OTHER)
        with pytest.raises(RecordError):
            store.add(record()[:-1] + b"\x00", READER)
        assert store.index() == []


def test_the_same_number_of_two_readers_needs_a_name(path: Path) -> None:
    with Store(path) as store:
        store.add(record())
        store.add(record(reader=OTHER, sample="S-9"))
        with pytest.raises(AmbiguousResult, match="--reader"):
            store.get(7)
        assert store.get(7, OTHER).sample == "S-9"
        assert store.get(7, READER.upper()).sample == "S-1"
        with pytest.raises(ResultNotFound):
            store.get(8)
        with pytest.raises(ResultNotFound):
            store.get(7, "ff" * 8)


def test_index_filters(path: Path) -> None:
    with Store(path) as store:
        for sequence, sample in ((1, "A"), (2, "B"), (3, "A")):
            store.add(record(sequence=sequence, sample=sample))
        assert [entry["sequence"] for entry in store.index(sample="A")] == [1, 3]
        assert store.index(reader=OTHER) == []
        assert [found.sequence for found in store.records()] == [1, 2, 3]


def test_verify_finds_a_changed_byte_and_a_changed_index(path: Path) -> None:
    with Store(path) as store:
        for sequence in (1, 2, 3):
            store.add(record(sequence=sequence))
        assert store.verify() == (3, [])
    damaged = bytearray(record(sequence=2))
    damaged[100] ^= 4
    with sqlite3.connect(path) as database:
        database.execute("UPDATE record SET raw = ? WHERE sequence = 2", (bytes(damaged),))
        database.execute("UPDATE record SET status = 'NEGATIVE' WHERE sequence = 3")
    database.close()
    with Store(path) as store:
        count, findings = store.verify()
        assert count == 3
        assert [finding.sequence for finding in findings] == [2, 3]
        assert "CRC-32" in findings[0].problem
        assert "status" in findings[1].problem


WRITER = """
import sys
sys.path.insert(0, {root!r})
from host.results import Store
from host.tests import format1_builder
from host.tests.results_builder import record
with Store({path!r}) as store:
    for sequence in range(1, 10000):
        store.add(record(sequence=sequence))
        print(sequence, flush=True)
"""


def test_what_was_reported_as_stored_survives_a_kill(path: Path) -> None:
    """The writer dies without warning in the middle; everything it had said was stored is there and sound."""
    root = str(Path(__file__).resolve().parents[2])
    for after in (1, 5, 23):
        program = WRITER.format(root=root, path=str(path))
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        try:
            for line in writer.stdout:
                if int(line) >= after:
                    break
        finally:
            writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.wait(timeout=10)
        said = int(rest[-1]) if rest else after
        with Store(path) as store:
            count, findings = store.verify()
            assert findings == []
            assert [entry["sequence"] for entry in store.index()] == list(range(1, count + 1))
            assert count >= said


def test_two_processes_may_store_at_once(path: Path) -> None:
    with Store(path) as first, Store(path) as second:
        assert first.add(record(sequence=1)) is True
        assert second.add(record(sequence=1)) is False
        assert second.add(record(sequence=2)) is True
        assert [entry["sequence"] for entry in first.index()] == [1, 2]


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_bytes(b"these are my notes, " * 100)
    with pytest.raises(StoreError, match="CTC_RESULTS"):
        Store(text)
    assert text.read_bytes() == b"these are my notes, " * 100


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE song (name TEXT)")
    database.commit()
    database.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="something else"):
        Store(path)
    assert path.read_bytes() == before


def test_a_newer_version_is_refused(path: Path) -> None:
    Store(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(StoreError, match="update"):
        Store(path)


def test_a_file_of_version_1_is_taken_over(path: Path) -> None:
    """As the first version made it: without the rule, of which there was one."""
    with Store(path) as store:
        store.add(format1_builder.record(sequence=3))
        store._db.execute("ALTER TABLE record DROP COLUMN rule")
        store._db.execute("PRAGMA user_version = 1")
    for _ in range(2):
        with Store(path) as store:
            assert store.index()[0]["rule"] == "her2-3plus-gt-30pct"
            assert store.verify() == (1, [])
            assert store.get(3).format == 1
    with Store(path) as store:
        store.add(record(sequence=4, rule="her2-3plus-ge-1cell"))
        assert store.verify() == (2, [])


def test_a_damaged_or_cut_file_is_one_sentence(path: Path) -> None:
    with Store(path) as store:
        for sequence in range(1, 20):
            store.add(record(sequence=sequence))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError), Store(path) as store:
        store.verify()


def test_a_folder_or_a_forbidden_place_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        Store(tmp_path / "file" / "results.sqlite")


def test_a_locked_file_is_given_up_after_a_while(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.results.store.BUSY_S", 0.1)
    Store(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        Store(path)
    holder.close()


def test_default_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CTC_RESULTS", str(tmp_path / "mine.sqlite"))
    assert default_path() == tmp_path / "mine.sqlite"
    monkeypatch.delenv("CTC_RESULTS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == tmp_path / "ctc-reader" / "results.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    assert default_path() == Path.home() / ".local/share/ctc-reader/results.sqlite"
