"""host bench: virtual benches. What they do is in host.bench; here are words in and words out."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from host import board
from host.bench import registry
from host.bench.bench import Bench, Remote
from host.cli.options import emit, json_option

_FILE = click.Path(path_type=Path)


def _name_option(command: Any) -> Any:
    return click.option(
        "--name", envvar="CTC_BENCH", metavar="NAME", help="Which bench, when several are running."
    )(command)


def _remote(name: str | None) -> Remote:
    return Remote(registry.find(name).name)


@click.group()
def bench() -> None:
    """Virtual benches: readers emulated with every part on their board.

    Device time is not wall time: waiting is skipped, computing is slower than on the chip.
    """


@bench.command()
@click.option("--name", default="bench", show_default=True, metavar="NAME", help="Its name.")
@click.option("--firmware", type=_FILE, metavar="FILE.uf2", help="Have this in flash already.")
@click.option("--serial", metavar="HEX16", help="The reader's serial number; else made from the name.")
@click.option(
    "--state", type=_FILE, metavar="FOLDER", help="Keep the flash's contents there from bench to bench."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Seed of noise and chance in the reader."
)
@click.option("--detach", is_flag=True, help="Come back when the reader is there; the bench goes on.")
@click.option("--idle-timeout", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS",
              help="End after that long without use (0: never).")  # fmt: skip
@json_option
def up(
    name: str, firmware: Path | None, serial: str | None, state: Path | None, seed: int, detach: bool,
    idle_timeout: float, as_json: bool,
) -> None:  # fmt: skip
    """Start a bench. Without firmware its reader waits in the boot drive, as a new one does.

    It ends by 'host bench down', by a signal, or after --idle-timeout, and leaves nothing but --state.
    """
    mine = Bench(name, firmware=firmware, serial=serial, state=state, seed=seed, idle_timeout=idle_timeout)
    entry = mine.start()
    place = entry.port or f"boot drive {entry.boot}"
    emit(
        as_json, asdict(entry), f"Bench '{name}' is up: reader {entry.serial} at {place}, UART {entry.uart}."
    )
    if detach:
        return
    sys.stdout.flush()
    try:
        mine.wait()
    finally:
        mine.stop()


@bench.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the benches that are running."""
    found = registry.benches()
    lines = [
        f"{entry.name}  {entry.serial or '-'}  {entry.port or '-'}  uart {entry.uart}" for entry in found
    ]
    emit(as_json, {"benches": [asdict(entry) for entry in found]}, "\n".join(lines) or "No bench is running.")


@bench.command()
@_name_option
@click.option("--all", "everyone", is_flag=True, help="All that are running.")
@json_option
def down(name: str | None, everyone: bool, as_json: bool) -> None:
    """End a bench."""
    names = [entry.name for entry in registry.benches()] if everyone else [registry.find(name).name]
    for each in names:
        Remote(each).down()
    emit(as_json, {"ended": names}, f"Ended: {', '.join(names) or 'none'}.")


@bench.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--um-per-pixel", type=click.FloatRange(min=0, min_open=True), metavar="UM",
              help="Scale of FILE when it does not say itself.")  # fmt: skip
@click.option(
    "--bits", type=click.IntRange(8, 32), help="Significant bits of FILE when it does not say itself."
)
@click.option("--simulate", type=click.IntRange(min=0), metavar="SEED", help="Simulate a specimen instead.")
@click.option("--ctc", type=click.IntRange(min=0), help="CTCs in it.")
@click.option("--her2", type=click.FloatRange(0, 1), help="Share of them at 3+.")
@click.option("--leukocytes", type=click.IntRange(min=0), help="Leukocytes in it.")
@click.option("--fields", type=click.IntRange(min=1), help="Fields to make or to use.")
@click.option("--touching", type=click.IntRange(min=0), help="Leukocytes that lie against a CTC.")
@click.option("--keep", type=_FILE, metavar="FILE.npz", help="Keep the prepared specimen, truth included.")
@click.option("--remove", is_flag=True, help="Take the specimen out.")
@_name_option
@json_option
def specimen(
    file: Path | None, um_per_pixel: float | None, bits: int | None, simulate: int | None, keep: Path | None,
    remove: bool, name: str | None, as_json: bool, **wishes: Any,
) -> None:  # fmt: skip
    """Put a specimen under the sensor: a four-channel TIFF, a prepared .npz, or a simulated one."""
    from host.specimen import prepare

    remote = _remote(name)
    if remove:
        remote.specimen(None)
        emit(as_json, {"fields": 0}, "The specimen is out.")
        return
    if file is not None and file.suffix == ".npz" and simulate is None:
        fields = remote.specimen(file)
    else:
        options = {key: value for key, value in wishes.items() if value is not None}
        with tempfile.TemporaryDirectory(prefix="ctc-specimen-") as folder:
            target = keep if keep is not None else Path(folder) / "specimen.npz"
            made = prepare(
                target, file=file, um_per_pixel=um_per_pixel, bits=bits, simulate=simulate, **options
            )
            fields = remote.specimen(made)
    usual = board.load()["assay"]["fields"]
    if fields > usual:
        click.echo(
            f"A run images {usual} of these {fields} fields unless it is told otherwise: "
            f"'host run --fields {fields}' images all.",
            err=True,
        )
    what = str(file) if file is not None else f"simulated, seed {simulate}"
    emit(as_json, {"fields": fields, "specimen": what}, f"Under the sensor: {what}, {fields} fields.")


@bench.command()
@click.argument("position", type=click.Choice(["open", "closed"]))
@_name_option
@json_option
def lid(position: str, name: str | None, as_json: bool) -> None:
    """Open or close the lid."""
    _remote(name).lid(is_open=position == "open")
    emit(as_json, {"lid": position}, f"The lid is {position}.")


@bench.command()
@click.option("--ms", type=click.FloatRange(1, 60000), default=100.0, show_default=True, help="How long.")
@_name_option
@json_option
def button(ms: float, name: str | None, as_json: bool) -> None:
    """Press the start button."""
    _remote(name).button(ms)
    emit(as_json, {"ms": ms}, f"Pressed for {ms:g} ms.")


@bench.command()
@click.argument("state", type=click.Choice(["on", "off", "cycle"]))
@_name_option
@json_option
def power(state: str, name: str | None, as_json: bool) -> None:
    """Switch the reader's power."""
    remote = _remote(name)
    if state == "cycle":
        remote.power_cycle()
    else:
        remote.power(on=state == "on")
    emit(as_json, {"power": state}, f"Power: {state}.")


@bench.command()
@click.option("-o", "--output", type=_FILE, required=True, metavar="FILE.png", help="Write a PNG.")
@click.option("--scale", type=click.IntRange(1, 16), default=1, show_default=True, help="Enlarge it.")
@_name_option
@json_option
def screen(output: Path, scale: int, name: str | None, as_json: bool) -> None:
    """Photograph the display's glass (what the panel shows, not what the reader says it shows)."""
    from PIL import Image

    picture = _remote(name).screen()
    image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
    output.parent.mkdir(parents=True, exist_ok=True)
    image.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST).save(
        output, "PNG"
    )
    table = {"file": str(output), "width": picture.width, "height": picture.height}
    emit(as_json, table, f"Written: {output}.")


@bench.command()
@click.option("--led", metavar="LED", help="led_365, led_470, led_530 or led_625.")
@click.option("--factor", type=click.FloatRange(0, 1), help="Its light: 0 is dead, 1 is good.")
@click.option("--magnet", type=click.Choice(["broken", "good"]), help="The coil's wire.")
@click.option("--celsius", type=float, help="The coil's temperature from now.")
@_name_option
@json_option
def fault(
    led: str | None,
    factor: float | None,
    magnet: str | None,
    celsius: float | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Break something, or mend it."""
    chosen: dict[str, Any] = {}
    if led is not None:
        if factor is None:
            raise click.UsageError("Say with --factor how much light the LED still gives.")
        chosen = {"led": led, "factor": factor}
    elif magnet is not None:
        chosen = {"magnet": magnet == "good"}
    elif celsius is not None:
        chosen = {"celsius": celsius}
    else:
        raise click.UsageError("Say what is to break: --led, --magnet or --celsius.")
    _remote(name).fault(**chosen)
    emit(as_json, chosen, "Done: " + ", ".join(f"{key} {value}" for key, value in chosen.items()) + ".")
