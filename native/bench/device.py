"""A reader's raw REPL, on a real one's port or on a virtual bench of its own. Needs a development image."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from host.bench.control import ask

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "build" / "ctc-reader.uf2"
BOOT_S = 120.0
STARTED_MS = 1500  # of device time: the application serves the port by then
SILENCE_S = 120.0  # emulated, a vector takes some seconds

MOUNT = """
import io, sys, vfs
class Sources:
    def __init__(self, files): self.files = files
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def stat(self, path):
        if path.lstrip('/') in self.files: return (0x8000,) + (0,) * 9
        raise OSError(2)
    def open(self, path, mode): return io.BytesIO(self.files[path.lstrip('/')])
vfs.mount(Sources({files!r}), '/sources')
sys.path.append('/sources')
"""


class Repl:
    """The raw REPL behind a serial port.

    Raises:
        RuntimeError: nothing answers there, or not with a REPL (a locked reader has none).
    """

    def __init__(self, port: str) -> None:
        try:
            self._transport = SerialTransport(port)
        except TransportError as error:
            raise RuntimeError(f"{port} cannot be opened: {error}") from error
        try:  # one wish, and long patience: a second one would be answered in the middle of what follows
            self._transport.enter_raw_repl(soft_reset=False, timeout_overall=BOOT_S)
        except TransportError as error:
            self._transport.close()
            raise RuntimeError(f"No REPL on {port}: is it a development reader's?") from error

    def exec(self, source: str) -> str:
        """Run code on the device and return what it prints.

        Raises:
            RuntimeError: the code ended in an exception (its traceback is the text), or gave no sign of life
                for SILENCE_S.
        """
        try:
            out, error = self._transport.exec_raw(source, timeout=SILENCE_S)
        except TransportError as failure:
            raise RuntimeError(f"The reader fell silent: {failure}") from failure
        if error:
            raise RuntimeError(error.decode())
        return str(out.decode().replace("\r\n", "\n"))

    def mount(self, files: Mapping[str, bytes]) -> None:
        """Make modules importable on the device, from RAM."""
        self.exec(MOUNT.format(files=dict(files)))

    def close(self) -> None:
        """Let go of the port."""
        self._transport.close()


@contextmanager
def reader(port: str | None = None, image: Path = IMAGE) -> Iterator[Repl]:
    """Give the REPL of the reader on ``port``, or of a virtual one with ``image`` that lives as long as this.

    Raises:
        RuntimeError: no image, or the virtual reader does not come up.
    """
    if port is not None:
        repl = Repl(port)
        try:
            yield repl
        finally:
            repl.close()
        return
    if not image.exists():
        raise RuntimeError(f"{image} is missing: build it with `make firmware`.")
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "host.bench", "--name", "core", "--firmware", str(image)]
        words += ["--idle-timeout", "60"]
        bench = subprocess.Popen(words, cwd=ROOT, env=os.environ | {"CTC_BENCH_DIR": folder})
        try:
            path = Path(folder) / "core.usb"
            deadline = time.monotonic() + BOOT_S
            while not path.exists():
                if bench.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The virtual reader did not come up: try `host bench up`.")
                time.sleep(0.05)
            while ask(str(Path(folder) / "core.sock"), "stats")["ms"] < STARTED_MS:
                if time.monotonic() > deadline:
                    raise RuntimeError("The virtual reader does not start: try `host bench up`.")
                time.sleep(0.2)
            with reader(str(path)) as repl:
                yield repl
        finally:
            bench.terminate()
            bench.wait(30)
