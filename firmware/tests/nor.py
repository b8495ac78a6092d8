"""A NOR flash: programming only clears bits, erasing sets a sector's, and the power can fail in between."""

from __future__ import annotations

import random

SECTOR, PAGE = 4096, 256


class PowerCut(Exception):
    """The power failed during an operation."""


class Nor:
    """`sectors` of flash, full of what was there before; the operation numbered `cut` is not finished.

    A page program that is cut has cleared some of its bits; an erase that is cut has erased some pages and
    left others half way. Which ones is drawn from `seed`.
    """

    def __init__(self, sectors: int, seed: int = 0) -> None:
        self.sectors = sectors
        self.random = random.Random(seed)
        self.data = bytearray(self.random.randbytes(sectors * SECTOR))
        self.operations = 0
        self.cut: int | None = None

    def read(self, address: int, into: bytearray | memoryview) -> None:
        into[:] = self.data[address : address + len(into)]

    def program(self, address: int, page: bytes | bytearray | memoryview) -> None:
        assert address % PAGE == 0 and len(page) == PAGE
        fails = self._begin()
        for at, byte in enumerate(page):
            if fails:
                byte |= self.random.getrandbits(8)  # some bits were not cleared yet
            self.data[address + at] &= byte
        if fails:
            raise PowerCut

    def erase(self, sector: int) -> None:
        fails = self._begin()
        for page in range(SECTOR // PAGE):
            address = sector * SECTOR + page * PAGE
            state = self.random.randrange(3) if fails else 2
            if state == 1:
                self.data[address : address + PAGE] = bytes(
                    byte | self.random.getrandbits(8) for byte in self.data[address : address + PAGE]
                )
            elif state == 2:
                self.data[address : address + PAGE] = b"\xff" * PAGE
        if fails:
            raise PowerCut

    def _begin(self) -> bool:
        self.operations += 1
        return self.operations - 1 == self.cut
