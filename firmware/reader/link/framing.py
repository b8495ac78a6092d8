"""Two framings of SMP packets on one stream of bytes, told apart by the first byte of a frame.

Raw (Zephyr's "raw UART"): the packet alone. Its first byte is version and operation: 0x00, 0x02, 0x08 or
0x0A for a request. Console (Zephyr's "SMP over console"): lines of base64, the first begun by 0x06 0x09,
those that continue it by 0x04 0x14, each ended by a newline. Decoded they are: u16 length of what follows,
packet, CRC-16; big endian.

Bounded: a Receiver owns its buffers, and what does not fit is dropped with its frame. A console line
resynchronises at the next 0x06 or 0x04, neither of which is base64, or when it stays unfinished for a
second. A raw frame has no such mark: after a header that cannot be right, or a packet that stays
unfinished, nothing is believed until the line was silent for 100 ms. Looking for a frame inside what may be
another one's data could obey data.
"""

from binascii import a2b_base64, b2a_base64

from .crc16 import crc16

HEADER = 8
"""Bytes of an SMP header: operation and version, flags, u16 length, u16 group, sequence, command."""

PACKET = 1024
"""Largest SMP packet, header included, in either direction: `buf_size` of the MCUmgr parameters."""

SILENCE_MS = 100
LINE_SILENCE_MS = 1000

RAW = 1
CONSOLE = 2

_LENGTH = 2
_CRC = 2
_LINE_BYTES = 93  # decoded bytes in a line we send: 2 + 124 + 1 = 127 characters, Zephyr's line length
_CHARS = 128  # base64 characters decoded at once: whole groups of four

_START = 0  # where a frame would begin, or go on
_MARK = 1  # after 0x06 or 0x04
_LINE = 2  # in a line of base64
_SKIP_LINE = 3  # in a line that cannot be used
_RAW = 4  # in a raw packet
_SKIP_RAW = 5  # in something raw that cannot be right: until silence


class Receiver:
    """Finds the packets in a stream.

    After `feed`, `framing` is RAW or CONSOLE when a packet is complete (`packet()`), else 0; `repl` is True
    when a byte that asks for the REPL stood where a frame would begin.
    """

    def __init__(self, development=False):
        self.framing = 0
        self.repl = False
        self.dropped = 0  # frames that were begun and could not be used
        self._development = development
        self._frame = bytearray(_LENGTH + PACKET + _CRC)  # a raw packet lies at the same place, _LENGTH
        self._view = memoryview(self._frame)
        self._chars = bytearray(_CHARS)
        self._n_chars = 0
        self._fill = 0  # decoded bytes in _frame
        self._open = False  # a console frame has begun and waits for more
        self._mark = 0
        self._size = 0  # of the complete packet
        self._quiet = None  # when the silence began
        self._state = _START

    def wanted(self, most):
        """How many bytes to read next, at most `most`: never past the end of a raw packet, and a single one
        where a frame would begin, for what follows may be the REPL's.
        """
        if self._state == _START:
            return 1
        if self._state == _RAW:
            frame = self._frame
            end = _LENGTH + HEADER
            if self._fill >= end:
                end += frame[_LENGTH + 2] << 8 | frame[_LENGTH + 3]
            return min(end - self._fill, most)
        return most

    def packet(self):
        """The complete packet: a view of the receiver's buffer, good until the next `feed`."""
        return self._view[_LENGTH : _LENGTH + self._size]

    def silent(self, now, elapsed):
        """Tell that nothing was there to read at `now`; elapsed(later, earlier) is in ms."""
        state = self._state
        if state == _START:
            return
        if self._quiet is None:
            self._quiet = now
        elif elapsed(now, self._quiet) >= (SILENCE_MS if state >= _RAW else LINE_SILENCE_MS):
            if state == _RAW:
                self.dropped += 1
            self._abandon()
            self._state = _START

    def feed(self, data, at, end):
        """Take from data[at:end] until a packet is complete or all is taken; return where it stopped."""
        self.framing = 0
        self._quiet = None
        while at < end and not self.framing and not self.repl:
            state = self._state
            if state == _START:
                self._begin(data[at])
                at += 1
            elif state == _MARK:
                at = self._after_mark(data[at], at)
            elif state == _LINE:
                at = self._line(data, at, end)
            elif state == _SKIP_LINE:
                at = self._skip_line(data, at, end)
            elif state == _RAW:
                at = self._raw(data, at, end)
            else:
                at = end
        return at

    def _begin(self, byte):
        if byte == 0x06 or byte == 0x04:
            self._mark = byte
            self._state = _MARK
        elif byte & 0xF5 == 0:  # 0x00, 0x02, 0x08, 0x0A
            self._abandon()
            self._frame[_LENGTH] = byte
            self._fill = _LENGTH + 1
            self._state = _RAW
        elif (byte == 0x03 or byte == 0x0D) and self._development:
            self.repl = True

    def _abandon(self):
        if self._open:
            self._open = False
            self.dropped += 1

    # Console

    def _after_mark(self, byte, at):
        if self._mark == 0x06 and byte == 0x09:
            self._abandon()
            self._open = True
            self._fill = 0
            self._n_chars = 0
            self._state = _LINE
        elif self._mark == 0x04 and byte == 0x14:
            self._n_chars = 0
            self._state = _LINE if self._open else _SKIP_LINE
        else:
            self._state = _START  # the byte may begin a frame itself
            return at
        return at + 1

    def _line(self, data, at, end):
        chars = self._chars
        n = self._n_chars
        while at < end:
            byte = data[at]
            if byte == 0x0A:
                self._n_chars = n
                self._end_of_line()
                return at + 1
            if byte == 0x06 or byte == 0x04:
                self._abandon()
                self._state = _START
                return at
            at += 1
            if byte == 0x0D:
                continue
            chars[n] = byte
            n += 1
            if n == _CHARS:
                n = 0
                if not self._decode(_CHARS):
                    self._state = _SKIP_LINE
                    return at
        self._n_chars = n
        return at

    def _skip_line(self, data, at, end):
        while at < end:
            byte = data[at]
            if byte == 0x06 or byte == 0x04:
                self._state = _START
                return at
            at += 1
            if byte == 0x0A:
                self._state = _START
                return at
        return at

    def _decode(self, n):
        """Append n characters of base64 to the frame; False, and the frame abandoned, when that cannot be."""
        try:
            data = a2b_base64(memoryview(self._chars)[:n])  # type: ignore[arg-type]  # takes any buffer
        except ValueError:
            data = None
        if data is None or self._fill + len(data) > len(self._frame):
            self._abandon()
            return False
        self._view[self._fill : self._fill + len(data)] = data
        self._fill += len(data)
        return True

    def _end_of_line(self):
        self._state = _START
        if self._n_chars and not self._decode(self._n_chars):
            return
        if self._fill < _LENGTH:
            self._abandon()
            return
        size = (self._frame[0] << 8 | self._frame[1]) - _CRC
        whole = _LENGTH + size + _CRC
        if size < HEADER or size > PACKET or self._fill > whole:
            self._abandon()
        elif self._fill == whole:
            if crc16(self._view[_LENGTH:whole]):
                self._abandon()
                return
            self._open = False
            self._size = size
            self.framing = CONSOLE

    # Raw

    def _raw(self, data, at, end):
        frame = self._frame
        fill = self._fill
        if fill == _LENGTH + 1 and data[at]:
            self._state = _START  # flags are 0 in every request: this was no header (0x0A: a stray newline?)
            return at
        if fill < _LENGTH + HEADER:
            while fill < _LENGTH + HEADER and at < end:
                frame[fill] = data[at]
                fill += 1
                at += 1
            self._fill = fill
            if fill < _LENGTH + HEADER:
                return at
        size = HEADER + (frame[_LENGTH + 2] << 8 | frame[_LENGTH + 3])
        if size > PACKET:
            self.dropped += 1
            self._state = _SKIP_RAW
            return at
        n = min(_LENGTH + size - fill, end - at)
        if n:
            self._view[fill : fill + n] = memoryview(data)[at : at + n]
            self._fill = fill + n
        if self._fill == _LENGTH + size:
            self._size = size
            self._state = _START
            self.framing = RAW
        return at + n


class Sender:
    """Puts packets on a port by one write each: a host that does not read costs one time-out."""

    def __init__(self):
        self._frame = bytearray(_LENGTH + PACKET + _CRC)
        self._view = memoryview(self._frame)
        lines = (len(self._frame) + _LINE_BYTES - 1) // _LINE_BYTES
        self._text = bytearray(len(self._frame) * 4 // 3 + 4 + 3 * lines)

    def packet(self, size):
        """A view of `size` bytes to be filled with the packet, header and body; size <= PACKET."""
        return self._view[_LENGTH : _LENGTH + size]

    def send(self, port, framing, size):
        """Write the packet of `size` bytes."""
        if framing == RAW:
            port.write(self._view[_LENGTH : _LENGTH + size])
            return
        frame = self._frame
        body = self._view[_LENGTH : _LENGTH + size]
        check = crc16(body)
        frame[0] = (size + _CRC) >> 8
        frame[1] = (size + _CRC) & 0xFF
        end = _LENGTH + size
        frame[end] = check >> 8
        frame[end + 1] = check & 0xFF
        end += _CRC
        text = memoryview(self._text)
        n = 0
        for first in range(0, end, _LINE_BYTES):
            text[n] = 0x04 if first else 0x06
            text[n + 1] = 0x14 if first else 0x09
            piece = self._view[first : min(first + _LINE_BYTES, end)]
            line = b2a_base64(piece)  # type: ignore[arg-type]  # takes any buffer; ends with the newline
            text[n + 2 : n + 2 + len(line)] = line
            n += 2 + len(line)
        port.write(text[:n])
