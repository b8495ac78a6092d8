"""host calibrate"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.options import chosen, emit, progress, reader_options
from host.device.deadline import Deadline

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="FOLDER",
    help="Where the report (JSON and PNG) goes; here unless given.",
)  # fmt: skip


@click.group()
def calibrate() -> None:
    """Calibrate a reader: flat field, spillover, then HER2 on beads (docs/calibration.md).

    A calibration outside its limits is refused: nothing is sent to the reader and no report written.
    """


def _finish(done: Any, output: Path, as_json: bool, text: str) -> None:
    from host.calibration import report

    files = report.write(done.table, done.figure(), output / done.name)
    table = {**done.table, "files": [str(file) for file in files]}
    emit(
        as_json, table, f"{text}\nCalibration {done.config.calibration} is in the reader. Report: {files[1]}."
    )


@calibrate.command()
@click.option("--lot", type=_FILE, required=True, metavar="LOT.toml", help="The bead lot's values.")
@click.option("--fields", type=click.IntRange(1, 255), metavar="N", help="Fields to image.")
@click.option("--operator", metavar="X", help="Who runs it, up to 32 printable ASCII characters.")
@_FOLDER
@reader_options(600)
def beads(
    lot: Path, fields: int | None, operator: str | None, output: Path, port: str | None, reader: str | None,
    deadline: Deadline, as_json: bool,
) -> None:  # fmt: skip
    """Measure the bead specimen in a reader; HER2 is in MESF per um2 of these beads from then on."""
    from host.calibration import lot as lots
    from host.calibration import onreader
    from host.device import Link, select
    from host.results import Store, default_path

    beads_lot = lots.load(lot)
    address = select(*chosen(port, reader)).address or ""
    with Store(default_path()) as store, Link(address, deadline) as link, progress(as_json) as show:
        done = onreader.beads(link, store, beads_lot, fields, operator, show)
    line = done.table["line"]
    text = (
        f"MESF/um2 = {line['mesf_um2_at_one_grey']:.4g} x grey^{line['slope']:.4f} "
        f"(R2 {line['r2']:.5f}, {line['low_mesf_um2']:.0f} to {line['high_mesf_um2']:.0f} MESF/um2)."
    )
    _finish(done, output, as_json, text)


@calibrate.command()
@click.argument("frames", type=_FILE)
@_FOLDER
@reader_options(60)
def flat(
    frames: Path, output: Path, port: str | None, reader: str | None, deadline: Deadline, as_json: bool
) -> None:
    """Give a reader the flat field of FRAMES.npz, taken of an even dye slide."""
    from host.calibration import flat as flats
    from host.calibration import frames as files
    from host.calibration import onreader
    from host.device import Link, select

    found = flats.measure(files.load(frames))
    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        done = onreader.flat(link, found)
    low, high = float(found.response.min()), float(found.response.max())
    _finish(done, output, as_json, f"Response of the tiles: {low:.3f} to {high:.3f} of the mean.")


@calibrate.command()
@click.option(
    "--dapi", type=_FILE, required=True, metavar="FRAMES.npz", help="Cells stained with DAPI alone."
)
@click.option("--ck", type=_FILE, required=True, metavar="FRAMES.npz", help="With CK-PE alone.")
@click.option("--cd45", type=_FILE, required=True, metavar="FRAMES.npz", help="With CD45-APC alone.")
@click.option("--her2", type=_FILE, required=True, metavar="FRAMES.npz", help="With HER2-FITC alone.")
@_FOLDER
@reader_options(60)
def spillover(
    dapi: Path, ck: Path, cd45: Path, her2: Path, output: Path, port: str | None, reader: str | None,
    deadline: Deadline, as_json: bool,
) -> None:  # fmt: skip
    """Give a reader the spillover matrix of four single-stained controls, from frames."""
    from host.calibration import frames as files
    from host.calibration import onreader
    from host.calibration import spillover as matrices
    from host.device import Link, select

    controls = {"dapi": dapi, "ck": ck, "cd45": cd45, "her2": her2}
    found = matrices.measure({name: files.load(path) for name, path in controls.items()})
    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        done = onreader.spillover(link, found)
    share = done.table["share"]
    text = "\n".join(
        f"{channel:5}" + "".join(f"{100 * share[channel][dye]:9.2f} %" for dye in controls)
        for channel in controls
    )
    _finish(done, output, as_json, f"read in  of {'       of '.join(controls)}\n{text}")
