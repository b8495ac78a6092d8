"""SMP group 0, OS: echo, reset, parameters, info, date and time (Zephyr, "SMP OS Management Group")."""

# ruff: noqa: B904 (MicroPython has no exception chaining)
import json

from . import checks
from .errors import (
    E_BUSY,
    OS_CLOCK_FAILED,
    OS_CLOCK_NOT_SET,
    OS_INVALID_FORMAT,
    OsRefused,
    ProtocolError,
    Refused,
)
from .framing import PACKET

BUFFERS = 2
"""`buf_count`: requests a client may have in flight; the UART's receive buffer holds so many."""

_PROCESSOR = "rp2040"
_MACHINE = "armv6m"


def echo(services, body):
    """Return what came."""
    value = body.get("d")
    if not isinstance(value, str):
        raise ValueError("d")
    return {"r": value}


def reset(services, body):
    """Restart after the answer; not in the middle of a run unless forced."""
    if services.status()["state"] == "running" and not body.get("force"):
        raise ProtocolError(E_BUSY)
    return {}, services.reset


def parameters(services, body):
    """Sizes a client may count on."""
    return {"buf_size": PACKET, "buf_count": BUFFERS}


def info(services, body):
    """What runs here, by Zephyr's format letters in their fixed order, then ours: `c`, all of it as JSON."""
    letters = body.get("format", "s")
    if not isinstance(letters, str) or len(letters) > 16:
        raise OsRefused(OS_INVALID_FORMAT)
    facts = services.info()
    parts = []
    for letter, value in (
        ("s", facts["board"]),
        ("n", facts["reader"]),
        ("r", facts["firmware"]),
        ("v", "%s %s" % (facts["core"], facts["git"])),
        ("b", facts["build"]),
        ("m", _MACHINE),
        ("p", _PROCESSOR),
        ("i", facts["board"]),
        ("o", "MicroPython %s" % facts["micropython"]),
    ):
        if letter in letters or "a" in letters:
            parts.append(value)
    if "c" in letters:
        parts.append(json.dumps(facts))
    for letter in letters:
        if letter not in "snrvbmpioac":
            raise OsRefused(OS_INVALID_FORMAT)
    return {"output": " ".join(parts)}


def datetime_read(services, body):
    """The clock's time, UTC, ISO 8601."""
    value = services.datetime_get()
    if value is None:
        raise OsRefused(OS_CLOCK_NOT_SET)
    return {"datetime": value}


def datetime_write(services, body):
    """Set the clock."""
    value = checks.text(body, "datetime", 19, 40)
    try:
        services.datetime_set(value)
    except Refused as refused:
        raise ProtocolError(refused.nearest())
    except OSError:
        raise OsRefused(OS_CLOCK_FAILED)
    return {}


READ = {4: datetime_read, 6: parameters, 7: info}
WRITE = {0: echo, 4: datetime_write, 5: reset}
