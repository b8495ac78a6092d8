"""Sitronix ST7735S display controller over 4-line SPI, landscape (data sheet V1.1, chapters 9.4 and 10)."""

import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import SPI, Pin

_SWRESET = const(0x01)
_SLPOUT = const(0x11)
_INVOFF = const(0x20)
_DISPON = const(0x29)
_CASET = const(0x2A)
_RASET = const(0x2B)
_RAMWR = const(0x2C)
_MADCTL = const(0x36)
_COLMOD = const(0x3A)

_LANDSCAPE = b"\xa8"  # MADCTL: MY, MV (rows and columns exchanged), BGR panel (10.1.28)
_RGB565 = b"\x05"  # COLMOD: 16 bits per pixel (10.1.32)
_RESET_MS = const(120)  # after SWRESET when asleep, and after SLPOUT (10.1.2, 10.1.11)


class St7735s:
    """The controller on a ``machine.SPI`` (mode 0, at most 33 MHz), a data/command and a select pin."""

    def __init__(self, spi: "SPI", dc: "Pin", cs: "Pin", offset: tuple[int, int]) -> None:
        self._spi = spi
        self._dc = dc
        self._cs = cs
        self._column0, self._row0 = offset
        self._command_byte = bytearray(1)
        self._range = bytearray(4)

    def reset(self) -> None:
        """Start the software reset; ``setup`` may follow 120 ms later."""
        self._command(_SWRESET)

    def wake(self) -> None:
        """Leave sleep mode; ``setup`` may follow 120 ms later."""
        self._command(_SLPOUT)

    def setup(self) -> None:
        """Set landscape and 16 bits per pixel. The picture is undefined until one is written."""
        self._command(_INVOFF)
        self._command(_MADCTL, _LANDSCAPE)
        self._command(_COLMOD, _RGB565)

    def show(self) -> None:
        """Switch the picture on."""
        self._command(_DISPON)

    def start(self) -> None:
        """Reset, wake and set up, with the waits the data sheet asks for."""
        self.reset()
        time.sleep_ms(_RESET_MS)
        self.wake()
        time.sleep_ms(_RESET_MS)
        self.setup()

    def window(self, x: int, y: int, width: int, height: int) -> None:
        """Address a window; the pixels that follow fill it row by row."""
        self._span(_CASET, x + self._column0, width)
        self._span(_RASET, y + self._row0, height)
        self._command(_RAMWR)

    def pixels(self, data: "bytearray | memoryview") -> None:
        """Send pixels, two bytes each, RGB565, high byte first."""
        self._dc(1)
        self._cs(0)
        self._spi.write(data)
        self._cs(1)

    def _span(self, command: int, first: int, count: int) -> None:
        last = first + count - 1
        span = self._range
        span[0] = first >> 8
        span[1] = first & 255
        span[2] = last >> 8
        span[3] = last & 255
        self._command(command, span)

    def _command(self, code: int, data: "bytes | bytearray | None" = None) -> None:
        self._command_byte[0] = code
        self._dc(0)
        self._cs(0)
        self._spi.write(self._command_byte)
        if data is not None:
            self._dc(1)
            self._spi.write(data)
        self._cs(1)
