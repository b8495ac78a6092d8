"""The result log: records on bare flash that a power cut can end but never falsify.

The region is a ring of sectors. A record starts with a sector:

    page 0      head: sequence, generation, and what must be known of a run that never ended (`meta`)
    page 1      trailer, programmed last: length, SHA-256; a record without it was interrupted
    page 2      mark: the host has the record
    page 3..15  data

and goes on in the sectors behind it, page 0 the head, pages 1..15 data. Each of these pages is programmed
once, ends in a CRC-32, and counts only with it. `sequence` numbers results and never repeats: the newest head
is not erased before a newer one is there. `generation` numbers records as they were placed, so that a record
that replaces an interrupted one may have its sequence.

Sectors ahead of the ring's end are erased one call of ``prepare`` at a time. Before that, the head in a
sector is programmed to zeros: an erase that the power cuts short must not bring an old record back. No sector
is trusted to be erased that this boot did not erase: a cut erase can leave one that reads blank and is not.

Flash device: `sectors`, ``read(address, into)``, ``program(address, page)``, ``erase(sector)``.
"""

from binascii import crc32
from hashlib import sha256
from struct import pack_into, unpack_from

from micropython import const

from reader.results.geometry import CONTINUED, PAGE, SECTOR, STARTED, data_address, sectors_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Device(Protocol):
        """What the log needs of a flash."""

        sectors: int

        def read(self, address: int, into: "bytearray | memoryview") -> None: ...
        def program(self, address: int, page: "bytes | bytearray | memoryview") -> None: ...
        def erase(self, sector: int) -> None: ...


META_BYTES = const(224)
"""Most bytes of `meta`."""

RESERVE = const(4)
"""Sectors kept free, so that an interrupted record can be replaced even when no new run may start."""

_VERSION = const(1)
_TRAILER_PAGE = const(1)
_MARK_PAGE = const(2)
_CRC_AT = const(252)
_HEAD = "<4sBBHIIH"  # magic, version, kind, index in the record, generation, sequence, length of meta
_META_AT = const(20)
_TRAILER = "<4sIII32s"  # magic, generation, sequence, length, SHA-256
_MARK = "<4sII"
_HEAD_MAGIC = b"CTCR"
_TRAILER_MAGIC = b"CTCE"
_MARK_MAGIC = b"CTCA"


class LogError(Exception):
    """The log cannot do what was asked; the text says why."""


class Full(LogError):
    """There is no room for the record before the host takes some of the kept ones."""


class Log:
    """The records in one region of flash.

    `rest()` is called before each erase and page: it feeds the watchdog.
    """

    def __init__(self, flash: "Device", rest: "Callable[[], None]") -> None:
        self._flash = flash
        self._rest = rest
        self._page = bytearray(PAGE)
        self._check = bytearray(PAGE)
        self.last = 0
        """Newest sequence, 0 for none."""
        self._generation = 0
        self._kept: "list[tuple[int, int, int]]" = []  # sequence, generation, first sector; oldest first
        self._interrupted: "list[tuple[int, int, int]]" = []
        self._newest: "int | None" = None  # first sector of the newest record
        self._end = 0  # the sector behind the newest record
        self._clean = 0  # sectors from there on that this boot has erased
        # The record being written.
        self._start: "int | None" = None
        self._length = 0
        self._used = 0  # sectors
        self._fill = 0  # bytes in _page
        self._hash = sha256()
        self._sequence = 0
        self._scan()

    # What is there ----------------------------------------------------------------------------------------

    def kept(self) -> int:
        """Return the number of records the host has not yet acknowledged."""
        return len(self._kept)

    def pending(self, after: int, most: int) -> "list[tuple[int, int, bytes]]":
        """Return (sequence, length, SHA-256) of up to `most` records not acknowledged, oldest first."""
        found: "list[tuple[int, int, bytes]]" = []
        for sequence, generation, start in self._kept:
            if sequence > after and len(found) < most:
                trailer = self._trailer(start, generation)
                if trailer is not None:
                    found.append((sequence, trailer[0], trailer[1]))
        return found

    def read(self, sequence: int, offset: int, count: int) -> "tuple[int, bytes]":
        """Return (length of the record, at most `count` of its bytes from `offset` on).

        Raises:
            KeyError: no such record, or already acknowledged.
        """
        generation, start = self._find(sequence)
        trailer = self._trailer(start, generation)
        if trailer is None:
            raise KeyError(sequence)
        length = trailer[0]
        count = max(0, min(count, length - offset))
        data = bytearray(count)
        view = memoryview(data)
        at = 0
        while at < count:
            sector, inside = data_address(offset + at)
            n = min(count - at, PAGE - inside % PAGE)
            self._flash.read((start + sector) % self._flash.sectors * SECTOR + inside, view[at : at + n])
            at += n
        return length, bytes(data)

    def acknowledge(self, sequence: int, sha: bytes) -> bool:
        """Drop a record that the host has. Return False when `sha` is not its hash; KeyError as ``read``."""
        generation, start = self._find(sequence)
        trailer = self._trailer(start, generation)
        if trailer is None:
            raise KeyError(sequence)
        if trailer[1] != bytes(sha):
            return False
        self._blank()
        pack_into(_MARK, self._page, 0, _MARK_MAGIC, generation, sequence)
        self._seal(start * SECTOR + _MARK_PAGE * PAGE)
        self._kept.remove((sequence, generation, start))
        return True

    def interrupted(self) -> "list[tuple[int, bytes]]":
        """Return (sequence, meta) of the records that never ended and have not been replaced."""
        found: "list[tuple[int, bytes]]" = []
        for sequence, _, start in self._interrupted:
            if self._load(start, 0):
                length = unpack_from(_HEAD, self._check)[6]
                found.append((sequence, bytes(self._check[_META_AT : _META_AT + length])))
        return found

    # Room -------------------------------------------------------------------------------------------------

    def free(self) -> int:
        """Return the number of sectors that may be erased or already are."""
        total = self._flash.sectors
        end = self._end if self._start is None else self._start + self._used
        free = total
        for _, _, start in self._kept:
            free = min(free, (start - end) % total)
        for _, _, start in self._interrupted:
            free = min(free, (start - end) % total)
        if self._newest is not None:
            free = min(free, (self._newest - end) % total)
        return free

    def room(self, size: int) -> bool:
        """Return whether ``begin`` would take a record of at most `size` bytes."""
        return self.free() >= sectors_for(size) + RESERVE

    def prepare(self, size: int) -> bool:
        """Erase at most one sector ahead, towards room for a record of `size` bytes. Return whether it did.

        Not with an LED or the magnet on: this takes up to 400 ms with interrupts off.
        """
        if self._start is not None or self._clean >= min(sectors_for(size), self.free()):
            return False
        self._erase_next()
        return True

    def _erase_next(self) -> None:
        sector = (self._end + self._clean) % self._flash.sectors
        address = sector * SECTOR
        self._flash.read(address, self._check)
        self._blank()
        if self._check != self._page:
            for at in range(PAGE):
                self._page[at] = 0
            self._rest()
            self._flash.program(address, self._page)
        self._rest()
        self._flash.erase(sector)
        self._rest()
        self._clean += 1

    # Writing ----------------------------------------------------------------------------------------------

    def begin(self, meta: bytes, size: int, replaces: int = 0) -> int:
        """Start a record of at most `size` bytes; return its sequence.

        meta: up to META_BYTES that ``interrupted`` gives back if the record never ends.
        replaces: the sequence of an interrupted record that this one stands for.

        Raises:
            Full: no room.
            LogError: a record is being written, `meta` is too long, or the flash failed.
        """
        if self._start is not None:
            raise LogError("a record is being written")
        if len(meta) > META_BYTES:
            raise LogError("meta too long")
        need = sectors_for(size)
        if self.free() < need + (0 if replaces else RESERVE):
            raise Full("the result log is full")
        while self._clean < need:
            self._erase_next()
        self._start = self._end
        self._generation += 1
        self._sequence = replaces or self.last + 1
        self._length = self._used = self._fill = 0
        self._hash = sha256()
        try:
            self._open_sector(STARTED, meta)
        except LogError:
            # Whatever stands there is no head; the sector is erased again before its next use.
            self._clean = 0
            self._start = None
            raise
        self.last = max(self.last, self._sequence)
        # From here on it exists: should the power fail, it is the newest record, and interrupted.
        self._newest = self._start
        self._blank()
        return self._sequence

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """Append to the record. Raises LogError beyond its size, or when the flash failed."""
        self._hash.update(data)
        view = memoryview(data)
        at = 0
        while at < len(view):
            n = min(PAGE - self._fill, len(view) - at)
            self._page[self._fill : self._fill + n] = view[at : at + n]
            self._fill += n
            self._length += n
            at += n
            if self._fill == PAGE:
                self._flush()

    def commit(self) -> bytes:
        """End the record; it is a result from now on. Return its SHA-256."""
        start = self._start
        if start is None:
            raise LogError("no record is being written")
        if self._fill:
            self._flush()
        sha = self._hash.digest()
        self._blank()
        pack_into(
            _TRAILER, self._page, 0, _TRAILER_MAGIC, self._generation, self._sequence, self._length, sha
        )
        self._seal(start * SECTOR + _TRAILER_PAGE * PAGE)
        self._kept.append((self._sequence, self._generation, start))
        self._kept.sort()
        self._interrupted = [one for one in self._interrupted if one[0] != self._sequence]
        self._close()
        return sha

    def abandon(self) -> None:
        """Leave the record unfinished, as a power cut would: it is interrupted."""
        if self._start is not None:
            self._interrupted = [one for one in self._interrupted if one[0] != self._sequence]
            self._interrupted.append((self._sequence, self._generation, self._start))
            self._close()

    def _close(self) -> None:
        if self._start is not None:
            self._end = (self._start + self._used) % self._flash.sectors
            self._start = None

    def _open_sector(self, kind: int, meta: bytes) -> None:
        start = self._start
        if start is None or self._clean == 0:
            raise LogError("the record is longer than was planned")
        page = self._page
        self._blank()
        pack_into(
            _HEAD,
            page,
            0,
            _HEAD_MAGIC,
            _VERSION,
            kind,
            self._used,
            self._generation,
            self._sequence,
            len(meta),
        )
        page[_META_AT : _META_AT + len(meta)] = meta
        self._clean -= 1
        self._used += 1
        self._seal((start + self._used - 1) % self._flash.sectors * SECTOR)

    def _flush(self) -> None:
        start = self._start
        if start is None:
            raise LogError("no record is being written")
        sector, inside = data_address(self._length - self._fill)
        if sector >= self._used:
            held = bytes(self._page)
            self._open_sector(CONTINUED, b"")
            self._page[:] = held
        self._program((start + sector) % self._flash.sectors * SECTOR + inside)
        self._fill = 0
        self._blank()

    def _blank(self) -> None:
        page = self._page
        for at in range(PAGE):
            page[at] = 0xFF

    def _seal(self, address: int) -> None:
        pack_into("<I", self._page, _CRC_AT, crc32(memoryview(self._page)[:_CRC_AT]))
        self._program(address)

    def _program(self, address: int) -> None:
        self._rest()
        self._flash.program(address, self._page)
        self._flash.read(address, self._check)
        if self._check != self._page:
            raise LogError("the flash does not keep what is written")

    # Reading pages ----------------------------------------------------------------------------------------

    def _find(self, sequence: int) -> "tuple[int, int]":
        for kept, generation, start in self._kept:
            if kept == sequence:
                return generation, start
        raise KeyError(sequence)

    def _load(self, sector: int, page: int) -> bool:
        """Read a sealed page into `_check`; whether its CRC fits. `_page` may hold a record being written."""
        self._flash.read(sector * SECTOR + page * PAGE, self._check)
        return unpack_from("<I", self._check, _CRC_AT)[0] == crc32(memoryview(self._check)[:_CRC_AT])

    def _trailer(self, start: int, generation: int) -> "tuple[int, bytes] | None":
        if not self._load(start, _TRAILER_PAGE):
            return None
        magic, written, _, length, sha = unpack_from(_TRAILER, self._check)
        return (length, sha) if magic == _TRAILER_MAGIC and written == generation else None

    def _marked(self, start: int, generation: int) -> bool:
        if not self._load(start, _MARK_PAGE):
            return False
        magic, written, _ = unpack_from(_MARK, self._check)
        return bool(magic == _MARK_MAGIC and written == generation)

    def _head(self, sector: int) -> "tuple[int, int, int, int] | None":
        """Return (kind, index, generation, sequence) of a sector's head."""
        magic = bytearray(4)
        self._flash.read(sector * SECTOR, magic)
        if magic != _HEAD_MAGIC or not self._load(sector, 0):
            return None
        _, version, kind, index, generation, sequence, _ = unpack_from(_HEAD, self._check)
        return (kind, index, generation, sequence) if version == _VERSION else None

    def _scan(self) -> None:
        total = self._flash.sectors
        done: "dict[int, int]" = {}  # sequence: generation of the ended record
        open_records: "list[tuple[int, int, int]]" = []
        newest_length: "int | None" = None
        for sector in range(total):
            self._rest()
            head = self._head(sector)
            if head is None or head[0] != STARTED:
                continue
            _, _, generation, sequence = head
            trailer = self._trailer(sector, generation)
            if trailer is None:
                open_records.append((sequence, generation, sector))
            else:
                done[sequence] = generation
                if not self._marked(sector, generation):
                    self._kept.append((sequence, generation, sector))
            self.last = max(self.last, sequence)
            if generation > self._generation:
                self._generation = generation
                self._newest = sector
                newest_length = None if trailer is None else trailer[0]
        self._kept.sort()
        self._interrupted = _latest([one for one in open_records if one[0] not in done])
        if self._newest is not None:
            used = 1 if newest_length is None else sectors_for(newest_length)
            while newest_length is None and used < total:
                head = self._head((self._newest + used) % total)
                if head is None or head[:3] != (CONTINUED, used, self._generation):
                    break
                used += 1
            self._end = (self._newest + used) % total
        self._blank()


def _latest(records: "list[tuple[int, int, int]]") -> "list[tuple[int, int, int]]":
    """Return, of records with the same sequence, the one of the highest generation."""
    best: "dict[int, tuple[int, int, int]]" = {}
    for record in records:
        if record[0] not in best or best[record[0]][1] < record[1]:
            best[record[0]] = record
    return sorted(best.values())
