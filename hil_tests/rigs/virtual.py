"""The virtual bench as a rig: it has everything."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from host.bench import registry
from host.bench.control import ask
from host.device.deadline import Deadline
from host.device.link import wait_until_it_answers
from host.specimen import prepare

from .base import FEATURES, SPECIMENS, Rig

START_SECONDS = 600
ASK_SECONDS = 60
HOST = [str(Path(sys.executable).with_name("host"))]


class VirtualRig(Rig):
    """A bench of our own, in a registry folder of its own, flashed as a user would flash it."""

    features = frozenset(FEATURES)

    def __init__(self, folder: Path, name: str = "hil") -> None:
        self._folder, self._name = folder, name
        self._entry: registry.Entry | None = None

    def start(self) -> None:
        os.environ["CTC_BENCH_DIR"] = str(self._folder / "benches")
        self._host("bench", "up", "--name", self._name, "--detach", "--idle-timeout", "600")
        self._host("flash")

    def stop(self) -> None:
        self._host("bench", "down", "--name", self._name)

    def _host(self, *words: str) -> str:
        done = subprocess.run(
            [*HOST, *words],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
            env=os.environ | {"CTC_TIMEOUT": str(START_SECONDS - 60)},
        )
        if done.returncode:
            raise RuntimeError(f"host {' '.join(words)} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    @property
    def entry(self) -> registry.Entry:
        """The bench's own words about itself, as they are now."""
        for entry in registry.benches():
            if entry.name == self._name:
                return entry
        raise RuntimeError("The virtual bench is gone.")

    def ask(self, command: str, **arguments: object) -> dict[str, object]:
        """Send a request to the bench's control socket."""
        return ask(self.entry.control, command, timeout=ASK_SECONDS, **arguments)

    def port(self) -> str:
        end = time.monotonic() + START_SECONDS
        while (port := self.entry.port) is None:
            if time.monotonic() > end:
                raise RuntimeError("The virtual reader is not on USB.")
            time.sleep(0.1)
        return port

    def uart(self) -> str:
        return self.entry.uart

    def lid(self, open_: bool) -> None:
        self.ask("lid", open=open_)

    def press(self, milliseconds: int) -> None:
        self.ask("button", ms=milliseconds)

    def place(self, name: str | None) -> None:
        if name is None:
            self.ask("specimen", path=None)
            return
        specimen = SPECIMENS[name]
        path = self._folder / f"{name}.npz"
        if not path.exists():
            prepare(
                path, simulate=specimen.seed, ctc=specimen.ctc, her2=specimen.her2, fields=specimen.fields
            )
        self.place_file(path)

    def place_file(self, prepared: Path) -> None:
        self.ask("specimen", path=str(prepared))

    def power(self, on: bool) -> None:
        self.ask("power", on=on)
        if on:
            wait_until_it_answers(self.port(), Deadline(START_SECONDS), START_SECONDS)

    def glass(self) -> bytes:
        return base64.b64decode(str(self.ask("screen")["rgb"]))

    def fault(self, **what: object) -> None:
        self.ask("fault", **what)

    def trace(self, on: bool) -> list[dict[str, object]]:
        events = self.ask("trace", on=on)["events"]
        assert isinstance(events, list)
        return events

    def json(self, *words: str) -> dict[str, object]:
        """Run a `host` command with --json and return what it prints."""
        return dict(json.loads(self._host(*words, "--json")))
