"""A region of the flash as pages to program and sectors to erase (W25Q16JV data sheet: 256 B, 4 KB)."""

import board
import rp2
from micropython import const

SECTOR = const(4096)
PAGE = const(256)

_IOCTL_BLOCK_ERASE = const(6)


class Flash:
    """Sectors `offset` to `offset + size` of the flash, which must lie behind the base.

    Interrupts are off while a page is programmed (0.4 ms, at most 3) or a sector erased (45 ms, at most 400):
    never with an LED or the magnet on.
    """

    def __init__(self, offset: int, size: int) -> None:
        self._device = rp2.Flash(start=offset - board.FLASH_BASE_SIZE, len=size)  # type: ignore[call-arg]
        self.sectors = size // SECTOR

    def read(self, address: int, into: "bytearray | memoryview") -> None:
        """Fill `into` from `address` on."""
        self._device.readblocks(address // SECTOR, into, address % SECTOR)  # type: ignore[arg-type]

    def program(self, address: int, page: "bytes | bytearray | memoryview") -> None:
        """Clear the bits that are 0 in `page` (256 bytes) in the page at `address`."""
        self._device.writeblocks(address // SECTOR, page, address % SECTOR)  # type: ignore[arg-type]

    def erase(self, sector: int) -> None:
        """Set every bit of a sector."""
        self._device.ioctl(_IOCTL_BLOCK_ERASE, sector)
