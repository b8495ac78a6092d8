"""host flash"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from host.cli.options import chosen, emit, progress, reader_options
from host.device.deadline import Deadline


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Flash even if the reader runs this build already.")
@reader_options(240)
def flash(
    file: Path | None, force: bool, port: str | None, reader: str | None, deadline: Deadline, as_json: bool
) -> None:
    """Bring an image (build/ctc-reader.uf2) into a reader and see that it runs.

    The image is checked before anything is touched. A reader with no firmware, in its boot drive, is fine
    too.
    """
    from host import flash as library
    from host.board import ROOT
    from host.flash import manifest

    image = library.load(file or ROOT / "build" / "ctc-reader.uf2")
    expected = manifest.beside(image)
    target = library.choose(*chosen(port, reader))
    with progress(as_json) as show:
        outcome = library.flash(target, image, expected, deadline, force, show)
    info = outcome.info
    table = {"flashed": outcome.flashed, "port": outcome.port, "image": str(image.path)} | asdict(info)
    done = "now runs" if outcome.flashed else "already runs"
    emit(as_json, table, f"Reader {info.reader} {done} {info.firmware}, git {info.git}, build {info.build}.")
