"""The display's 16 colours: names for the pages, RGB888 for the link, RGB565 for the controller."""

from micropython import const

BLACK = const(0)
WHITE = const(1)
GREY = const(2)
DARK = const(3)
RED = const(4)
GREEN = const(5)
AMBER = const(6)
BLUE = const(7)
NAVY = const(8)

_COLOURS = (
    0x000000, 0xFFFFFF, 0x9CA3AF, 0x374151, 0xB91C1C, 0x15803D, 0xF59E0B, 0x2563EB,
    0x1E2A44, 0x000000, 0x000000, 0x000000, 0x000000, 0x000000, 0x000000, 0x000000,
)  # fmt: skip


def rgb888() -> bytes:
    """Return the 16 colours, three bytes each."""
    return bytes(colour >> shift & 255 for colour in _COLOURS for shift in (16, 8, 0))


def rgb565_swapped() -> bytearray:
    """Return the 16 colours, two bytes each, high byte first, as the controller wants them."""
    out = bytearray()
    for colour in _COLOURS:
        value = colour >> 8 & 0xF800 | colour >> 5 & 0x07E0 | colour >> 3 & 0x001F
        out.append(value >> 8)
        out.append(value & 255)
    return out
