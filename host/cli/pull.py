"""host pull"""

from __future__ import annotations

import click

from host.cli.options import chosen, emit, progress, reader_options
from host.cli.summary import describe
from host.device.deadline import Deadline


@click.command()
@reader_options(120)
def pull(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Store every result that a reader keeps; only then does the reader drop them."""
    from host.device import Link, select
    from host.device.clock import synchronise
    from host.device.pull import pull as fetch
    from host.results import Store, default_path

    address = select(*chosen(port, reader)).address or ""
    path = default_path()
    with Store(path) as store, Link(address, deadline) as link, progress(as_json) as show:
        pulled = fetch(link, store, show)
        wrong = synchronise(link)
    if wrong:
        click.echo(wrong, err=True)
    new = [one.record.summary() for one in pulled if one.new]
    known = [one.record.sequence for one in pulled if not one.new]

    def text() -> str:
        lines = [describe(table) for table in new]
        if known:
            lines.append(f"{len(known)} stored before: {', '.join(map(str, known))}.")
        return "\n\n".join(lines) or "The reader has no new results."

    emit(as_json, {"stored": new, "known": known, "file": str(path)}, text)
