"""Words and figures of the pages and the clock, apart from how they are drawn."""

from micropython import const

_CUT_OFF = const(30)  # per cent, of the patient rule


def share(part: int, whole: int) -> str:
    """Return part / whole in per cent with one decimal, cut off rather than rounded.

    Cutting off never lifts a share to the rule's 30 % or over it; one just above it says so: ``>30.0 %``.
    """
    if whole <= 0:
        return "-"
    tenths = part * 1000 // whole
    above = 100 * part > _CUT_OFF * whole
    sign = ">" if above and tenths == _CUT_OFF * 10 else ""
    return "%s%d.%d %%" % (sign, tenths // 10, tenths % 10)


def lines(text: str, width: int, most: int) -> "list[str]":
    """Break text into at most `most` lines of `width` characters, at spaces where there are some.

    What does not fit is marked by ``..`` at the end of the last line.
    """
    out: "list[str]" = []
    line = ""
    for word in text.split():
        while len(word) > width:
            if line:
                out.append(line)
                line = ""
            out.append(word[:width])
            word = word[width:]
        if line and len(line) + 1 + len(word) > width:
            out.append(line)
            line = word
        else:
            line = line + " " + word if line else word
    if line:
        out.append(line)
    if len(out) > most:
        out = out[:most]
        out[-1] = out[-1][: width - 2] + ".."
    return out


def iso(when: "tuple[int, int, int, int, int, int] | None") -> "str | None":
    """Return a UTC time as ISO 8601, or None for one that is not known."""
    return None if when is None else "%04d-%02d-%02dT%02d:%02d:%02dZ" % when


def from_iso(text: str) -> "tuple[int, int, int, int, int, int]":
    """Return the UTC time of ``YYYY-MM-DDTHH:MM:SS``, with fractions of a second cut off.

    The zone, if given, must be ``Z`` or ``+00:00``: the reader keeps UTC.

    Raises:
        ValueError: anything else.
    """
    if len(text) < 19 or text[4] + text[7] + text[13] + text[16] != "--::" or text[10] not in "T ":
        raise ValueError("not an ISO 8601 time")
    rest = text[19:]
    if rest.startswith("."):
        rest = rest[1:].lstrip("0123456789")
    if rest not in ("", "Z", "+00:00"):
        raise ValueError("not UTC")
    parts = (text[0:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    if not all(part.isdigit() for part in parts):
        raise ValueError("not an ISO 8601 time")
    year, month, day, hour, minute, second = (int(part) for part in parts)
    return year, month, day, hour, minute, second
