"""A raw pseudo-terminal that behaves as the serial port of a device."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
import tty
from contextlib import suppress
from pathlib import Path

BACKLOG = 1 << 20
DRAIN_STEP_S = 0.002
GATHER = 1024  # bytes worth a system call of their own; a USB packet has 64


class Port:
    """One pty; `path` (a symbolic link, so that it keeps its name) leads to the end others open.

    The bench keeps no handle of that end, so that it sees when somebody opens and closes the port, as a USB
    device sees DTR. What the device says while nobody has the port open is lost.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(self.fd, False)
        self.target = os.ttyname(slave)
        os.close(slave)
        draft = path.with_suffix(".link")
        with suppress(FileNotFoundError):
            draft.unlink()
        draft.symlink_to(self.target)
        draft.replace(path)
        self._poll = select.poll()
        self._poll.register(self.fd, select.POLLIN)
        self._out = bytearray()
        self.is_open = False

    def poll(self, room: bool = True) -> bytes:
        """Notice openings and closings; return what was written to the port since the last call.

        Without `room` for more, what was written stays where it is, and the writer waits.
        """
        events = self._poll.poll(0)
        flags = events[0][1] if events else 0
        data = b""
        if flags & select.POLLIN and not room:
            return data
        if flags & select.POLLIN:
            with suppress(OSError):
                data = os.read(self.fd, 4096)
        self.is_open = bool(data) or not flags & select.POLLHUP
        if not self.is_open:
            self._out.clear()
        return data

    def write(self, data: bytes) -> None:
        """Send bytes, with the next `flush` at the latest, to whoever has the port open."""
        if self.is_open:
            self._out += data
            del self._out[:-BACKLOG]
            if len(self._out) >= GATHER:
                self.flush()

    def flush(self) -> None:
        """Send what is waiting, as far as the pty has room."""
        if self._out:
            try:
                del self._out[: os.write(self.fd, self._out)]
            except BlockingIOError:
                pass
            except OSError:
                self._out.clear()

    def drain(self, least: float, most: float) -> None:
        """Send what is waiting; give whoever has the port open `least` to `most` seconds to read it.

        A device that says something and then restarts leaves its host some milliseconds; device time may
        have run so much faster than the wall clock that the host had none, and a hang-up discards what was
        not read.
        """
        start = time.monotonic()
        self.flush()
        with suppress(OSError):
            slave = os.open(self.target, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            try:
                while self.is_open and (passed := time.monotonic() - start) < most:
                    # What was written a moment ago may not be counted yet: the kernel passes it on later.
                    unread = struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"\0" * 4))[0]
                    if passed >= least and not unread and not self._out:
                        break
                    time.sleep(DRAIN_STEP_S)
                    self.flush()
            finally:
                os.close(slave)

    def close(self) -> None:
        """Take the port away: whoever has it open gets a hang-up, and its name is gone."""
        with suppress(OSError):
            self.path.unlink()
        os.close(self.fd)
