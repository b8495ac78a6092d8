"""Where the bytes of a record are, counted from its first sector."""

from micropython import const

SECTOR = const(4096)
PAGE = const(256)

STARTED = const(0)
CONTINUED = const(1)

_FIRST_DATA_PAGE = const(3)  # behind head, trailer and mark
_FIRST_BYTES = const(13 * 256)
_NEXT_DATA_PAGE = const(1)  # behind the head
_NEXT_BYTES = const(15 * 256)


def data_address(offset: int) -> "tuple[int, int]":
    """Return (sector of the record, byte in that sector) of the record's byte `offset`."""
    if offset < _FIRST_BYTES:
        return 0, _FIRST_DATA_PAGE * PAGE + offset
    offset -= _FIRST_BYTES
    return 1 + offset // _NEXT_BYTES, _NEXT_DATA_PAGE * PAGE + offset % _NEXT_BYTES


def sectors_for(size: int) -> int:
    """Return how many sectors a record of `size` bytes takes."""
    return 1 if size <= _FIRST_BYTES else 1 + (size - _FIRST_BYTES + _NEXT_BYTES - 1) // _NEXT_BYTES
