"""The USB drive of the RP2040's boot ROM, as a folder that takes a UF2.

What it accepts is what the boot ROM accepts (RP2040 data sheet 2.8.4.2, "UF2 format details"): blocks with
the magics, the family id of the RP2040, 256 bytes of payload for an aligned address in flash, and not
marked "not main flash". Every such block is written to flash at once; when all blocks of the file have
come, the chip restarts. Anything else copied to the drive is ignored.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from host.bench.parts.flash import PAGE, SECTOR, SIZE, W25Q16

BLOCK = 512
MAGICS = (0x0A324655, 0x9E5D5157)
MAGIC_END = 0x0AB16F30
NOT_MAIN_FLASH, FAMILY_PRESENT = 0x0001, 0x2000
RP2040_FAMILY = 0xE48BFF56
XIP_BASE = 0x10000000

# What every RP2040 says of itself while in the boot ROM.
ROM_VID, ROM_PID, ROM_SERIAL, ROM_PRODUCT = 0x2E8A, 0x0003, "E0C9125B0D9B", "RP2 Boot"
INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n"
INDEX = (
    '<html><head><meta http-equiv="refresh" content="0;URL=\'https://raspberrypi.com/device/RP2?version=E0C9125B0D9B\'"/>'
    "</head><body>Redirecting to raspberrypi.com</body></html>\r\n"
)


class BootDrive:
    """The drive; it exists between `appear` and `vanish`."""

    def __init__(self, folder: Path, flash: W25Q16) -> None:
        self.folder = folder
        self._flash = flash
        self.present = False

    def appear(self) -> None:
        """The chip entered its boot ROM."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "INDEX.HTM").write_text(INDEX, newline="")
        (self.folder / "INFO_UF2.TXT").write_text(INFO, newline="")
        self.present = True
        self._begin()

    def _begin(self) -> None:
        self._read: dict[Path, int] = {}
        self._expected = 0
        self._written: set[int] = set()
        self._erased: set[int] = set()

    def load(self, blocks: Iterable[bytes]) -> bool:
        """Write blocks of 512 bytes to flash as if they had been copied; return whether they are complete."""
        self._begin()
        return any([len(block) == BLOCK and self._block(block) for block in blocks])

    def vanish(self) -> None:
        """The chip left its boot ROM."""
        self.present = False
        shutil.rmtree(self.folder, ignore_errors=True)

    def poll(self) -> bool:
        """Take in what was copied since the last call; return whether an image is complete."""
        for path in sorted(self.folder.iterdir()) if self.present else ():
            if path.name in ("INFO_UF2.TXT", "INDEX.HTM"):
                continue
            with suppress(OSError):
                if self._take(path):
                    return True
        return False

    def _take(self, path: Path) -> bool:
        offset = self._read.get(path, 0)
        if path.stat().st_size < offset:
            offset = 0  # the file was begun again
        with path.open("rb") as file:
            file.seek(offset)
            while len(block := file.read(BLOCK)) == BLOCK:
                if not any(block):
                    break  # space the copying program has set aside but not written yet
                offset += BLOCK
                self._read[path] = offset
                if self._block(block):
                    return True
        return False

    def _block(self, block: bytes) -> bool:
        magic0, magic1, flags, address, size, number, total, family = struct.unpack_from("<8I", block)
        offset = address - XIP_BASE
        if (
            (magic0, magic1) != MAGICS
            or struct.unpack_from("<I", block, BLOCK - 4)[0] != MAGIC_END
            or flags & NOT_MAIN_FLASH
            or not flags & FAMILY_PRESENT
            or family != RP2040_FAMILY
            or size != PAGE
            or offset % PAGE
            or not 0 <= offset < SIZE
            or number >= total
        ):
            return False
        if total != self._expected:
            self._expected = total  # another file: begin counting again
            self._written.clear()
            self._erased.clear()
        sector = offset // SECTOR
        if sector not in self._erased:
            self._erased.add(sector)
            self._flash.erase(offset, SECTOR)
        self._flash.program(offset, block[32 : 32 + PAGE])
        self._written.add(number)
        return len(self._written) == int(total)
