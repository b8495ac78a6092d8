"""A UART line into the chip, one byte per ten bit times, as a cable delivers them."""

from __future__ import annotations

from rp2040py.rp2040 import RP2040

from host.bench.alarm import Alarm


class SerialLine:
    """Feeds bytes into one UART at the line's speed; a full receive FIFO loses them, as on silicon."""

    def __init__(self, chip: RP2040, uart: int, baud: int) -> None:
        self._uart = chip.uart[uart]
        self._byte_ns = 10e9 / baud
        self._queue = bytearray()
        self._alarm = Alarm(chip.clock, self._arrive)
        self.lost = 0

    @property
    def pending(self) -> int:
        """Bytes still on their way."""
        return len(self._queue)

    def send(self, data: bytes) -> None:
        """Put bytes on the line after those already waiting."""
        self._queue += data
        if self._queue and not self._alarm.pending:
            self._alarm.schedule(self._byte_ns)

    def _arrive(self) -> None:
        value = self._queue.pop(0)
        if not self._uart.enabled or not self._uart.rx_enabled:
            pass  # nobody listens
        elif self._uart.rx_fifo.full:
            self.lost += 1
        else:
            self._uart.feed_byte(value)
        if self._queue:
            self._alarm.schedule(self._byte_ns)
