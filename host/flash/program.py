"""Bring an image into a reader and see that it runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from host.device import ports
from host.device.deadline import Deadline
from host.device.errors import ReaderSilent, SeveralReaders
from host.device.link import Info, Link, wait_until_it_answers
from host.device.ports import Port
from host.flash import drive
from host.flash.drive import Drive
from host.flash.errors import DriveMissing, FlashFailed
from host.flash.manifest import Manifest
from host.flash.uf2 import Image

Progress = Callable[[str, float | None], None]

DRIVE_S = 60.0
BACK_S = 60.0
ANSWERS_S = 120.0
_POLL_S = 0.1
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Outcome:
    """What flashing came to."""

    flashed: bool
    """False: the reader ran this build already."""
    info: Info
    port: str


def choose(address: str | None = None, reader: str | None = None) -> Port:
    """Return the reader to be flashed; unlike `ports.select`, one that is in its boot drive counts too.

    Raises:
        NoReader, SeveralReaders: as `ports.select`.
    """
    if address is not None:
        return ports.select(address)
    seen = [port for port in ports.find() if port.address or port.in_boot_drive()]
    if reader is not None:
        for port in seen:
            if reader in (port.reader, port.name):
                return port
        return ports.select(None, reader)
    drives = drive.mounted()
    if len(drives) > 1:
        raise SeveralReaders(f"{len(drives)} boot drives are mounted: leave only the one that is meant.")
    seen += [Port("usb", None, boot=one.folder, location=one.location) for one in drives]
    return ports.only(seen)


def flash(
    port: Port,
    image: Image,
    manifest: Manifest | None,
    deadline: Deadline,
    force: bool = False,
    progress: Progress = lambda what, share: None,
) -> Outcome:
    """Flash one reader.

    Args:
        manifest: what the reader must report afterwards; None: only that it answers is checked.
        force: flash even if the reader reports this build already.

    Raises:
        DeviceError: the reader cannot be reached, or refuses (in the middle of a run).
        DriveMissing: its boot drive does not appear.
        FlashFailed: it does not come back, or with another version.
        TookTooLong: the deadline has passed.
    """
    before = {one.folder for one in drive.mounted()}
    if port.address:
        with Link(port.address, deadline) as link:
            info = link.info()
            if manifest and manifest.runs_in(info) and not force:
                return Outcome(False, info, port.address)
            progress("restarting into the boot drive", None)
            link.bootloader()
        target = _wait_for_drive(port, before, deadline)
    else:
        assert port.boot is not None
        target = Drive(port.boot, port.location)
    _copy(image, target, progress)
    progress("waiting for the reader", None)
    address = _wait_for_port(port, target, deadline)
    try:
        info = wait_until_it_answers(address, deadline, ANSWERS_S)
    except ReaderSilent:
        raise FlashFailed(
            f"The reader is back on {address} but does not answer: flash it again, "
            "from its boot drive if need be."
        ) from None
    if manifest and not manifest.runs_in(info):
        raise FlashFailed(
            f"The reader reports build {info.build} ({info.firmware}, {info.git}), "
            f"not the flashed {manifest.build}: flash it again with --force."
        )
    return Outcome(True, info, address)


def _wait_for_drive(port: Port, before: set[Path], deadline: Deadline) -> Drive:
    limit = Deadline(deadline.within(DRIVE_S))
    while True:
        if port.boot is not None:
            if port.in_boot_drive():
                return Drive(port.boot)
        else:
            new = [one for one in drive.mounted() if one.folder not in before]
            ours = [one for one in new if port.location and one.location == port.location] or new
            if len(ours) > 1:
                raise DriveMissing("Several boot drives appeared at once: flash one reader at a time.")
            if ours:
                return ours[0]
        if _over(limit, deadline):
            raise DriveMissing(
                f"The reader's boot drive did not appear within {DRIVE_S:g} s: {drive.hint()}."
            )


def _over(limit: Deadline, deadline: Deadline) -> bool:
    """Wait a little; True when the limit has passed (TookTooLong when the command's deadline has)."""
    deadline.sleep(_POLL_S)
    with suppress(Exception):
        limit.left()
        return False
    return True


def _copy(image: Image, target: Drive, progress: Progress) -> None:
    """Copy the image. The drive goes away with the last block: an error then is what success looks like."""
    done = 0
    try:
        with (target.folder / image.path.name).open("wb") as file:
            for at in range(0, len(image.data), _CHUNK):
                progress("copying", at / len(image.data))
                file.write(image.data[at : at + _CHUNK])
                done = at + _CHUNK
            file.flush()
            os.fsync(file.fileno())
    except OSError as why:
        if done < len(image.data):
            raise FlashFailed(f"Copying to {target.folder} failed ({why.strerror}): flash again.") from None


def _wait_for_port(port: Port, target: Drive, deadline: Deadline) -> str:
    limit = Deadline(deadline.within(BACK_S))
    while True:
        if not drive.is_boot_drive(target.folder):
            for seen in ports.find():
                if seen.address and _same(port, target, seen):
                    return seen.address
        if _over(limit, deadline):
            raise FlashFailed(
                f"The reader did not come back within {BACK_S:g} s after flashing: {drive.hint()}."
            )


def _same(port: Port, target: Drive, seen: Port) -> bool:
    """Tell whether a port is the reader that was flashed: by bench, by serial number, by USB path."""
    if port.kind == "bench":
        return seen.name == port.name
    if port.reader:
        return seen.reader == port.reader
    location = target.location or port.location
    if location and seen.location:
        return seen.location.split(":")[0] == location
    return seen.kind == "usb"
