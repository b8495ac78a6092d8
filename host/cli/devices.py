"""host devices"""

from __future__ import annotations

import click

from host.cli.options import emit, json_option


@click.command()
@json_option
def devices(as_json: bool) -> None:
    """List the readers in sight: on USB, in their boot drives, and on virtual benches."""
    from host.device import ports
    from host.flash import drive

    seen = ports.find()
    drives = [str(one.folder) for one in drive.mounted()]

    def text() -> str:
        lines = [port.describe() for port in seen] + [f"?  in its boot drive {folder}" for folder in drives]
        return "\n".join(lines) or "No reader in sight."

    emit(as_json, {"readers": [port.as_dict() for port in seen], "boot_drives": drives}, text)
