"""The folder in which running benches are listed, one ``<name>.json`` each (docs/architecture.md)."""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\Z")


class BenchError(Exception):
    """Something about a bench that its user can put right; the text is one sentence."""


@dataclass
class Entry:
    """What a bench says about itself.

    ``port`` is None while the reader is not on USB (switched off, resetting, in its boot ROM), just as a
    real serial port disappears then. ``serial``, ``vid`` and ``usb_pid`` are what the reader enumerated
    with: None when it is off, the boot ROM's own (the same for every RP2040) while in the boot ROM.
    """

    name: str
    pid: int
    control: str
    uart: str
    boot: str
    port: str | None = None
    serial: str | None = None
    vid: int | None = None
    usb_pid: int | None = None
    product: str | None = None


def folder() -> Path:
    """Return the registry folder; it need not exist."""
    if explicit := os.environ.get("CTC_BENCH_DIR"):
        return Path(explicit)
    if runtime := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(runtime) / "ctc-reader"
    return Path(f"/tmp/ctc-reader-{os.getuid()}")


def check_name(name: str) -> str:
    """Return the name if it can be a file name and an identifier.

    Raises:
        BenchError: it cannot.
    """
    if not NAME.match(name):
        raise BenchError(f"'{name}' cannot name a bench: use up to 32 letters, digits, - and _.")
    return name


def create() -> Path:
    """Make the registry folder, readable by its owner only: whoever can write there can pose as a reader.

    Raises:
        BenchError: it cannot be made, or is somebody else's.
    """
    path = folder()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = path.stat().st_uid
    except OSError as error:
        raise BenchError(f"The registry folder {path} cannot be made: {error.strerror}.") from None
    if owner != os.getuid():
        raise BenchError(f"The registry folder {path} is somebody else's; name another in CTC_BENCH_DIR.")
    return path


def write(entry: Entry) -> None:
    """Publish an entry; a reader of the folder sees the old one or the new one, never half."""
    path = create() / f"{entry.name}.json"
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(asdict(entry), indent=1) + "\n")
    draft.replace(path)


def remove(entry: Entry) -> None:
    """Remove an entry and everything beside it that belongs to the same bench."""
    base = folder()
    for path in (base / f"{entry.name}.json", Path(entry.control), base / f"{entry.name}.usb"):
        with suppress(OSError):
            path.unlink()
    shutil.rmtree(base / f"{entry.name}.bench", ignore_errors=True)
    with suppress(OSError):
        base.rmdir()  # only when no other bench is listed


def alive(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A process that has ended but whose parent has not collected it yet still has its number.
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _read(path: Path) -> Entry | None:
    try:
        table = json.loads(path.read_text())
        fields: dict[str, Any] = {key: table.get(key) for key in Entry.__dataclass_fields__}
        return Entry(**fields)
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def benches() -> list[Entry]:
    """Return the running benches by name; an entry whose process is gone is removed."""
    found = []
    for path in sorted(folder().glob("*.json")):
        entry = _read(path)
        if entry is None:
            continue
        if alive(entry.pid):
            found.append(entry)
        else:
            remove(entry)
    return found


def find(name: str | None = None) -> Entry:
    """Return the bench of that name, or the only one there is.

    Raises:
        BenchError: none, or several and no name given.
    """
    running = benches()
    if name is not None:
        for entry in running:
            if entry.name == name:
                return entry
        raise BenchError(f"No bench named '{name}' is running; 'host bench up --name {name}' starts it.")
    if not running:
        raise BenchError("No bench is running; 'host bench up --detach' starts one.")
    if len(running) > 1:
        names = ", ".join(entry.name for entry in running)
        raise BenchError(f"Several benches are running ({names}); say which with --name.")
    return running[0]
