"""A bare RP2040 with the reader's image in the emulator, for code that needs no bench around it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from rp2040py.boards import BoardSpec
from rp2040py.device import MicroPythonDevice

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "build" / "ctc-reader.uf2"

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


class BareReader:
    """Boots the image; its raw REPL runs code. Needs a development image that is open to a REPL.

    Raises:
        FileNotFoundError: no image has been built (``make firmware``).
        TimeoutError: it does not boot, or code does not end in time.
    """

    def __init__(self, image: Path = IMAGE) -> None:
        if not image.exists():
            raise FileNotFoundError(f"{image} is missing: build it with `make firmware`.")
        self._loop = asyncio.new_event_loop()
        self._device = MicroPythonDevice(board=BoardSpec(image=str(image)))

    def __enter__(self) -> BareReader:
        self._loop.run_until_complete(self._device.astart(timeout=60))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._device.stop()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def exec(self, source: str, timeout: float = 120) -> str:
        """Run code on the device and return what it prints.

        Raises:
            RuntimeError: the code ended in an exception; its traceback is the text.
        """
        out, err = self._loop.run_until_complete(self._device.aexec(source, timeout=timeout))
        if err:
            raise RuntimeError(bytes(err).decode())
        return bytes(out).decode().replace("\r\n", "\n")

    def mount(self, files: Mapping[str, bytes]) -> None:
        """Make modules importable on the device, from RAM."""
        self.exec(MOUNT.format(files=dict(files)))
