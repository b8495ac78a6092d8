"""The chip's single-cycle IO block with its divider first: the emulator's own looks through thirty
registers on the way to it, and a division is the most frequent thing a program asks of the block."""

from __future__ import annotations

from typing import Any

from rp2040py.rp2040 import RP2040
from rp2040py.sio import RPSIO

UDIVIDEND, UDIVISOR, SDIVIDEND, SDIVISOR, QUOTIENT, REMAINDER, CSR = 0x60, 0x64, 0x68, 0x6C, 0x70, 0x74, 0x78
DONE, READ = 0b11, 0b01
CYCLES = 8  # RP2040 data sheet 2.3.1.5
WORD = 0xFFFFFFFF


def _signed(value: int) -> int:
    return value - (1 << 32) if value & 0x80000000 else value


class LeanSIO(RPSIO):
    """SIO with an integer divider."""

    def __init__(self, chip: RP2040) -> None:
        super().__init__(chip)
        self._chip: Any = chip

    def read_uint32(self, offset: int) -> int | float:
        if offset == QUOTIENT:
            self.div_csr = READ
            return self.div_quotient
        if offset == REMAINDER:
            return self.div_remainder
        return super().read_uint32(offset)

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == UDIVIDEND:
            self.div_dividend = value & WORD
            self.update_hardware_divider(False)
        elif offset == UDIVISOR:
            self.div_divisor = value & WORD
            self.update_hardware_divider(False)
        elif offset == SDIVIDEND:
            self.div_dividend = value & WORD
            self.update_hardware_divider(True)
        elif offset == SDIVISOR:
            self.div_divisor = value & WORD
            self.update_hardware_divider(True)
        else:
            super().write_uint32(offset, value)

    def update_hardware_divider(self, signed: bool) -> None:
        """Divide; by zero the quotient is all ones or 1 by the sign, the remainder the dividend (2.3.1.5)."""
        dividend, divisor = self.div_dividend & WORD, self.div_divisor & WORD
        if signed:
            dividend, divisor = _signed(dividend), _signed(divisor)
        if not divisor:
            self.div_quotient = 1 if signed and dividend < 0 else WORD
            self.div_remainder = dividend & WORD
        else:
            quotient = abs(dividend) // abs(divisor)
            if (dividend < 0) != (divisor < 0):
                quotient = -quotient
            self.div_quotient = quotient & WORD
            self.div_remainder = (dividend - quotient * divisor) & WORD
        self.div_csr = DONE
        self._chip.core.cycles += CYCLES
