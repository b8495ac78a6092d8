"""The last resort: an exception has escaped the application."""

import io
import sys
import time

import board
import machine
from machine import Pin

from reader import version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.app import App

_SHOWN_MS = 5000
_TEXT = 200
_REPL_KEYS = b"\x03\r"


def outputs_low() -> None:
    """Drive every LED and the magnet low, whatever state the rest is in."""
    for name in board.PWM_PINS:
        Pin(getattr(board, "PINS_" + name.upper()), Pin.OUT, value=0)


def words(error: BaseException) -> str:
    """Return the exception and where it was raised, the innermost place first."""
    out = io.StringIO()
    sys.print_exception(error, out)
    lines = [line.strip() for line in out.getvalue().split("\n") if line.strip()]
    return " ".join(lines[:0:-1])[:_TEXT]


def handle(error: BaseException, app: "App | None") -> bool:
    """Record and show the fault. Return True when a development build is to go to its REPL, else restart."""
    outputs_low()
    text = words(error)
    for action in (_record, _show):
        try:
            action(app, text)
        except Exception:  # each is tried: what is broken is not known
            pass
    end = time.ticks_add(time.ticks_ms(), _SHOWN_MS)
    while time.ticks_diff(end, time.ticks_ms()) > 0:
        if version.DEVELOPMENT and _asked_for_repl():
            return True
        time.sleep_ms(20)
    machine.reset()
    return False


def _record(app: "App | None", text: str) -> None:
    if app is not None:
        app.parts.journal.record_fault(text)
        return
    from reader.journal import SECTORS, Journal
    from reader.results.flash import SECTOR, Flash

    settings = Flash(board.FLASH_SETTINGS_OFFSET, board.FLASH_SETTINGS_SIZE)
    Journal(settings, board.FLASH_SETTINGS_SIZE // SECTOR - SECTORS).record_fault(text)


def _show(app: "App | None", text: str) -> None:
    from reader import pages

    if app is not None:
        pages.fault(app.parts.display, text)


def _asked_for_repl() -> bool:
    import select

    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    return bool(poll.poll(0)) and sys.stdin.buffer.read(1) in _REPL_KEYS
