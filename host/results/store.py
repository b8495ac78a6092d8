"""The host's results: one SQLite file in which the record's own bytes are the truth.

The columns beside them are an index, made from the bytes and checked against them by ``verify``. A record is
on the disk before ``add`` returns: only then may the reader drop its copy.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from host.results.errors import AmbiguousResult, RecordError, ResultConflict, ResultNotFound, StoreError
from host.results.record import Record

SCHEMA_VERSION = 2
APPLICATION_ID = 0x43544352  # "CTCR": tells our file from any other SQLite database
BUSY_S = 10.0

_TABLES = """
CREATE TABLE record (
    reader TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    stored_utc TEXT NOT NULL,
    utc TEXT,
    kind TEXT NOT NULL,
    sample TEXT NOT NULL,
    status TEXT NOT NULL,
    ctc INTEGER NOT NULL,
    three_plus INTEGER NOT NULL,
    rule TEXT NOT NULL DEFAULT 'her2-3plus-gt-30pct',
    raw BLOB NOT NULL,
    PRIMARY KEY (reader, sequence)
) STRICT;
CREATE INDEX record_by_sample ON record (sample);
"""
_FROM_1 = "ALTER TABLE record ADD COLUMN rule TEXT NOT NULL DEFAULT 'her2-3plus-gt-30pct'"
"""From version 1 of the file, whose records knew one rule."""
_INDEXED = ("reader", "sequence", "sha256", "utc", "kind", "sample", "status", "ctc", "three_plus", "rule")


def default_path() -> Path:
    """Return where results are kept: ``$CTC_RESULTS``, else ``ctc-reader/results.sqlite`` in the user's data
    folder (XDG Base Directory Specification 0.8)."""
    named = os.environ.get("CTC_RESULTS")
    if named:
        return Path(named)
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    base = data if data.is_absolute() else Path.home() / ".local" / "share"
    return base / "ctc-reader" / "results.sqlite"


@dataclass(frozen=True, slots=True)
class Finding:
    """One stored record that ``verify`` does not believe."""

    reader: str
    sequence: int
    problem: str


class Store:
    """The results file. A context manager; use one instance per thread."""

    def __init__(self, path: Path | str) -> None:
        """Open the file, or make it.

        Raises:
            StoreError: it is no results file, of a newer version, or cannot be opened.
        """
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        except (OSError, sqlite3.Error) as why:
            raise StoreError(
                f"The results file {self.path} cannot be opened ({why}): set CTC_RESULTS to another."
            ) from None
        try:
            with self._errors():
                # EXTRA also syncs the folder once the journal is gone, so that no power cut undoes a commit.
                self._db.execute("PRAGMA synchronous = EXTRA")
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, data: bytes, reader: str | None = None) -> bool:
        """Keep a record; when this returns, it is on the disk.

        Args:
            data: the record as the reader sent it.
            reader: id of the reader it was pulled from, when known: it must be the record's.

        Returns:
            True when it is new, False when the very same record was kept already.

        Raises:
            RecordError: the bytes are no sound record, or of another reader; nothing is stored.
            ResultConflict: another record has the same reader and sequence; the stored one stays.
            StoreError: the file cannot be written.
        """
        record = Record.decode(data)
        if reader is not None and reader.lower() != record.reader.lower():
            raise RecordError(f"The record is of reader {record.reader}, but was pulled from {reader}.")
        with self._transaction():
            row = self._db.execute(
                "SELECT raw FROM record WHERE reader = ? AND sequence = ?", (record.reader, record.sequence)
            ).fetchone()
            if row is None:
                values = {**_index(record), "stored_utc": _now(), "raw": record.raw}
                marks = ", ".join(f":{name}" for name in values)
                self._db.execute(f"INSERT INTO record ({', '.join(values)}) VALUES ({marks})", values)
                return True
        if bytes(row[0]) == record.raw:
            return False
        raise ResultConflict(
            f"Another record of reader {record.reader} is already stored as sequence {record.sequence}: "
            "keep both files and find out which is true; the stored one was not changed."
        )

    def get(self, sequence: int, reader: str | None = None) -> Record:
        """Return one result.

        Raises:
            ResultNotFound: there is none.
            AmbiguousResult: several readers have it and none was named.
            RecordError: the stored bytes are damaged.
        """
        with self._errors():
            rows = self._db.execute(
                "SELECT reader, raw FROM record WHERE sequence = ? AND (?2 IS NULL OR lower(reader) = "
                "lower(?2))"
                " ORDER BY reader",
                (sequence, reader),
            ).fetchall()
        if not rows:
            of = f" of reader {reader}" if reader else ""
            raise ResultNotFound(
                f"There is no result {sequence}{of} in {self.path}: see `host results list`."
            )
        if len(rows) > 1:
            names = ", ".join(row[0] for row in rows)
            raise AmbiguousResult(
                f"Several readers have a result {sequence} ({names}): name one with --reader."
            )
        return Record.decode(rows[0][1])

    def index(self, *, sample: str | None = None, reader: str | None = None) -> list[dict[str, Any]]:
        """Return what is stored, oldest first, without decoding: the indexed columns and ``stored_utc``."""
        columns = (*_INDEXED, "stored_utc")
        with self._errors():
            rows = self._db.execute(
                f"SELECT {', '.join(columns)} FROM record WHERE (?1 IS NULL OR sample = ?1)"
                " AND (?2 IS NULL OR lower(reader) = lower(?2)) ORDER BY stored_utc, reader, sequence",
                (sample, reader),
            ).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def records(self) -> Iterator[Record]:
        """Yield every result, oldest first.

        Raises:
            RecordError: the next one's stored bytes are damaged.
        """
        for entry in self.index():
            yield self.get(entry["sequence"], entry["reader"])

    def verify(self) -> tuple[int, list[Finding]]:
        """Decode every record again and compare the index with it.

        Returns:
            How many records are stored, and those that are wrong.
        """
        with self._errors():
            damage = [row[0] for row in self._db.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
        if damage:
            raise StoreError(
                f"The results file {self.path} is damaged ({damage[0]}): restore it from a copy."
            )
        entries, findings = self.index(), []
        for entry in entries:
            try:
                record = self.get(entry["sequence"], entry["reader"])
            except RecordError as why:
                findings.append(Finding(entry["reader"], entry["sequence"], str(why)))
                continue
            wrong = [name for name, value in _index(record).items() if entry[name] != value]
            if wrong:
                problem = f"The index says otherwise than the record about {', '.join(wrong)}."
                findings.append(Finding(entry["reader"], entry["sequence"], problem))
        return len(entries), findings

    def _prepare(self) -> None:
        """Make the tables in a new file; refuse any other file."""
        with self._transaction():
            version, application = (
                self._db.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("user_version", "application_id")
            )
            empty = not self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            if empty and version == 0 and application == 0:
                for statement in _TABLES.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                return
            if application == APPLICATION_ID and version == 1:
                self._db.execute(_FROM_1)
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                return
        if application != APPLICATION_ID:
            raise StoreError(
                f"{self.path} is a database of something else: set CTC_RESULTS to the results file."
            )
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"The results file {self.path} has version {version} and this command knows "
                f"{SCHEMA_VERSION}: update it."
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, and on the disk when it ends."""
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # SQLite itself rolls back on some failures, a full disk among them.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn SQLite's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as why:
            raise StoreError(
                f"The results file {self.path} cannot be used ({why}): check disk and rights."
            ) from None
        except sqlite3.DatabaseError as why:
            raise StoreError(
                f"{self.path} is no sound results file ({why}): set CTC_RESULTS to another, or restore it "
                "from a copy."
            ) from None


def _index(record: Record) -> dict[str, Any]:
    values = (
        record.reader,
        record.sequence,
        record.sha256,
        record.utc,
        record.kind,
        record.sample,
        record.status,
        record.ctc,
        record.tally[3],
        record.rule,
    )
    return dict(zip(_INDEXED, values, strict=True))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
