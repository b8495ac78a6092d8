"""A picture in a terminal: two pixels per character, 24-bit colour."""

from __future__ import annotations


def half_blocks(width: int, height: int, rgb: bytes) -> str:
    """Return the picture as lines of upper half blocks, foreground over background.

    Args:
        rgb: height x width x 3 bytes; an odd last row gets black beneath it.
    """
    row = 3 * width
    rgb = rgb + bytes(row * (height % 2))
    lines = []
    for top in range(0, len(rgb), 2 * row):
        cells, last = [], None
        for x in range(top, top + row, 3):
            colours = (*rgb[x : x + 3], *rgb[x + row : x + row + 3])
            if colours != last:
                cells.append("\x1b[38;2;{};{};{};48;2;{};{};{}m".format(*colours))
                last = colours
            cells.append("\u2580")
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)
