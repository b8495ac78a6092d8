"""Check a UF2 before anything is touched.

Format: the UF2 specification (512-byte blocks of magic, flags, address, size, number, total, family, 476
bytes of data, magic); what the RP2040 takes: its data sheet, section 2.8.4.2.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from host import board
from host.flash.errors import ImageDamaged, ImageForeign, ImageMissing

BLOCK = 512
PAYLOAD = 256
FLASH_START = 0x10000000
_HEAD = struct.Struct("<8I")
_MAGIC = (0x0A324655, 0x9E5D5157)
_MAGIC_END = 0x0AB16F30
_NOT_MAIN_FLASH = 0x00000001
_FAMILY_PRESENT = 0x00002000
RP2040 = 0xE48BFF56

# From the UF2 project's list of families: those somebody may take for ours.
_FAMILIES = {
    0xE48BFF57: "RP2350 (absolute)",
    0xE48BFF58: "RP2xxx data",
    0xE48BFF59: "RP2350 (ARM)",
    0xE48BFF5A: "RP2350 (RISC-V)",
    0xBFDD4EEE: "ESP32-S2",
    0xC47E5767: "ESP32-S3",
    0x68ED2B88: "SAMD21",
    0x55114460: "SAMD51",
    0xADA52840: "nRF52840",
    0x57755A57: "STM32F4",
}


@dataclass(frozen=True)
class Image:
    """A checked UF2: its file and the bytes of it, the span of flash it writes."""

    path: Path
    data: bytes
    start: int
    end: int


def load(path: Path, board_name: str = "CTC_READER") -> Image:
    """Read and check an image.

    Raises:
        ImageMissing: there is no such file, or it cannot be read.
        ImageDamaged: it is no UF2, or blocks are missing, doubled or out of line.
        ImageForeign: it is for another chip, or writes outside the base region of board.toml.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ImageMissing(
            f"There is no image {path}: build one with 'make firmware' or name another file."
        ) from None
    except OSError as why:
        raise ImageMissing(f"The image {path} cannot be read ({why.strerror}): name another file.") from None
    if len(data) < BLOCK or _HEAD.unpack_from(data)[:2] != _MAGIC:
        raise ImageDamaged(f"{path} is not a UF2 file: name the .uf2 that 'make firmware' makes.")
    if len(data) % BLOCK:
        raise ImageDamaged(f"{path} is cut short: copy or build it again.")
    addresses = [
        _block(path, data[at : at + BLOCK], at // BLOCK, len(data) // BLOCK)
        for at in range(0, len(data), BLOCK)
    ]
    image = Image(path, data, min(addresses), max(addresses) + PAYLOAD)
    base = board.load(board_name)["flash"]["base"]
    first = FLASH_START + base["offset"]
    if image.start < first or image.end > first + base["size"]:
        raise ImageForeign(
            f"{path} writes {image.start:#x}..{image.end:#x}, outside the reader's base "
            f"({first:#x}..{first + base['size']:#x}): it would overwrite application or results, "
            "use the reader's image."
        )
    if image.start != first:
        raise ImageForeign(
            f"{path} does not begin at {first:#x}, where the reader boots: use the reader's image."
        )
    if addresses != list(range(image.start, image.end, PAYLOAD)):
        raise ImageDamaged(f"The blocks of {path} do not follow one another in flash: build it again.")
    return image


def _block(path: Path, block: bytes, index: int, blocks: int) -> int:
    """Check one block and return the address it writes."""
    magic0, magic1, flags, address, size, number, total, family = _HEAD.unpack_from(block)
    if (magic0, magic1) != _MAGIC or struct.unpack_from("<I", block, BLOCK - 4)[0] != _MAGIC_END:
        raise ImageDamaged(f"Block {index} of {path} is damaged: copy or build it again.")
    if not flags & _FAMILY_PRESENT or family != RP2040:
        name = (
            _FAMILIES.get(family, f"family {family:#010x}") if flags & _FAMILY_PRESENT else "no chip it names"
        )
        raise ImageForeign(f"{path} is a UF2 for {name}, the reader has an RP2040: use the reader's image.")
    if total != blocks or number != index:
        raise ImageDamaged(
            f"{path} has {blocks} blocks and says {total}, and block {index} calls itself {number}: "
            "copy or build it again."
        )
    if flags & _NOT_MAIN_FLASH or size != PAYLOAD or address % PAYLOAD:
        raise ImageDamaged(f"Block {index} of {path} is not one that an RP2040 writes: build it again.")
    return int(address)
