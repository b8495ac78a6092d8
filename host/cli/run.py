"""host run"""

from __future__ import annotations

import click

from host.cli.options import chosen, emit, progress, reader_options
from host.cli.summary import describe
from host.device.deadline import Deadline

KINDS = ("patient", "control", "calibration", "simulated")


@click.command()
@click.option("--sample", required=True, metavar="ID", help="Sample id, 1 to 32 printable ASCII characters.")
@click.option("--kind", type=click.Choice(KINDS), default="patient", show_default=True)
@click.option(
    "--fields", type=click.IntRange(1, 255), metavar="N", help="Fields to image (the reader's default)."
)
@click.option("--operator", metavar="X", help="Who runs it, up to 32 printable ASCII characters.")
@reader_options(600)
def run(
    sample: str,
    kind: str,
    fields: int | None,
    operator: str | None,
    port: str | None,
    reader: str | None,
    deadline: Deadline,
    as_json: bool,
) -> None:
    """Measure the specimen in a reader, wait, and store and show the result."""
    _check("--sample", sample, 1)
    if operator is not None:
        _check("--operator", operator, 0)
    from host.device import Link, select
    from host.device.run import run as measure
    from host.results import Store, default_path

    address = select(*chosen(port, reader)).address or ""
    notes: list[str] = []
    try:
        with Store(default_path()) as store, Link(address, deadline) as link, progress(as_json) as show:
            record = measure(link, store, sample, kind, fields, operator, show, notes.append).record
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "interrupted; a run that has begun goes on in the reader: fetch it with 'host pull', "
            "or stop it with 'host abort'."
        ) from None
    for note in notes:
        click.echo(note, err=True)
    table = record.summary()
    emit(as_json, table, lambda: describe(table))


def _check(option: str, value: str, shortest: int) -> None:
    if not shortest <= len(value) <= 32 or not all(" " <= char <= "~" for char in value):
        raise click.BadParameter(f"{shortest} to 32 printable ASCII characters.", param_hint=option)
