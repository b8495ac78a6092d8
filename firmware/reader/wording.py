"""Words and figures of the pages and the clock, apart from how they are drawn."""

import ctc_core


def share(part: int, whole: int, permille: int, more: bool) -> str:
    """Return a share, as ``ctc_core.share`` gives it, in per cent with one decimal.

    It is cut off, not rounded, so that it never seems to reach the rule's cut-off; one just above it says so:
    ``>30.0 %``.
    """
    if whole == 0:
        return "-"
    if part == whole:
        return "100 %"
    return "%s%d.%d %%" % (">" if more else "", permille // 10, permille % 10)


def counted(rule: str) -> str:
    """Return which CTCs count for a rule: ``3+``, or with a lower least score ``>=1+``."""
    least = ctc_core.rule(rule)[0]
    return "3+" if least == 3 else ">=%d+" % least


def interval(low: int, high: int, rule: str) -> str:
    """Return a 95 % interval (1/10000) in whole per cent, rounded outwards: ``95% 23-66 %``.

    Where that would take the rule's cut-off in, which is not in it, decimals are given.
    """
    _, _, permille, cells = ctc_core.rule(rule)
    cut = 10 * permille
    unit = 100
    while not cells and not low <= cut <= high and unit > 1 and _holds(low, high, unit, cut):
        unit //= 10
    return "95%% %s-%s %%" % (_percent(low, unit), _percent(high + unit - 1, unit))


def _holds(low: int, high: int, unit: int, cut: int) -> bool:
    return low // unit * unit <= cut <= (high + unit - 1) // unit * unit


def _percent(value: int, unit: int) -> str:
    """Return 1/10000 in per cent, cut off to 100, 10 or 1 of them: no, one or two decimals."""
    if unit == 100:
        return "%d" % (value // 100)
    if unit == 10:
        return "%d.%d" % (value // 100, value // 10 % 10)
    return "%d.%02d" % (value // 100, value % 100)


def packed(words: "list[str]", width: int, most: int) -> "list[str]":
    """Return words side by side, ``, `` between them, in at most `most` lines of `width` characters.

    What does not fit is marked by ``..`` at the end of the last line.
    """
    out: "list[str]" = []
    for word in words:
        if out and len(out[-1]) + 2 + len(word) <= width:
            out[-1] += ", " + word
        else:
            out += lines(word, width, most)
    if len(out) > most:
        out = out[:most]
        out[-1] = out[-1][: width - 2] + ".."
    return out


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
