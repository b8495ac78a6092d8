"""How much RAM is left (MicroPython has no call for the largest block)."""

import gc

from micropython import const

_STEP = const(1024)


def measure() -> "tuple[int, int]":
    """Return (bytes free, largest block that can be had, to 1 KB: found by asking for it). Collects first.

    Takes some 100 ms: not for every status.
    """
    gc.collect()
    free = gc.mem_free()
    low, high = 0, free // _STEP
    while low < high:
        middle = (low + high + 1) // 2
        try:
            bytearray(middle * _STEP)
            low = middle
        except MemoryError:
            high = middle - 1
        gc.collect()
    return free, low * _STEP
