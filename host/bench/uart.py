"""The chip's UARTs, a PL011 each, with the time bytes take and interrupts that come when they should.

The emulator's own asserts the transmit interrupt without end, which keeps a program that uses it in its
handler for ever. Sections are those of the RP2040 data sheet, register names those of ARM's PL011 manual
(DDI 0183).
"""

from __future__ import annotations

from rp2040py.peripherals.uart import RPUART, IUARTDMAChannels
from rp2040py.rp2040 import RP2040
from rp2040py.utils.fifo import FIFO

from host.bench.alarm import Alarm

UARTDR, UARTRSR, UARTFR, UARTLCR_H, UARTCR, UARTIFLS = 0x00, 0x04, 0x18, 0x2C, 0x30, 0x34
UARTIMSC, UARTRIS, UARTMIS, UARTICR, UARTDMACR = 0x38, 0x3C, 0x40, 0x44, 0x48
TXFE, RXFF, TXFF, RXFE, BUSY = 1 << 7, 1 << 6, 1 << 5, 1 << 4, 1 << 3
OEIM, RTIM, TXIM, RXIM = 1 << 10, 1 << 6, 1 << 5, 1 << 4
DEPTH = 32  # 4.2.2.4
LEVELS = (4, 8, 16, 24, 28)  # eighths of the FIFO: 1/8, 1/4, 1/2, 3/4, 7/8 (UARTIFLS)
TIMEOUT_BITS = 32  # receive timeout: that long without a byte while some wait (4.2.6.1)
BITS = 10  # start, eight data, stop


class Pl011(RPUART):
    """One UART; `on_byte` is called when a byte has left it, `feed_byte` when one has arrived."""

    def __init__(self, chip: RP2040, name: str, irq: int, dreq: IUARTDMAChannels) -> None:
        super().__init__(chip, name, irq, dreq)
        self.tx_fifo = FIFO(DEPTH)
        self._levels = 0x12
        self._dma_control = 0
        self._shifting: int | None = None
        self._sent = Alarm(chip.clock, self._byte_sent)
        self._silence = Alarm(chip.clock, self._silent)

    def reset(self) -> None:
        """Registers and FIFOs to their power-on values; bytes on their way are lost."""
        super().reset()
        if hasattr(self, "_sent"):
            self._sent.cancel()
            self._silence.cancel()
            self.tx_fifo.reset()
            self._shifting, self._levels, self._dma_control = None, 0x12, 0

    @property
    def _bit_ns(self) -> float:
        divider = self.baud_divider or 1.0
        return divider * 16e9 / self.rp2040.clk_peri

    @property
    def _depth(self) -> int:
        return DEPTH if self.fifos_enabled else 1

    @property
    def flags(self) -> int:
        waiting, arrived = self.tx_fifo.item_count, self.rx_fifo.item_count
        return (
            (0 if waiting else TXFE)
            | (TXFF if waiting >= self._depth else 0)
            | (0 if arrived else RXFE)
            | (RXFF if arrived >= self._depth else 0)
            | (BUSY if waiting or self._shifting is not None else 0)
        )

    def check_interrupts(self) -> None:
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    # -- out --------------------------------------------------------------------------------------------

    def _transmit(self, value: int) -> None:
        if not self.enabled or not self.tx_enabled:
            return
        if self._shifting is None:
            self._shifting = value
            self._sent.schedule(BITS * self._bit_ns)
        elif self.tx_fifo.item_count < self._depth:
            self.tx_fifo.push(value)
            if self.tx_fifo.item_count > LEVELS[min(self._levels & 7, 4)]:
                self._interrupt_status &= ~TXIM
                self.check_interrupts()
        self._request_data()

    def _byte_sent(self) -> None:
        value, self._shifting = self._shifting, None
        if value is not None and self.on_byte:
            self.on_byte(value)
        if self.tx_fifo.item_count:
            self._shifting = self.tx_fifo.pull()
            self._sent.schedule(BITS * self._bit_ns)
            # The interrupt is the passage through the level, not the level itself (DDI 0183, 2.8.2).
            if self.tx_fifo.item_count == (LEVELS[min(self._levels & 7, 4)] if self.fifos_enabled else 0):
                self._interrupt_status |= TXIM
                self.check_interrupts()
        self._request_data()

    def _request_data(self) -> None:
        if self._dma_control & 2 and self.enabled and self.tx_fifo.item_count < self._depth:
            self.rp2040.dma.set_dreq(self.dreq.tx)
        else:
            self.rp2040.dma.clear_dreq(self.dreq.tx)

    # -- in ---------------------------------------------------------------------------------------------

    def feed_byte(self, value: int) -> None:
        """A byte has arrived; with the FIFO full it is lost and the overrun flag says so."""
        if self.rx_fifo.item_count >= self._depth:
            self._interrupt_status |= OEIM
        else:
            self.rx_fifo.push(value)
            level = LEVELS[min(self._levels >> 3 & 7, 4)] if self.fifos_enabled else 1
            if self.rx_fifo.item_count >= level:
                self._interrupt_status |= RXIM
            if self._dma_control & 1:
                self.rp2040.dma.set_dreq(self.dreq.rx)
        self._silence.schedule(TIMEOUT_BITS * self._bit_ns)
        self.check_interrupts()

    def _silent(self) -> None:
        if self.rx_fifo.item_count:
            self._interrupt_status |= RTIM
            self.check_interrupts()

    def _receive(self) -> int:
        value = self.rx_fifo.pull()
        level = LEVELS[min(self._levels >> 3 & 7, 4)] if self.fifos_enabled else 1
        if self.rx_fifo.item_count < level:
            self._interrupt_status &= ~RXIM
        if not self.rx_fifo.item_count:
            self._interrupt_status &= ~RTIM
            self._silence.cancel()
            self.rp2040.dma.clear_dreq(self.dreq.rx)
        self.check_interrupts()
        return int(value)

    # -- registers --------------------------------------------------------------------------------------

    def read_uint32(self, offset: int) -> int:
        if offset == UARTDR:
            return self._receive()
        if offset == UARTRIS:
            return int(self._interrupt_status)
        if offset == UARTMIS:
            return int(self._interrupt_status & self._interrupt_mask)
        own = {UARTRSR: 0, UARTIFLS: self._levels, UARTDMACR: self._dma_control}
        return own[offset] if offset in own else int(super().read_uint32(offset))

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == UARTDR:
            self._transmit(value & 0xFF)
        elif offset == UARTIFLS:
            self._levels = value & 0x3F
        elif offset == UARTDMACR:
            self._dma_control = value & 7
            self._request_data()
        elif offset != UARTRSR:
            super().write_uint32(offset, value)
            if offset == UARTCR:
                self._request_data()
