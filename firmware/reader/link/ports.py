"""The two ports of the link: USB CDC and UART 0. Reads never wait."""

import select
import sys
import time

import board
from machine import UART, Pin

from .framing import PACKET
from .os_group import BUFFERS

_DRAIN_MS = 50  # USB: the host polls every millisecond; a packet of 1524 characters is 24 transactions


class Usb:
    """USB CDC by the standard streams.

    MicroPython's stdin waits for as many bytes as were asked for and does not say how many there are: so
    one by one, asking before each. `micropython.kbd_intr(-1)` must have been called, or a 0x03 in a packet
    stops the program.
    """

    def __init__(self):
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._one = bytearray(1)
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)

    def read(self, buf, n):
        """Read what is there into buf, at most n bytes; return how many."""
        one = self._one
        ipoll = self._poll.ipoll
        readinto = self._in.readinto
        got = 0
        while got < n:
            for _ in ipoll(0):
                break
            else:
                return got
            readinto(one)
            buf[got] = one[0]
            got += 1
        return got

    def write(self, data):
        """Write all of data; a host that has not read for 500 ms loses the rest (its CRC tells it)."""
        self._out.write(data)

    def drain(self):
        """Wait until the host has what was written."""
        time.sleep_ms(_DRAIN_MS)


class Serial:
    """UART 0 on the board's link pins; the receive buffer holds BUFFERS console frames."""

    def __init__(self):
        self._uart = UART(
            board.LINK_UART,
            baudrate=board.LINK_BAUD,
            tx=Pin(board.PINS_LINK_TX),
            rx=Pin(board.PINS_LINK_RX),
            rxbuf=BUFFERS * PACKET * 3 // 2,
            timeout=0,
            timeout_char=0,
        )

    def read(self, buf, n):
        """As Usb.read."""
        there = self._uart.any()
        if not there:
            return 0
        return self._uart.readinto(buf, min(there, n)) or 0

    def write(self, data):
        """Write all of data; takes its time on the line."""
        at = 0
        while at < len(data):
            at += self._uart.write(data[at:]) or 0

    def drain(self):
        """Wait until the last bit is out."""
        self._uart.flush()
