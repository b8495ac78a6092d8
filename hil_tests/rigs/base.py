"""The interface through which a test moves what is around the reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from host.device.deadline import Deadline
from host.device.link import Link

FEATURES = {
    "port": "the reader's USB serial port",
    "uart": "the reader's UART link",
    "screen": "what the reader says is on its display",
    "glass": "what can be seen on the display itself",
    "lid": "opening and closing the lid",
    "button": "pressing the start button",
    "specimen": "putting a specimen under the sensor",
    "power": "cutting and restoring power",
    "faults": "making parts fail",
    "trace": "watching LEDs and magnet in device time",
    "boot": "the boot drive",
}
"""Everything a test may declare that it needs."""


LINK_SECONDS = 300.0
"""What a test may take on one link. An emulated reader on a busy machine is slow, and that is no failure."""


class Lacking(Exception):
    """The rig cannot do what was asked: the test forgot to declare the need."""


@dataclass(frozen=True)
class Specimen:
    """A named specimen: how it is simulated, and what a reader has to find in it.

    A real rig puts the specimen of the same name in place, so a test may rely on no more than this.
    """

    name: str
    status: str
    ctc: int = 0
    her2: float = 0.0
    seed: int = 1
    fields: int = 1


SPECIMENS = {
    specimen.name: specimen
    for specimen in (
        Specimen("blank", "NO CTC", ctc=0, seed=11),
        Specimen("positive", "POSITIVE", ctc=12, her2=0.6, seed=12),
        Specimen("negative", "NEGATIVE", ctc=12, her2=0.0, seed=13),
    )
}


class Rig:
    """A bench with one reader. `features` names what it has; everything else raises Lacking."""

    features: frozenset[str] = frozenset()

    def start(self) -> None:
        """Bring the reader under test to life."""

    def stop(self) -> None:
        """Leave nothing running."""

    def port(self) -> str:
        """Return the reader's USB serial port as it is called now."""
        raise Lacking("port")

    def uart(self) -> str:
        """Return the port of the reader's UART link."""
        raise Lacking("uart")

    def link(self, seconds: float = LINK_SECONDS, raw: bool = False) -> Link:
        """Return a link to the reader, to be used as a context manager."""
        return Link(self.port(), Deadline(seconds), raw=raw)

    def environment(self) -> dict[str, str]:
        """Return what makes the `host` command find this reader and no other."""
        return {"CTC_PORT": self.port()}

    def lid(self, open_: bool) -> None:
        """Open or close the lid."""
        raise Lacking("lid")

    def press(self, milliseconds: int) -> None:
        """Press the start button."""
        raise Lacking("button")

    def place(self, name: str | None) -> None:
        """Put a named specimen under the sensor; None takes it away."""
        raise Lacking("specimen")

    def place_file(self, prepared: Path) -> None:
        """Show the sensor a specimen file made by `host.specimen` (virtual bench only)."""
        raise Lacking("specimen")

    def power(self, on: bool) -> None:
        """Cut or restore the reader's power."""
        raise Lacking("power")

    def glass(self) -> bytes:
        """Return the display's pixels as seen, 128 rows of 160 RGB triples."""
        raise Lacking("glass")

    def fault(self, **what: object) -> None:
        """Make a part fail, or mend it."""
        raise Lacking("faults")

    def trace(self, on: bool) -> list[dict[str, object]]:
        """Start or stop recording LED and magnet edges; return those recorded."""
        raise Lacking("trace")
