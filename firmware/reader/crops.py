"""What CTCs look like: which ones of a field are kept as crops, and the buffer where they wait for the log.

A crop is an object's number in its field (u16, little endian), then its four channels as ``ctc_core.crop``
gives them, dapi, ck, cd45, her2: BYTES bytes.
"""

import ctc_core
from micropython import const

PER_FIELD = const(24)
"""Crops of one field, at most: what the buffer holds."""

PER_RUN = const(128)
"""Crops of one run, at most: what the result log keeps room for."""

FIRST = const(64)
"""CTCs of a run that have a crop whether or not a host is attached; of the others only borderline ones."""

_NUMBER_BYTES = const(2)
_CHANNELS = const(4)

BYTES = _NUMBER_BYTES + _CHANNELS * ctc_core.CROP_BYTES


def most(fields: int) -> int:
    """Return the most crops that a run of `fields` fields can have."""
    return min(PER_FIELD * fields, PER_RUN)


class Crops:
    """The crops of one run, field by field: ``choose``, then ``take`` once for each channel, then ``data``.

    Holds BYTES * PER_FIELD bytes; ``choose``, ``take`` allocate nothing that stays.
    """

    def __init__(self, at_most: int, every_ctc: bool) -> None:
        """at_most: crops of the whole run. every_ctc: not the first ones and the borderline ones alone."""
        self._left = at_most
        self._first = 0xFFFF if every_ctc else FIRST
        self._seen = 0  # CTCs of the run so far
        self._buffer = bytearray(BYTES * min(PER_FIELD, at_most))
        self._chosen = bytearray(ctc_core.MAX_OBJECTS)  # by number: whether it has a crop
        self._count = 0

    def choose(self, objects: int) -> int:
        """Choose from the `objects` objects of the field just ended, borderline CTCs before others.

        Return how many were chosen. Within each kind the first ones are taken, as long as there is room.
        """
        chosen, seen = self._chosen, self._seen
        room = min(self._left, len(self._buffer) // BYTES)
        count = 0
        for number in range(objects):
            chosen[number] = 0
            flags = ctc_core.object_flags(number)
            if flags & ctc_core.FLAG_CTC and flags & ctc_core.FLAG_BORDERLINE and count < room:
                chosen[number] = 1
                count += 1
        for number in range(objects):
            if ctc_core.object_flags(number) & ctc_core.FLAG_CTC:
                seen += 1
                if not chosen[number] and seen <= self._first and count < room:
                    chosen[number] = 1
                    count += 1
        self._seen = seen
        self._left -= count
        self._count = count
        self._name(objects)
        return count

    def _name(self, objects: int) -> None:
        at = 0
        for number in range(objects):
            if self._chosen[number]:
                self._buffer[at] = number & 0xFF
                self._buffer[at + 1] = number >> 8
                at += BYTES

    def take(self, channel: int) -> None:
        """Copy every chosen object from the frame of `channel` that is in the frame buffer."""
        buffer = self._buffer
        at = 0
        for _ in range(self._count):
            number = buffer[at] | buffer[at + 1] << 8
            where = at + _NUMBER_BYTES + (channel - ctc_core.DAPI) * ctc_core.CROP_BYTES
            ctc_core.crop(number, channel, buffer, where)
            at += BYTES

    def data(self) -> memoryview:
        """Return the crops of the field, in order of their numbers."""
        return memoryview(self._buffer)[: self._count * BYTES]
