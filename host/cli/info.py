"""host info"""

from __future__ import annotations

from dataclasses import asdict

import click

from host.cli.options import chosen, emit, reader_options
from host.device.deadline import Deadline


@click.command()
@reader_options(10)
def info(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Show what runs in a reader, and what it is doing."""
    from host.device import Link, ReaderRefused, select

    address = select(*chosen(port, reader)).address or ""
    with Link(address, deadline) as link:
        about = link.info()
        status = link.status()
        try:
            clock: str | None = link.clock()
        except ReaderRefused:
            clock = None
    now = status.model_dump(exclude={"header", "version", "sequence", "smp_data"})
    table = asdict(about) | {"port": address, "clock": clock, "status": now}

    def text() -> str:
        return "\n".join(
            (
                f"reader    {about.reader} ({about.mode}) on {address}",
                f"firmware  {about.firmware}, git {about.git}, build {about.build}",
                f"core      {about.core}, gates {about.gate_set}, MicroPython {about.micropython}",
                f"clock     {clock or 'not set'}",
                f"state     {status.state}{': ' + status.fault if status.fault else ''}, lid {status.lid}",
                f"results   {status.kept} not yet pulled, newest {status.last or 'none'}",
                f"memory    {status.free} bytes free, largest block {status.largest}",
                f"up        {status.ms / 1000:.1f} s, ready after {status.boot_ms} ms",
            )
        )

    emit(as_json, table, text)
