"""host results: what is kept on this computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host.cli.options import emit, json_option

if TYPE_CHECKING:
    from host.results import Record, Store

LIST_COLUMNS = {
    "sequence": "SEQ",
    "reader": "READER",
    "utc": "UTC",
    "kind": "KIND",
    "sample": "SAMPLE",
    "status": "STATUS",
    "ctc": "CTC",
    "three_plus": "3+",
}

reader_option = click.option("--reader", metavar="ID", help="Of this reader only.")


@contextmanager
def _opened() -> Iterator[Store | None]:
    """Open the results file; None where nothing was ever stored: looking at results makes no file."""
    from host.results import Store, default_path

    if not default_path().exists():
        yield None
        return
    with Store(default_path()) as store:
        yield store


def _result(sequence: int, reader: str | None) -> Record:
    """Return one stored result."""
    from host.results import ResultNotFound, default_path

    with _opened() as store:
        if store is None:
            raise ResultNotFound(
                f"There is no results file {default_path()} yet: `host run` and `host pull` make it."
            )
        return store.get(sequence, reader)


@click.group()
def results() -> None:
    """List, show, verify and export the results in the file that CTC_RESULTS names."""


@results.command("list")
@click.option("--sample", metavar="ID", help="Of this sample only.")
@reader_option
@json_option
def list_results(sample: str | None, reader: str | None, as_json: bool) -> None:
    """List the results, oldest first."""
    from host.results import default_path
    from host.results.text import shown, status, table

    with _opened() as store:
        entries = store.index(sample=sample, reader=reader) if store else []

    def text() -> str:
        if not entries:
            return f"There is no such result in {default_path()}; `host run` and `host pull` store results."
        told = [{**entry, "status": status(entry["status"], entry["rule"])} for entry in entries]
        rows = [[shown(entry[name]) for name in LIST_COLUMNS] for entry in told]
        return table(list(LIST_COLUMNS.values()), rows)

    emit(as_json, entries, text)


@results.command()
@click.argument("sequence", metavar="SEQ", type=click.IntRange(min=1))
@reader_option
@json_option
def show(sequence: int, reader: str | None, as_json: bool) -> None:
    """Show one result and every object in it."""
    from host.results.text import describe

    record = _result(sequence, reader)
    emit(as_json, {**record.summary(), "cells": record.cells()}, lambda: describe(record))


@results.command()
@click.argument("sequence", metavar="SEQ", type=click.IntRange(min=1))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.png",
    required=True,
    help="The picture, whole or not at all.",
)
@reader_option
@json_option
def crops(sequence: int, output: Path, reader: str | None, as_json: bool) -> None:
    """Write a picture of the CTCs of one result: four channels, and all in one."""
    from host.results.gallery import write

    count = write(_result(sequence, reader), output)
    emit(as_json, {"file": str(output), "crops": count}, f"{output}: {count} CTCs.")


@results.command()
@json_option
def verify(as_json: bool) -> None:
    """Decode every stored record again: CRC-32, tally, status, index."""
    from host.results import RecordError, default_path

    with _opened() as store:
        count, findings = store.verify() if store else (0, [])
    bad = [{"reader": one.reader, "sequence": one.sequence, "problem": one.problem} for one in findings]
    lines = [f"{one.reader} {one.sequence}: {one.problem}" for one in findings]
    emit(
        as_json,
        {"records": count, "bad": bad},
        "\n".join([*lines, f"{count - len(bad)} of {count} records are sound."]),
    )
    if bad:
        raise RecordError(
            f"{len(bad)} of {count} stored records are not sound: restore {default_path()} from a copy."
        )


@results.command()
@click.option("--csv", "form", flag_value="csv", default="csv", help="CSV (the default).")
@click.option("--json", "form", flag_value="json", help="A JSON array.")
@click.option("--cells", is_flag=True, help="One row per object, not per result.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="To a file, whole or not at all."
)
def export(form: str, cells: bool, output: Path | None) -> None:
    """Write all results, or every object in them, for other programs."""
    from host.results.export import export as write

    with _opened() as store:
        records: Iterator[Record] = store.records() if store else iter(())
        write(records, form=form, cells=cells, output=output)
