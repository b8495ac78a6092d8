"""host reset"""

from __future__ import annotations

import click

from host.cli.options import chosen, emit, reader_options
from host.device.deadline import Deadline


@click.command()
@click.option("--force", is_flag=True, help="Even in the middle of a run, which is then lost.")
@reader_options(90)
def reset(force: bool, port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Restart a reader and wait until it answers again; one left at its MicroPython prompt too."""
    from host.device import Link, ReaderSilent, select
    from host.device.link import wait_until_it_answers

    address = select(*chosen(port, reader)).address or ""
    try:
        with Link(address, deadline) as link:
            link.reset(force)
    except ReaderSilent:
        from host.device.terminal import leave_prompt

        leave_prompt(address)
    info = wait_until_it_answers(address, deadline, deadline.left())
    emit(as_json, {"reader": info.reader, "port": address}, f"Reader {info.reader} has restarted.")
