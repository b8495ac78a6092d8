"""Boot drives: the USB drive of an RP2040 in its boot ROM as the operating system mounts it."""

from __future__ import annotations

import os
import re
import string
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

INFO = "INFO_UF2.TXT"
_BOARD = "RPI-RP2"
_LABEL = Path("/dev/disk/by-label") / _BOARD
_ESCAPE = re.compile(r"\\([0-7]{3})")
_USB_PATH = re.compile(r"/(\d+-[\d.]+)/")


@dataclass(frozen=True)
class Drive:
    """A boot drive. ``location`` is its USB path (1-2.3) where the operating system tells."""

    folder: Path
    location: str | None = None


def mounted() -> list[Drive]:
    """Return the boot drives that the operating system has mounted."""
    return [drive for drive in _candidates() if is_boot_drive(drive.folder)]


def is_boot_drive(folder: Path) -> bool:
    """Tell whether a folder is an RP2040's boot drive."""
    try:
        return _BOARD in (folder / INFO).read_text(errors="replace")
    except OSError:
        return False


def hint() -> str:
    """What may be the matter when a drive is expected and none is mounted."""
    if _LABEL.exists():
        return f"the drive {_LABEL.resolve()} is there but not mounted, mount it and run 'host flash' again"
    return "hold its BOOT button while plugging it in, and run 'host flash' again"


def _candidates() -> list[Drive]:
    if sys.platform == "darwin":
        return [Drive(folder) for folder in Path("/Volumes").iterdir()]
    if sys.platform == "win32":
        return [Drive(Path(f"{letter}:\\")) for letter in string.ascii_uppercase[2:]]
    found = []
    with suppress(OSError):
        for line in Path("/proc/mounts").read_text().splitlines():
            device, folder, kind = line.split()[:3]
            if kind == "vfat":
                plain = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), folder)
                found.append(Drive(Path(plain), _location(device)))
    return found


def _location(device: str) -> str | None:
    """Return the USB path of a block device on Linux."""
    link = Path("/sys/class/block") / Path(os.path.realpath(device)).name
    paths = _USB_PATH.findall(os.path.realpath(link) + "/")
    return paths[-1] if paths else None
