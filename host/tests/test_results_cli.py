"""`host results`: what it prints, and how it fails."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import click.testing
import pytest

from host.cli import cli
from host.cli.errors import code_of
from host.results import AmbiguousResult, Record, RecordError, ResultNotFound, Store, StoreError
from host.tests import format1_builder
from host.tests.results_builder import READER, record

OTHER = "0011223344556677"

Run = Callable[..., click.testing.Result]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "results.sqlite"
    monkeypatch.setenv("CTC_RESULTS", str(where))
    return where


@pytest.fixture
def stored(path: Path) -> Path:
    with Store(path) as store:
        store.add(record(sequence=1, sample="A"))
        store.add(record([], sequence=2, sample="B"))
        fault = {"status": "INVALID", "flags": ["LED her2", "PROVISIONAL"], "fault": "strip \x1b[31m dark"}
        store.add(record(sequence=3, sample="A", **fault))
        store.add(record(sequence=3, sample="C", reader=OTHER))
    return path


@pytest.fixture
def run(path: Path) -> Run:
    def call(*words: str) -> click.testing.Result:
        return click.testing.CliRunner().invoke(cli, ["results", *words])

    return call


def failed(result: click.testing.Result, kind: type[Exception], says: str) -> None:
    assert result.exit_code == code_of(kind("")), result.output
    assert result.stderr.count("\n") == 1
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_list(stored: Path, run: Run) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["SEQ", "READER", "UTC", "KIND", "SAMPLE", "STATUS", "CTC", "3+"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3", "3"]
    assert "NO CTC" in lines[2] and "INVALID" in lines[3]


def test_list_json_and_filters(stored: Path, run: Run) -> None:
    entries = json.loads(run("list", "--json").stdout)
    assert [(entry["sequence"], entry["status"]) for entry in entries] == [
        (1, "POSITIVE"),
        (2, "NO CTC"),
        (3, "INVALID"),
        (3, "POSITIVE"),
    ]
    assert len(json.loads(run("list", "--json", "--sample", "A").stdout)) == 2
    assert len(json.loads(run("list", "--json", "--reader", OTHER).stdout)) == 1


def test_show_json_is_the_summary_and_the_cells(stored: Path, run: Run) -> None:
    shown = json.loads(run("show", "1", "--json").stdout)
    decoded = Record.decode(record(sequence=1, sample="A"))
    assert shown == {**decoded.summary(), "cells": decoded.cells()}


def test_show_says_what_a_person_needs(stored: Path, run: Run) -> None:
    text = run("show", "1").stdout
    for words in (
        "POSITIVE",
        "0: 1, 1+: 1, 2+: 1, 3+: 2",
        "3+: 2/5 40.0 %, 95 % interval 5.27 to 85.34 %",
        "her2-3plus-gt-30pct: positive with more than 30 % of the CTCs at 3+",
        "LOW COUNT",
        "REJECTED BY",
        "11000",
    ):
        assert words in text


def test_another_rule_than_the_studys_stands_beside_the_status(path: Path, run: Run) -> None:
    with Store(path) as store:
        store.add(record(sequence=1, rule="her2-3plus-ge-1cell"))
        store.add(record(sequence=2))
    assert "POSITIVE by her2-3plus-ge-1cell" in run("show", "1").stdout
    assert " by " not in run("show", "2").stdout
    first, second = run("list").stdout.splitlines()[1:]
    assert "POSITIVE by her2-3plus-ge-1cell" in first and " by " not in second
    assert [entry["rule"] for entry in json.loads(run("list", "--json").stdout)] == [
        "her2-3plus-ge-1cell", "her2-3plus-gt-30pct",
    ]  # fmt: skip


def test_results_of_format_1_beside_those_of_format_2(path: Path, run: Run) -> None:
    with Store(path) as store:
        store.add(format1_builder.record(sequence=1))
        store.add(record(sequence=2))
    assert run("verify").stdout == "2 of 2 records are sound.\n"
    assert len(run("list").stdout.splitlines()) == 3
    shown = [json.loads(run("show", str(n), "--json").stdout) for n in (1, 2)]
    assert [one["interval"] for one in shown] == [[0.0527, 0.8534]] * 2
    old, new = csv.DictReader(io.StringIO(run("export").stdout))
    assert (old["format"], old["cutoffs"], old["leukocytes"]) == ("1", "", "")
    assert (new["format"], new["cutoffs"], new["leukocytes"]) == ("2", "PROVISIONAL-1", "10")
    assert len(run("export", "--cells").stdout.splitlines()) == 1 + 2 * 8


def test_a_record_cannot_write_to_the_terminal(stored: Path, run: Run) -> None:
    text = run("show", "3", "--reader", READER).stdout
    assert "INVALID" in text and "strip ?[31m dark" in text
    assert "\x1b" not in text


def test_failures_have_their_codes(stored: Path, run: Run) -> None:
    failed(run("show", "9"), ResultNotFound, "no result 9")
    failed(run("show", "3"), AmbiguousResult, "--reader")
    assert run("show", "0").exit_code == 2
    stored.write_bytes(b"not a database at all" * 50)
    failed(run("list"), StoreError, "CTC_RESULTS")


def test_nothing_stored_yet_makes_no_file(path: Path, run: Run) -> None:
    assert json.loads(run("list", "--json").stdout) == []
    assert "no such result" in run("list").stdout
    failed(run("show", "1"), ResultNotFound, "host pull")
    assert run("verify").exit_code == 0
    assert json.loads(run("export", "--json").stdout) == []
    assert not path.exists()


def test_verify(stored: Path, run: Run) -> None:
    assert run("verify").stdout == "4 of 4 records are sound.\n"
    with Store(stored) as store:
        store._db.execute("UPDATE record SET raw = substr(raw, 1, 100) WHERE sequence = 2")
    failed(run("verify"), RecordError, "1 of 4")
    assert json.loads(run("verify", "--json").stdout)["bad"][0]["sequence"] == 2


def test_export_results(stored: Path, run: Run, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export").stdout)))
    assert [row["status"] for row in rows] == ["POSITIVE", "NO CTC", "INVALID", "POSITIVE"]
    assert rows[0]["her2_3plus"] == "2" and rows[0]["share_3plus"] == "0.4"
    assert rows[1]["share_3plus"] == rows[1]["share"] == ""
    assert (rows[0]["interval_low"], rows[0]["interval_high"], rows[0]["format"]) == ("0.0527", "0.8534", "2")
    table = json.loads(run("export", "--json").stdout)
    assert [row["sample"] for row in table] == ["A", "B", "A", "C"]
    target = tmp_path / "all.csv"
    assert run("export", "-o", str(target)).exit_code == 0
    assert list(csv.DictReader(target.open(newline=""))) == rows


def test_export_cells(stored: Path, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "--cells", "--csv").stdout)))
    assert len(rows) == 8 + 3 + 8 + 8
    assert (
        sum(row["ctc"] == "true" for row in rows if row["reader"] == READER and row["sequence"] == "1") == 5
    )
    table = json.loads(run("export", "--cells", "--json").stdout)
    assert {row["rejected_by"] for row in table} == {None, "ck"}


def test_an_export_that_fails_leaves_the_old_file(stored: Path, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    target.write_text("old")
    with Store(stored) as store:
        store._db.execute("UPDATE record SET raw = substr(raw, 1, 100) WHERE sequence = 2")
    failed(run("export", "-o", str(target)), RecordError, "CRC-32")
    assert target.read_text() == "old"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["all.csv", "results.sqlite"]
    failed(run("export", "-o", str(tmp_path / "none" / "all.csv")), OSError, "none/all.csv")
