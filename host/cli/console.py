"""host console"""

from __future__ import annotations

import sys

import click

from host.cli.options import chosen, reader_options
from host.device.deadline import Deadline


@click.command()
@reader_options(10)
def console(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Open a development reader's MicroPython prompt; Ctrl-] leaves it and restarts the application.

    --timeout is for reaching the reader, not for the conversation.
    """
    from host.device import Link, select
    from host.device.terminal import converse

    if as_json or not sys.stdin.isatty():
        raise click.UsageError("The console is for a terminal: use mpremote for scripts.")
    address = select(*chosen(port, reader)).address or ""
    with Link(address, deadline) as link:
        if link.info().mode == "locked":
            raise click.UsageError(
                "This reader is locked and has no prompt; flash a development build for one."
            )
    click.echo("Ctrl-] leaves.", err=True)
    converse(address)
