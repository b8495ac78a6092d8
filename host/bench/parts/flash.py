"""W25Q16JV flash with its busy times, status register, unique id and a file that keeps its contents.

Section numbers are those of Winbond's data sheet W25Q16JV.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import Any

import crcmod
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.peripherals.ssi import RPSSI
from rp2040py.rp2040 import RP2040

SIZE = 2 << 20
SECTOR, PAGE = 4096, 256

WRITE_ENABLE, WRITE_DISABLE, READ_STATUS_1, READ_STATUS_2 = 0x06, 0x04, 0x05, 0x35
WRITE_STATUS, PAGE_PROGRAM, READ_DATA, READ_JEDEC_ID, READ_UNIQUE_ID = 0x01, 0x02, 0x03, 0x9F, 0x4B
ERASES = {0x20: SECTOR, 0x52: 32 << 10, 0xD8: 64 << 10}
JEDEC_ID = bytes((0xEF, 0x40, 0x15))  # 8.1.1
BUSY, WRITE_ENABLED, QUAD_ENABLED = 0x01, 0x02, 0x02  # 7.1

TIMES_MS = {  # 9.6, "AC electrical characteristics": typical and maximum
    "typical": {PAGE_PROGRAM: 0.4, 0x20: 45.0, 0x52: 120.0, 0xD8: 150.0, WRITE_STATUS: 10.0},
    "maximum": {PAGE_PROGRAM: 3.0, 0x20: 400.0, 0x52: 1600.0, 0xD8: 2000.0, WRITE_STATUS: 15.0},
}

# The boot ROM checks the first 252 bytes of flash against the word after them (RP2040 data sheet 2.8.1.3.1).
_boot2_crc = crcmod.mkCrcFun(0x104C11DB7, initCrc=0xFFFFFFFF, rev=False, xorOut=0)


class W25Q16:
    """One flash chip on the QSPI bus, byte by byte.

    A program or erase leaves the chip busy. The first status read that finds it busy says so and then lets
    the busy time pass at once, because polling 45 ms of it instruction by instruction costs a second of
    wall time and changes nothing. Any command but a status read is ignored while busy (8.2.10).
    """

    def __init__(self, chip: RP2040, unique_id: bytes, file: Path) -> None:
        if len(unique_id) != 8:
            raise ValueError("a unique id has 8 bytes")
        self._clock = chip.clock
        self._memory = chip.flash
        self.unique_id = unique_id
        self.times = "typical"
        self.operations = 0
        self._command = bytearray()
        self._write_enabled = False
        self._busy_until = 0.0
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        stored = os.pread(self._file, SIZE, 0)
        if len(stored) < SIZE:
            os.pwrite(self._file, b"\xff" * (SIZE - len(stored)), len(stored))
        self._memory[: len(stored)] = stored

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    @property
    def busy(self) -> bool:
        return bool(self._clock.nanos < self._busy_until)

    def bootable(self) -> bool:
        """Whether the boot ROM would start what is in flash."""
        stage = bytes(self._memory[:PAGE])
        return int(_boot2_crc(stage[:252])) == int.from_bytes(stage[252:], "little")

    def select(self) -> None:
        """Chip select goes low: a new command."""
        self._command = bytearray()

    def shift(self, value: int) -> int:
        """Clock one byte in; return the byte clocked out."""
        command = self._command
        command.append(value)
        opcode, position = command[0], len(command) - 1
        if position == 0:
            return 0xFF
        if opcode == READ_STATUS_1:
            return self._status()
        if self.busy:
            return 0xFF
        if opcode == READ_STATUS_2:
            return QUAD_ENABLED
        if opcode == READ_JEDEC_ID:
            return JEDEC_ID[position - 1] if position <= 3 else 0xFF
        if opcode == READ_UNIQUE_ID:  # 8.2.35: four dummy bytes, then 64 bits
            return self.unique_id[position - 5] if 5 <= position <= 12 else 0xFF
        if opcode == READ_DATA and position >= 4:
            return int(self._memory[(self._address() + position - 4) % SIZE])
        return 0xFF

    def deselect(self) -> None:
        """Chip select goes high: a write, program or erase begins now."""
        command, self._command = self._command, bytearray()
        if not command or self.busy:
            return
        opcode = command[0]
        if opcode == WRITE_ENABLE:
            self._write_enabled = True
        elif opcode == WRITE_DISABLE:
            self._write_enabled = False
        elif self._write_enabled and opcode in (PAGE_PROGRAM, WRITE_STATUS, *ERASES):
            self._write_enabled = False
            if opcode in ERASES and len(command) == 4:
                self.erase(int.from_bytes(command[1:4], "big"), ERASES[opcode])
            elif opcode == PAGE_PROGRAM and len(command) > 4:
                self.program(int.from_bytes(command[1:4], "big"), bytes(command[4:]))
            self._busy_until = self._clock.nanos + TIMES_MS[self.times][opcode] * 1e6

    def erase(self, address: int, size: int) -> None:
        """Set the sector or block that holds the address to ones."""
        first = address % SIZE & ~(size - 1)
        self._store(first, b"\xff" * size)

    def program(self, address: int, data: bytes) -> None:
        """Clear bits in one page; the address wraps inside it (8.2.13), so the last 256 bytes count."""
        base, column = address % SIZE & ~(PAGE - 1), address % PAGE
        page = bytearray(self._memory[base : base + PAGE])
        for index, value in enumerate(data):
            page[(column + index) % PAGE] &= value
        self._store(base, bytes(page))

    def _store(self, address: int, data: bytes) -> None:
        self._memory[address : address + len(data)] = data
        os.pwrite(self._file, data, address)
        self.operations += 1

    def _status(self) -> int:
        status = WRITE_ENABLED if self._write_enabled else 0
        if self.busy:
            status |= BUSY
            self._clock.tick(self._busy_until - self._clock.nanos)
        return status

    def _address(self) -> int:
        return int.from_bytes(self._command[1:4], "big")


class FlashSSI(RPSSI):
    """The chip's SSI with the flash chip behind it (the emulator's own knows no busy time)."""

    def __init__(self, chip: Any, name: str, flash: W25Q16) -> None:
        super().__init__(chip, name)
        self._flash = flash

    def _on_cs_pin_changed(self, value: GPIOPinState, _last_value: GPIOPinState) -> None:
        selected = value == GPIOPinState.LOW
        if selected and not self._cs_asserted:
            self._rx_queue = deque()
            self._flash.select()
        elif self._cs_asserted and not selected:
            self._flash.deselect()
        self._cs_asserted = selected

    def _shift_byte(self, byte_out: int) -> int:
        return self._flash.shift(byte_out)
