"""host screen"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from host.cli.draw import half_blocks
from host.cli.options import chosen, emit, reader_options
from host.device.deadline import Deadline


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE.png", help="Write a PNG.")
@click.option("--scale", type=click.IntRange(1, 16), default=1, show_default=True, help="Enlarge the PNG.")
@reader_options(20)
def screen(
    output: Path | None, scale: int, port: str | None, reader: str | None, deadline: Deadline, as_json: bool
) -> None:
    """Show what a reader's display shows: as a PNG, and in the terminal."""
    terminal = sys.stdout.isatty() and not as_json
    if output is None and not terminal:
        raise click.UsageError("Standard output is no terminal: name a file with -o FILE.png.")
    from PIL import Image

    from host.device import Link, select

    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        picture = link.screen()
    if output:
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb())
        size = (picture.width * scale, picture.height * scale)
        output.parent.mkdir(parents=True, exist_ok=True)
        image.resize(size, Image.Resampling.NEAREST).save(output, "PNG")
    if terminal:
        click.echo(half_blocks(picture.width, picture.height, picture.rgb()))
    elif as_json:
        table = {"width": picture.width, "height": picture.height, "file": str(output) if output else None}
        emit(True, table, "")
