"""A UART line into the chip, one byte per ten bit times, as a cable delivers them."""

from __future__ import annotations

from rp2040py.rp2040 import RP2040

from host.bench.alarm import Alarm


class SerialLine:
    """Feeds bytes into one UART at the line's speed; what a UART that is off does not hear is lost."""

    def __init__(self, chip: RP2040, uart: int, baud: int) -> None:
        self._uart = chip.uart[uart]
        self._byte_ns = 10e9 / baud
        self._queue = bytearray()
        self._alarm = Alarm(chip.clock, self._arrive)

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
        if self._uart.enabled and self._uart.rx_enabled:
            self._uart.feed_byte(value)
        if self._queue:
            self._alarm.schedule(self._byte_ns)
