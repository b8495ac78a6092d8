"""The self-test: every part that a result depends on, before the specimen is touched."""

import board
import ctc_core
from micropython import const

from reader import channels, quality
from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.parts import Parts

_PROBE_MS = const(60)
_GREY = const(64)


class Check:
    """One line of the self-test: name, whether it passed, the value found and the limit it is held to."""

    def __init__(self, name: str, flag: str, ok: bool, value: str, limit: str) -> None:
        self.name = name
        self.flag = flag
        self.ok = ok
        self.value = value
        self.limit = limit

    def as_dict(self) -> "dict[str, object]":
        """Return it as the link shows it."""
        return {"name": self.name, "ok": self.ok, "value": self.value, "limit": self.limit}


def run(parts: "Parts", wait: "Callable[[int], None]") -> "list[Check]":
    """Return the checks in the order done.

    Raises:
        Void: the lid opened, or ``wait`` raised it.
    """
    checks: "list[Check]" = []
    _clock(parts, checks)
    _flash(parts, checks)
    _settings(parts, checks)
    _magnet(parts, checks, wait)
    _light(parts, checks, wait)
    return checks


def _clock(parts: "Parts", checks: "list[Check]") -> None:
    try:
        value = "set" if parts.clock.read() else "not set"
    except OSError:
        value = ""
    checks.append(Check("clock", "CLOCK", value != "", value or "no answer", "answers"))


def _flash(parts: "Parts", checks: "list[Check]") -> None:
    free = parts.log.free()
    checks.append(Check("flash", "STORAGE", free > 0, "%d sectors" % free, "some free"))


def _settings(parts: "Parts", checks: "list[Check]") -> None:
    settings = parts.settings
    value = "damaged" if settings.fault else settings.identity()[1]
    checks.append(Check("settings", "SETTINGS", not settings.fault, value, "whole"))


def _magnet(parts: "Parts", checks: "list[Check]", wait: "Callable[[int], None]") -> None:
    expected = board.MAGNET_HOLD_MA // 2
    limit = "%d..%d mA" % (expected * 3 // 4, expected * 5 // 4)
    try:
        now = parts.magnet.probe(_PROBE_MS, wait)
        warm = parts.magnet.celsius()
    except Void as fault:
        if fault.flag != "MAGNET":
            raise
        checks.append(Check("magnet", "MAGNET", False, fault.text, limit))
        return
    checks.append(Check("magnet", "MAGNET", expected * 3 <= now * 4 <= expected * 5, "%d mA" % now, limit))
    checks.append(
        Check(
            "coil",
            "MAGNET",
            warm <= board.MAGNET_MAX_CELSIUS,
            "%.1f C" % warm,
            "<= %d C" % board.MAGNET_MAX_CELSIUS,
        )
    )


def _light(parts: "Parts", checks: "list[Check]", wait: "Callable[[int], None]") -> None:
    try:
        parts.sensor.setup()
        dark = _strip(parts, channels.DARK)
        mean = ctc_core.quality(ctc_core.MEAN)
    except Void as fault:
        if fault.flag != "SENSOR":
            raise
        checks.append(Check("sensor", "SENSOR", False, fault.text, "answers"))
        return
    checks.append(Check("sensor", "SENSOR", True, "answers", "answers"))
    most = board.QUALITY_DARK_MAX
    checks.append(Check("dark", "DARK LEVEL", mean <= most * _GREY, "%d" % (mean // _GREY), "<= %d" % most))
    for channel in (channels.DAPI, channels.CK, channels.CD45, channels.HER2):
        wait(0)
        level = _strip(parts, channel) - dark
        low, high = quality.strip_limits(channel)
        checks.append(
            Check(
                "led " + channels.NAMES[channel],
                "LED " + channels.NAMES[channel],
                low <= level <= high,
                "%d" % (level // _GREY),
                "%d..%d" % (low // _GREY, high // _GREY),
            )
        )


def _strip(parts: "Parts", channel: int) -> int:
    """Return the strip's level under a channel's LED, 1/64 grey level."""
    with parts.optics.light(channel):
        parts.sensor.expose(channels.LINES[channel])
    ctc_core.begin(0)
    try:
        ctc_core.analyse(channels.DARK)
    except ctc_core.Error:
        pass  # cells in a lit frame are more hot pixels than a dark one may have; its figures stand
    return ctc_core.quality(ctc_core.STRIP)
