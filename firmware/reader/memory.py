"""How much RAM is left (MicroPython has no call for the largest block)."""

import gc

from micropython import const

_STEP = const(1024)


def free() -> int:
    """Return the bytes of heap that are free, garbage included as used."""
    return gc.mem_free()


def largest() -> int:
    """Return the largest block that can be had, to 1 KB: found by asking for it. Collects first."""
    gc.collect()
    low, high = 0, gc.mem_free() // _STEP
    while low < high:
        middle = (low + high + 1) // 2
        try:
            bytearray(middle * _STEP)
            low = middle
        except MemoryError:
            high = middle - 1
        gc.collect()
    return low * _STEP
