"""For the bench's tests: runs hand-written scripts on the emulated reader through its raw REPL."""

from __future__ import annotations

import time
from contextlib import suppress

from mpremote.transport_serial import SerialTransport

PROMPT_TIMEOUT_S = 240.0


class Repl:
    """The REPL of a development build behind a serial port."""

    def __init__(self, port: str) -> None:
        self._transport = SerialTransport(port, exclusive=False)
        self._prompt()
        self._transport.enter_raw_repl(soft_reset=False)

    def _prompt(self) -> None:
        # The application leaves for the REPL when 0x03 stands where a frame would start, once it is up.
        end = time.monotonic() + PROMPT_TIMEOUT_S
        seen = b""
        while b">>>" not in seen:
            if time.monotonic() > end:
                raise TimeoutError(f"no REPL, but {seen!r}")
            self._transport.serial.write(b"\x03")
            time.sleep(0.1)
            seen += self._transport.serial.read(self._transport.serial.in_waiting)

    def run(self, script: str, timeout: float = 120.0) -> str:
        """Run a script; return what it printed.

        Raises:
            AssertionError: it raised on the device.
        """
        output, error = self._transport.exec_raw(script, timeout=timeout)
        assert not error, error.decode()
        return str(output.decode()).strip()

    def start(self, script: str) -> None:
        """Run a script without waiting for its end."""
        self._transport.exec_raw_no_follow(script)

    def poll(self) -> None:
        """Touch the port: an OSError says that it is gone."""
        self._transport.serial.write(b"\r")
        time.sleep(0.05)

    def close(self) -> None:
        with suppress(OSError):
            self._transport.close()
