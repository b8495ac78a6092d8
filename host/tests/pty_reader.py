"""A reader behind a real pseudo-terminal: the firmware's own server, with the results kept in memory."""

from __future__ import annotations

import os
import pty
import select
import sys
import threading
import time
import tty
from contextlib import suppress
from typing import Any, Self

from host.board import ROOT

if str(ROOT / "firmware") not in sys.path:
    sys.path.insert(0, str(ROOT / "firmware"))

from reader.link.server import Server

from firmware.tests.link_services import MemoryServices


class PtyPort:
    """The reader's end of the line. `noise` returns what becomes of a piece of an answer on its way."""

    def __init__(self) -> None:
        self.fd, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.noise = lambda data: data

    def read(self, buf: bytearray, n: int) -> int:
        if not select.select([self.fd], [], [], 0)[0]:
            return 0
        data = os.read(self.fd, n)
        buf[: len(data)] = data
        return len(data)

    def write(self, data: memoryview) -> None:
        rest = self.noise(bytes(data))
        while rest:
            rest = rest[os.write(self.fd, rest) :]

    def drain(self) -> None:
        time.sleep(0.02)

    def close(self) -> None:
        for fd in (self.fd, self.slave):
            os.close(fd)


class PtyReader:
    """A context manager; `stop_answering` and `unplug` are what a bench would do to it."""

    def __init__(self, services: Any = None) -> None:
        self.services = services or MemoryServices()
        self.port = PtyPort()
        self.path = self.port.path
        self._server = Server([self.port], self.services)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while not self._end.is_set():
            self._server.poll()
            select.select([self.port.fd], [], [], 0.005)

    def stop_answering(self) -> None:
        self._end.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    def unplug(self) -> None:
        self.stop_answering()
        self.port.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        if not self._end.is_set():
            self.stop_answering()
        with suppress(OSError):  # unplugged in the test
            self.port.close()
