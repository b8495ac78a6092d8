"""The channels in the order in which they are imaged; the numbers are the C core's."""

import board
from micropython import const

DARK = const(0)
DAPI = const(1)
CK = const(2)
CD45 = const(3)
HER2 = const(4)

NAMES = ("dark", "dapi", "ck", "cd45", "her2")
COUNT = const(5)


def _column(key: str) -> tuple:  # type: ignore[type-arg]
    return tuple(getattr(board, "CHANNELS_%s_%s" % (name.upper(), key)) for name in NAMES)


LINES = _column("LINES")
"""Integration time of each channel, sensor rows."""

STRIP = _column("STRIP")
"""What the reference strip shows above dark in each channel with a good LED, grey levels."""

LEVEL = tuple(int(duty * 65535) for duty in _column("DUTY"))
"""PWM level of each channel's LED, 0..65535."""

LED = _column("LED")
"""Name of each channel's LED in the pin map, "" for none."""
