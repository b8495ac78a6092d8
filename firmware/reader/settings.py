"""The settings the core analyses with: two copies in flash, so that one is whole whenever the power fails.

Each copy has a sector of the region `settings`. Page 0 is its head, the packed settings (``ctc/settings.h``)
follow from page 1; no settings at all, the built-in ones, is a copy of length 0.

    head: magic (4 bytes), generation (u32), length (u16), CRC-32 of the settings, CRC-32 of the three

A copy is written in the order erase, settings, head without its magic, magic: only a whole copy ever has the
magic, so a copy with a magic that is not whole has been damaged later. Both copies are written one after the
other, with the same generation. What a cut left behind is mended at the next start from the newer copy.

Damaged settings are never replaced in silence: ``fault`` says why no run may start, until good ones are sent.
"""

from binascii import crc32, hexlify
from hashlib import sha256
from struct import pack_into, unpack_from

import ctc_core
from micropython import const

from reader.results.geometry import PAGE, SECTOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.results.log import Device

SECTORS = const(2)
"""Sectors the settings take, at the start of the settings region."""

_MAGIC = b"CTCK"
_HEAD = "<IHI"  # generation, length, CRC-32 of the settings; behind the magic
_HEAD_AT = const(4)
_CRC_AT = const(14)
_DATA_AT = const(256)


def provisional() -> bool:
    """Return whether calibration or cut-offs in use are still provisional, which every result must say."""
    _, calibration, cutoffs = ctc_core.settings()
    return calibration.startswith(ctc_core.PROVISIONAL) or cutoffs.startswith(ctc_core.PROVISIONAL)


class Settings:
    """Settings in sectors `first` and `first + 1` of a flash device, loaded into the core at once."""

    def __init__(self, flash: "Device", first: int) -> None:
        self._flash = flash
        self._first = first
        self._page = bytearray(PAGE)
        self._generation = 0
        self.blob = b""
        """The packed settings in use; b"" for the built-in ones."""
        self.fault = ""
        """Why these settings cannot be used, and so no run may start; or ""."""
        self._load()

    def identity(self) -> "tuple[str, str, str, str]":
        """Return gate set, calibration, cut-offs and the SHA-256 in hex, "" for the built-in settings."""
        gate_set, calibration, cutoffs = ctc_core.settings()
        return gate_set, calibration, cutoffs, str(hexlify(self.sha()), "ascii")

    def sha(self) -> bytes:
        """Return the SHA-256 of the settings in use, b"" for the built-in ones."""
        return sha256(self.blob).digest() if self.blob else b""

    def keep(self, blob: "bytes | bytearray") -> None:
        """Use these settings from now on, and after every start; b"" goes back to the built-in ones.

        Never with an LED or the magnet on.

        Raises:
            ctc_core.Error: the core refuses them; nothing is changed.
            OSError: they could not be stored; the newest ones that are whole in flash are in use.
        """
        blob = bytes(blob)
        ctc_core.configure(blob)
        try:
            self._write(0, self._generation + 1, blob)
            self._write(1, self._generation + 1, blob)
            if self._read(0) is None or self._read(1) is None:
                raise OSError("the flash did not keep the settings")
        except OSError:
            self._load()
            raise
        self._generation += 1
        self.blob = blob
        self.fault = ""

    def _load(self) -> None:
        self.fault = ""
        self.blob = b""
        self._generation = 0
        copies = [self._read(copy) for copy in range(SECTORS)]
        best = max(copies, key=lambda copy: copy[0] if copy else 0)
        ctc_core.configure(b"")
        if best is None:
            if self._marked(0) or self._marked(1):
                self.fault = "The settings in the reader are damaged: send them again from the host."
            return
        self._generation, self.blob = best
        try:
            ctc_core.configure(self.blob)
        except ctc_core.Error:
            self.fault = "The settings in the reader do not fit its firmware: send new ones from the host."
            return
        for number, copy in enumerate(copies):
            if copy is None or copy[0] != best[0]:
                self._write(number, best[0], best[1])

    def _marked(self, copy: int) -> bool:
        self._flash.read((self._first + copy) * SECTOR, self._page)
        return self._page[:_HEAD_AT] == _MAGIC

    def _read(self, copy: int) -> "tuple[int, bytes] | None":
        """Return (generation, settings) of a copy, None for one that is not whole."""
        if not self._marked(copy):
            return None
        generation, length, crc = unpack_from(_HEAD, self._page, _HEAD_AT)
        if unpack_from("<I", self._page, _CRC_AT)[0] != crc32(memoryview(self._page)[_HEAD_AT:_CRC_AT]):
            return None
        if length not in (0, ctc_core.SETTINGS_BYTES):
            # Another version's; its length can be trusted, as the head is whole, but not that it fits here.
            length = min(length, SECTOR - _DATA_AT)
        blob = bytearray(length)
        self._flash.read((self._first + copy) * SECTOR + _DATA_AT, blob)
        return (generation, bytes(blob)) if crc32(blob) == crc else None

    def _write(self, copy: int, generation: int, blob: bytes) -> None:
        sector = self._first + copy
        self._flash.erase(sector)
        for at in range(0, len(blob), PAGE):
            piece = blob[at : at + PAGE]
            self._blank()
            self._page[: len(piece)] = piece
            self._flash.program(sector * SECTOR + _DATA_AT + at, self._page)
        self._blank()
        pack_into(_HEAD, self._page, _HEAD_AT, generation, len(blob), crc32(blob))
        pack_into("<I", self._page, _CRC_AT, crc32(memoryview(self._page)[_HEAD_AT:_CRC_AT]))
        self._flash.program(sector * SECTOR, self._page)
        self._blank()
        self._page[:_HEAD_AT] = _MAGIC
        self._flash.program(sector * SECTOR, self._page)

    def _blank(self) -> None:
        for at in range(PAGE):
            self._page[at] = 0xFF
