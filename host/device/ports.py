"""Which readers are in sight: USB ports by vendor, product and name, and benches from the registry."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serial.tools import list_ports

from host import board
from host.bench import registry
from host.device.errors import NoReader, SeveralReaders


@dataclass(frozen=True)
class Port:
    """A place where a reader is, or was named to be.

    ``address`` is None for a reader on a bench that is off or in its boot ROM; `boot` is then where its
    boot drive is. ``location`` is the USB path (1-2.3), by which a reader can be followed into its boot ROM.
    """

    kind: str  # usb, bench, or named: given by the user and in no list
    address: str | None
    reader: str | None = None
    name: str | None = None
    uart: str | None = None
    location: str | None = None
    boot: Path | None = None

    def describe(self) -> str:
        """One line for people."""
        where = self.address or ("in its boot drive" if self.in_boot_drive() else "off")
        parts = [self.reader or "?", where]
        if self.name:
            parts.append(f"bench {self.name}")
        return "  ".join(parts)

    def in_boot_drive(self) -> bool:
        """Tell whether a reader on a bench is in its boot ROM."""
        return self.boot is not None and (self.boot / "INFO_UF2.TXT").exists()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {
            "boot": str(self.boot) if self.boot else None,
            "boot_drive": self.in_boot_drive(),
        }


def find() -> list[Port]:
    """Return every reader in sight, USB first."""
    return _usb() + _benches()


def _usb() -> list[Port]:
    about = board.load()["board"]
    found = []
    for info in list_ports.comports():
        if (info.vid, info.pid) != (about["vid"], about["pid"]):
            continue
        if info.product not in (None, about["product"]):
            continue  # the product id is a shared one, for tests
        found.append(Port("usb", info.device, info.serial_number, location=info.location))
    return sorted(found, key=lambda port: port.address or "")


def _benches() -> list[Port]:
    about = board.load()["board"]
    found = []
    for entry in registry.benches():
        ours = (entry.vid, entry.usb_pid) == (about["vid"], about["pid"])
        found.append(
            Port(
                "bench",
                entry.port if ours else None,
                entry.serial if ours else None,
                name=entry.name,
                uart=entry.uart,
                boot=Path(entry.boot) if entry.boot else None,
            )
        )
    return found


def select(address: str | None = None, reader: str | None = None) -> Port:
    """Return the reader that is meant: by port, by serial number (or bench name), or the only one there is.

    Raises:
        NoReader: there is none, or not that one.
        SeveralReaders: there are several and none was named.
    """
    ports = find()
    if address is not None:
        for port in ports:
            if address in (port.address, port.uart):
                return port if address == port.address else Port("bench", address, port.reader, port.name)
        return Port("named", address)
    present = [port for port in ports if port.address]
    if reader is not None:
        chosen = [
            port
            for port in present
            if reader.lower() in ((port.reader or "").lower(), (port.name or "").lower())
        ]
        if not chosen:
            raise NoReader(f"Reader {reader} is not in sight; 'host devices' lists those that are.")
        present = chosen
    return only(present)


def only(ports: list[Port]) -> Port:
    """Return the one port of the list; raises NoReader or SeveralReaders."""
    if not ports:
        if any(port.in_boot_drive() for port in find()):
            raise NoReader("The only reader in sight is in its boot drive: flash it with 'host flash'.")
        raise NoReader(
            "No reader in sight: plug one in and switch it on, "
            "or start a virtual one with 'host bench up --detach'."
        )
    if len(ports) > 1:
        listed = "; ".join(port.describe() for port in ports)
        raise SeveralReaders(
            f"{len(ports)} readers in sight ({listed}): "
            "choose one with --port or --reader (or CTC_PORT, CTC_READER)."
        )
    return ports[0]
