"""host settings"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from host.cli.options import chosen, emit, json_option, reader_options
from host.device.deadline import Deadline

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def settings() -> None:
    """Gates, calibration and cut-offs: what a reader analyses with (docs/calibration.md)."""


def _table(config: Any, blob: bytes, provisional: bool, fault: str = "") -> dict[str, Any]:
    import hashlib

    from host.settings import as_table

    return {
        "gate_set": config.gate_set,
        "calibration": config.calibration,
        "cutoffs": config.cutoffs,
        "provisional": provisional,
        "sha256": hashlib.sha256(blob).hexdigest() if blob else "",
        "fault": fault,
        "settings": as_table(config),
    }


def _ids(config: Any, provisional: bool) -> str:
    said = "; PROVISIONAL, and every result says so" if provisional else ""
    return f"gate set {config.gate_set}, calibration {config.calibration}, cut-offs {config.cutoffs}{said}"


def _provisional(config: Any) -> bool:
    from host.core import PROVISIONAL

    return bool(config.calibration.startswith(PROVISIONAL) or config.cutoffs.startswith(PROVISIONAL))


@settings.command()
@click.option("--built-in", is_flag=True, help="Those of the core itself; no reader is asked.")
@click.option("-o", "--output", type=_FILE, metavar="FILE.toml", help="Write them as a settings file.")
@reader_options(30)
def show(
    built_in: bool, output: Path | None, port: str | None, reader: str | None, deadline: Deadline,
    as_json: bool,
) -> None:  # fmt: skip
    """Show the settings that a reader analyses with, as a settings file."""
    from host.core import Config
    from host.settings import dump, unpack

    blob, fault = b"", ""
    if not built_in:
        from host.device import Link, select

        with Link(select(*chosen(port, reader)).address or "", deadline) as link:
            kept = link.settings()
        blob, fault = kept.blob, kept.fault
    config = Config.default() if fault else unpack(blob)
    text = dump(config)
    if output is not None:
        output.write_text(text, encoding="utf-8")
    if fault:
        click.echo(f"host: {fault}", err=True)
    table = _table(config, blob, _provisional(config), fault)
    emit(as_json, table, text.rstrip() if output is None else f"Written: {output}.")


@settings.command()
@click.argument("file", type=_FILE)
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check a settings file. What it leaves out is taken as built in."""
    from host.settings import load

    config = load(file)
    table = _table(config, config.pack(), _provisional(config))
    emit(as_json, table, f"{file} is good: {_ids(config, _provisional(config))}.")


@settings.command()
@click.argument("file", type=_FILE)
@reader_options(60)
def send(file: Path, port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Let a reader keep and use a settings file. What the file leaves out stays as it is in the reader."""
    from host.core import Config
    from host.device import Link, select
    from host.settings import load, unpack

    load(file)  # a bad file is refused before a reader is touched
    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        kept = link.settings()
        if kept.fault:
            _whole(file)
        config = load(file, Config.default() if kept.fault else unpack(kept.blob))
        kept = link.send_settings(config.pack())
    emit(
        as_json,
        _table(config, kept.blob, kept.provisional),
        f"The reader now has {_ids(config, kept.provisional)}.",
    )


def _whole(file: Path) -> None:
    """With damaged settings in the reader there is nothing that the file could leave as it is."""
    import tomllib

    from host.settings import SettingsError

    missing = {"gate_set", "cutoffs", "calibration"} - set(tomllib.loads(file.read_text(encoding="utf-8")))
    if missing:
        raise SettingsError(
            f"The reader's settings are damaged and {file} does not give {', '.join(sorted(missing))}: "
            "send a file with all three groups, or go back to the built-in ones with 'host settings reset'."
        )


@settings.command()
@reader_options(60)
def reset(port: str | None, reader: str | None, deadline: Deadline, as_json: bool) -> None:
    """Let a reader go back to the built-in settings; its calibration is gone then."""
    from host.core import Config
    from host.device import Link, select

    with Link(select(*chosen(port, reader)).address or "", deadline) as link:
        kept = link.send_settings(b"")
    config = Config.default()
    emit(
        as_json,
        _table(config, kept.blob, kept.provisional),
        f"The reader has its built-in settings: {_ids(config, kept.provisional)}.",
    )
