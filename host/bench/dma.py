"""The chip's DMA and SPI without the emulator's detours: same registers, same transfers at the same times.

As shipped, every byte to the display costs some 60 us of wall time, most of it in loops over twelve
channels and in chains of properties; with what is replaced here a screen takes a quarter of that.
"""

from __future__ import annotations

from typing import Any

from rp2040py.peripherals.dma import BUSY, CTRL_REGS, EN, RPDMA, RPDMAChannel
from rp2040py.peripherals.spi import RPSPI, SSPDR, SSPRORINTR, SSPRXINTR, SSPTXINTR
from rp2040py.rp2040 import RP2040

ACTIVE = EN | BUSY
FIFO_DEPTH = 8
FIRST_TIMER = 0x3B  # request numbers from here on are pacing timers and "always" (RP2040 data sheet 2.5.3.1)


class LeanChannel(RPDMAChannel):
    """One channel, which knows without asking that a peripheral's request is no timer."""

    def schedule_transfer(self) -> None:
        if self._treq_value >= FIRST_TIMER:
            super().schedule_transfer()
        elif self.dma.dreq.get(self._treq_value, False):
            self.transfer_alarm.schedule(0)


class LeanDMA(RPDMA):
    """DMA whose request lines find their channels without asking each one by name."""

    def __init__(self, chip: RP2040, name: str) -> None:
        super().__init__(chip, name)
        self.channels: list[RPDMAChannel] = [LeanChannel(self, chip, index) for index in range(12)]

    def read_uint32(self, offset: int) -> int:
        # Programs wait for a channel by reading its control register over and over.
        if offset < 0x300 and (offset & 0x3F) in CTRL_REGS:
            return int(self.channels[offset >> 6]._ctrl)
        return super().read_uint32(offset)

    def set_dreq(self, dreq_channel: int) -> None:
        if not self.dreq.get(dreq_channel, False):
            self.dreq[dreq_channel] = True
            for channel in self.channels:
                if channel._treq_value == dreq_channel and channel._ctrl & ACTIVE == ACTIVE:
                    channel.schedule_transfer()


class LeanSPI(RPSPI):
    """A PL022 that tells DMA and interrupts only what has changed."""

    def write_uint32_atomic(self, offset: int, value: int, atomic_type: int) -> None:
        if offset == SSPDR:
            # An 8-bit DMA write puts the byte on all four lanes; the frame size picks what is sent.
            if self.tx_fifo._used < FIFO_DEPTH:
                self.tx_fifo.push(value & ((2 << (self._control0 & 0xF)) - 1))
                self._do_tx()
                self._fifos_updated()
            return
        super().write_uint32_atomic(offset, value, atomic_type)

    def read_uint32(self, offset: int) -> int:
        if offset == SSPDR:
            if not self.rx_fifo._used:
                return 0
            value = self.rx_fifo.pull()
            self._fifos_updated()
            return int(value)
        return int(super().read_uint32(offset))

    def _do_tx(self) -> None:
        if not self._busy and self.tx_fifo._used:
            self._busy = True
            self.on_transmit(self.tx_fifo.pull())

    def complete_transmit(self, rx_value: int) -> None:
        """The device has taken a byte: its answer into the FIFO, the next byte out."""
        self._busy = False
        if self.rx_fifo._used < FIFO_DEPTH:
            self.rx_fifo.push(rx_value)
        else:
            self._int_raw |= SSPRORINTR
        self._do_tx()
        self._fifos_updated()

    def _fifos_updated(self) -> None:
        waiting, arrived = self.tx_fifo._used, self.rx_fifo._used
        raw = self._int_raw & ~(SSPTXINTR | SSPRXINTR)
        if waiting <= FIFO_DEPTH // 2:
            raw |= SSPTXINTR
        if arrived >= FIFO_DEPTH // 2:
            raw |= SSPRXINTR
        changed = (raw ^ self._int_raw) & self._int_enable
        self._int_raw = raw
        if changed:
            self.check_interrupts()
        dma: Any = self.rp2040.dma
        lines = dma.dreq
        line, wanted = self.dreq.tx, waiting < FIFO_DEPTH
        if lines.get(line) is not wanted:
            if wanted:
                dma.set_dreq(line)
            else:
                lines[line] = False
        line, wanted = self.dreq.rx, arrived > 0
        if lines.get(line) is not wanted:
            if wanted:
                dma.set_dreq(line)
            else:
                lines[line] = False
