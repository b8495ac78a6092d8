"""CRC-16 of the console framing: polynomial 0x1021, from 0, not reflected (crcmod's `xmodem`)."""

from array import array


def _table():
    table = array("H", bytes(512))
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
        table[byte] = crc
    return table


_TABLE = _table()


def crc16(data):
    """Return the CRC of data (bytes-like). Over data followed by its own CRC it is 0."""
    table = _TABLE
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFF00) ^ table[crc >> 8 ^ byte]
    return crc
