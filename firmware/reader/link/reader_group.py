"""SMP group 64, the reader's own: runs, results, display, self-test, boot drive, settings."""

from . import checks
from .errors import BUSY, Refused

KINDS = ("patient", "control", "calibration", "simulated")

CROPS = ("all", "some")
"""Which CTCs have a crop: every one, as a host takes them, or the first and the borderline ones."""

CHUNK = 896
"""Bytes of a record or a picture in one answer: with everything else it fits a packet of 1024."""

_U32 = 0xFFFFFFFF


def status(services, body):
    """What the reader is doing."""
    return services.status()


def start(services, body):
    """Start a run; the answer is its sequence number."""
    kind = checks.text(body, "kind", 1, 16)
    if kind not in KINDS:
        raise ValueError("kind")
    sample = checks.text(body, "sample", 1, 32)
    fields = checks.integer(body, "fields", 1, 255) if "fields" in body else None
    operator = checks.text(body, "operator", 0, 32) if "operator" in body else None
    rule = checks.text(body, "rule", 1, 32) if "rule" in body else None
    crops = checks.text(body, "crops", 1, 8) if "crops" in body else CROPS[0]
    if crops not in CROPS:
        raise ValueError("crops")
    return {"seq": services.start(sample, kind, fields, operator, rule, crops == CROPS[0])}


def abort(services, body):
    """Stop the run: it ends INVALID."""
    services.abort()
    return {}


def results(services, body):
    """Results not yet acknowledged, oldest first."""
    return {"results": services.results(checks.integer(body, "after", 0, _U32, 0))}


def record(services, body):
    """A piece of one result's record."""
    seq = checks.integer(body, "seq", 1, _U32)
    off = checks.integer(body, "off", 0, _U32)
    size, data = services.record(seq, off, CHUNK)
    return {"seq": seq, "off": off, "len": size, "data": data}


def acknowledge(services, body):
    """The host has this result safely: it may go, if the SHA-256 fits."""
    services.acknowledge(checks.integer(body, "seq", 1, _U32), checks.data(body, "sha", 32))
    return {}


def screen(services, body):
    """A piece of the picture that the display shows."""
    off = checks.integer(body, "off", 0, _U32, 0)
    width, height, palette, size, data = services.screen(off, CHUNK)
    return {"width": width, "height": height, "palette": palette, "off": off, "len": size, "data": data}


def selftest(services, body):
    """Run the self-test."""
    passed, found = services.selftest()
    return {"passed": passed, "checks": found}


def bootloader(services, body):
    """Restart into the boot drive, after the answer; not in the middle of a run."""
    if services.status()["state"] == "running":
        raise Refused(BUSY)
    return {}, services.bootloader


def settings(services, body):
    """The settings in use: their ids and a piece of them."""
    off = checks.integer(body, "off", 0, _U32, 0)
    answer = services.settings(off, CHUNK - 256)
    answer["off"] = off
    return answer


def settings_write(services, body):
    """A piece of new settings; or, with their hash, all of them are here: keep and use them."""
    if "sha" in body:
        services.settings_commit(checks.integer(body, "len", 0, _U32), checks.data(body, "sha", 32))
        return {}
    off = checks.integer(body, "off", 0, _U32)
    return {"off": services.settings_piece(off, checks.data(body, "data", 1, CHUNK))}


READ = {0: status, 3: results, 4: record, 6: screen, 9: settings}
WRITE = {1: start, 2: abort, 5: acknowledge, 7: selftest, 8: bootloader, 10: settings_write}
