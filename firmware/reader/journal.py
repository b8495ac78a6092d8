"""The journal: boots and faults, in a ring of pages that survives every reset.

It counts the boots (the RP2040 has no memory of its own for that) and keeps the words of the last exception
that escaped, so that the reader can say after a restart why it restarted. One page per entry, each with a
CRC-32; when a sector is full the next one is erased, so a power cut can only lose the entry being written.
"""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

from reader.results.geometry import PAGE, SECTOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.results.log import Device

BOOT = const(1)
FAULT = const(2)

SECTORS = const(4)
"""Sectors the journal takes, at the end of the settings region."""

_ENTRY = "<4sIIBB"  # magic, number of the entry, number of the boot, kind, length of text
_MAGIC = b"CTCJ"
_TEXT_AT = const(14)
_TEXT_BYTES = const(200)
_CRC_AT = const(252)
_PAGES = const(16)


class Journal:
    """Entries in sectors `first` to `first + SECTORS` of a flash device."""

    def __init__(self, flash: "Device", first: int) -> None:
        self._flash = flash
        self._first = first
        self._page = bytearray(PAGE)
        self._entry = 0
        self._slot = -1
        self.boots = 0
        """Number of this boot, from 1, after ``boot``."""
        self.fault = ""
        """Words of the fault that ended the boot before this one, or ""."""
        self._scan()

    def boot(self) -> None:
        """Count this boot."""
        self.boots += 1
        self._append(BOOT, "")

    def record_fault(self, text: str) -> None:
        """Keep the words of a fault."""
        self._append(FAULT, text)

    def _append(self, kind: int, text: str) -> None:
        data = text.encode()[:_TEXT_BYTES]
        slot = (self._slot + 1) % (SECTORS * _PAGES)
        address = (self._first + slot // _PAGES) * SECTOR + slot % _PAGES * PAGE
        if slot % _PAGES == 0:
            self._flash.erase(self._first + slot // _PAGES)
        page = self._page
        for at in range(PAGE):
            page[at] = 0xFF
        pack_into(_ENTRY, page, 0, _MAGIC, self._entry + 1, self.boots, kind, len(data))
        page[_TEXT_AT : _TEXT_AT + len(data)] = data
        pack_into("<I", page, _CRC_AT, crc32(memoryview(page)[:_CRC_AT]))
        self._flash.program(address, page)
        self._entry += 1
        self._slot = slot

    def _scan(self) -> None:
        last_kind = 0
        used = -1
        for slot in range(SECTORS * _PAGES):
            self._flash.read((self._first + slot // _PAGES) * SECTOR + slot % _PAGES * PAGE, self._page)
            entry = self._parse()
            if entry is not None and entry[0] > self._entry:
                self._entry, self.boots, last_kind, text = entry
                used = slot
                self.fault = text if last_kind == FAULT else ""
        # A page that a power cut spoilt stands behind the newest entry: nothing more goes into its sector.
        self._slot = used
        if used >= 0 and not self._blank_after(used):
            self._slot = used // _PAGES * _PAGES + _PAGES - 1

    def _blank_after(self, slot: int) -> bool:
        if slot % _PAGES == _PAGES - 1:
            return True
        slot += 1
        self._flash.read((self._first + slot // _PAGES) * SECTOR + slot % _PAGES * PAGE, self._page)
        return all(byte == 0xFF for byte in self._page)

    def _parse(self) -> "tuple[int, int, int, str] | None":
        magic, entry, boots, kind, length = unpack_from(_ENTRY, self._page)
        if magic != _MAGIC or unpack_from("<I", self._page, _CRC_AT)[0] != crc32(
            memoryview(self._page)[:_CRC_AT]
        ):
            return None
        return entry, boots, kind, str(self._page[_TEXT_AT : _TEXT_AT + length], "utf-8")
