"""host abort"""

from __future__ import annotations

import click

from host.cli.options import chosen, emit, reader_options
from host.device.deadline import Deadline


@click.command()
@reader_options(10)
def abort(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Stop the run in a reader; it ends INVALID."""
    from host.device import Link, select

    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        link.abort()
    emit(as_json, {"aborted": True}, "The run is being stopped; its result will be INVALID.")
