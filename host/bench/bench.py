"""Start a virtual bench and operate it."""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from host.bench import registry
from host.bench.control import ask
from host.bench.registry import BenchError, Entry

START_TIMEOUT_S = 120.0
POLL_S = 0.02


@dataclass(frozen=True)
class Picture:
    """What the display's glass shows; `rgb` has width * height * 3 bytes, row by row."""

    width: int
    height: int
    rgb: bytes


class Remote:
    """Operates a running bench, whoever started it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def entry(self) -> Entry:
        """What the registry says of it now.

        Raises:
            BenchError: it is not running.
        """
        return registry.find(self.name)

    @property
    def port(self) -> str:
        """Path of the reader's USB serial port.

        Raises:
            BenchError: the reader is not on USB just now.
        """
        port = self.entry.port
        if port is None:
            raise BenchError(
                f"The reader on bench '{self.name}' is not on USB now; wait for it with wait_port()."
            )
        return port

    def _ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        return ask(self.entry.control, command, **arguments)

    def specimen(self, path: Path | None) -> int:
        """Put a prepared specimen under the sensor, or take it out; return its number of fields."""
        return int(self._ask("specimen", path=None if path is None else str(path.resolve()))["fields"])

    def lid(self, *, is_open: bool) -> None:
        """Open or close the lid."""
        self._ask("lid", open=is_open)

    def button(self, ms: float = 100.0) -> None:
        """Hold the start button down for that many milliseconds of device time."""
        self._ask("button", ms=ms)

    def power(self, *, on: bool) -> None:
        """Switch the reader on or off."""
        self._ask("power", on=on)

    def power_cycle(self) -> None:
        """Cut the power and restore it."""
        self._ask("power", cycle=True)

    def screen(self) -> Picture:
        """Return what the display shows."""
        answer = self._ask("screen")
        return Picture(answer["width"], answer["height"], base64.b64decode(answer["rgb"]))

    def lights(self) -> dict[str, Any]:
        """Return LED duties (`leds`), `magnet_ma`, `celsius`, `buzzer` and device time `ms`."""
        return self._ask("lights")

    def fault(self, **fault: Any) -> None:
        """Break or mend something: `led` (name or channel pin) with `factor`, `magnet` or `celsius`."""
        self._ask("fault", **fault)

    def trace(self, *, on: bool) -> list[dict[str, Any]]:
        """Begin or end the log of edges; return what it held: `us`, `what`, `value`."""
        return list(self._ask("trace", on=on)["events"])

    def clock(self, utc: str) -> None:
        """Set the battery-backed clock (ISO 8601)."""
        self._ask("clock", utc=utc)

    def flash_times(self, times: str) -> None:
        """Let the flash take its `typical` or `maximum` times."""
        self._ask("flash", times=times)

    def scan(self, text: str) -> None:
        """Read a barcode with the scanner."""
        self._ask("scan", text=text)

    def stats(self) -> dict[str, Any]:
        """Return `cycles`, `ms` (device), `wall_s`, `cpu_s`, `frames`, `flash_operations`."""
        return self._ask("stats")

    def wait_port(self, timeout: float = START_TIMEOUT_S) -> str:
        """Wait until the reader is on USB; return its port.

        Raises:
            BenchError: it is not within `timeout` seconds.
        """
        self._wait(lambda entry: entry.port is not None, timeout, "come up on USB")
        return self.port

    def wait_boot(self, timeout: float = START_TIMEOUT_S) -> Path:
        """Wait until the reader offers its boot drive; return the drive's folder.

        Raises:
            BenchError: it does not within `timeout` seconds.
        """
        self._wait(
            lambda entry: (Path(entry.boot) / "INFO_UF2.TXT").exists(), timeout, "offer its boot drive"
        )
        return Path(self.entry.boot)

    def _wait(self, reached: Callable[[Entry], bool], timeout: float, what: str) -> None:
        end = time.monotonic() + timeout
        while not reached(self.entry):
            if time.monotonic() > end:
                raise BenchError(f"The reader on bench '{self.name}' did not {what} within {timeout:g} s.")
            time.sleep(POLL_S)

    def down(self, timeout: float = 10.0) -> None:
        """End the bench and wait until its process is gone, and with it all it had made.

        Raises:
            BenchError: it is still there after `timeout` seconds.
        """
        entry = self.entry
        ask(entry.control, "down")
        end = time.monotonic() + timeout
        while registry.alive(entry.pid):
            if time.monotonic() > end:
                raise BenchError(f"Bench '{self.name}' did not end within {timeout:g} s.")
            time.sleep(POLL_S)


class Bench(Remote):
    """A bench of one's own, for `with`: up on entry, down on exit.

    Args:
        name: its name in the registry. firmware: UF2 to be in flash already; with none and an empty
        `state`, the reader is in its boot drive. serial: the reader's serial number, 16 hex digits. state:
        folder that keeps the flash's contents from one bench to the next. seed: seeds every random process
        in the reader. idle_timeout: seconds without use after which the bench ends by itself (0: never); a
        bench whose starter
            was killed must not stay for ever.
    """

    def __init__(
        self,
        name: str,
        *,
        firmware: Path | None = None,
        serial: str | None = None,
        state: Path | None = None,
        seed: int = 1,
        idle_timeout: float = 600.0,
    ) -> None:
        super().__init__(registry.check_name(name))
        self._command = [sys.executable, "-m", "host.bench", "--name", name, "--seed", str(seed)]
        self._command += ["--idle-timeout", str(idle_timeout)]
        for option, value in (("--firmware", firmware), ("--serial", serial), ("--state", state)):
            if value is not None:
                self._command += [option, str(value)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = START_TIMEOUT_S) -> Entry:
        """Start the process; return its entry when the reader is on USB or in its boot drive.

        Raises:
            BenchError: it ended instead (with what it said), or was not ready in time.
        """
        with tempfile.TemporaryFile() as complaints:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints,
                start_new_session=True,
            )  # fmt: skip
            end = time.monotonic() + timeout
            while True:
                for entry in registry.benches():
                    ready = entry.port is not None or (Path(entry.boot) / "INFO_UF2.TXT").exists()
                    if entry.name == self.name and entry.pid == self._process.pid and ready:
                        return entry
                if self._process.poll() is not None:
                    complaints.seek(0)
                    lines = complaints.read().decode(errors="replace").strip().splitlines()
                    raise BenchError(lines[-1] if lines else f"Bench '{self.name}' ended at once.")
                if time.monotonic() > end:
                    self.stop()
                    raise BenchError(f"Bench '{self.name}' was not ready within {timeout:g} s.")
                time.sleep(POLL_S)

    def wait(self) -> None:
        """Wait until the bench ends."""
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End the process, by force if it does not go."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        registry.benches()  # clears away what a killed process left

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
