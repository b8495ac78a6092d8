"""The picture: 160 x 128 pixels of 16 colours (10 KB), expanded to RGB565 strip by strip on its way out."""

from binascii import crc32

import framebuf
from micropython import const

from reader import palette

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.drivers.st7735s import St7735s

WIDTH = const(160)
HEIGHT = const(128)
GLYPH = const(8)
"""Width and height of a character of the built-in font, pixels."""

_STRIP_ROWS = const(8)


class Display:
    """Pages draw on it; ``show`` sends what they drew."""

    def __init__(self, controller: "St7735s") -> None:
        self._controller = controller
        self.buffer = bytearray(WIDTH * HEIGHT // 2)
        """Two pixels a byte, the left one in the high nibble, rows from the top."""
        self._canvas = framebuf.FrameBuffer(self.buffer, WIDTH, HEIGHT, framebuf.GS4_HMSB)
        self._strip = bytearray(WIDTH * _STRIP_ROWS * 2)
        self._sent = [-1] * (HEIGHT // _STRIP_ROWS)
        self._expanded = framebuf.FrameBuffer(self._strip, WIDTH, _STRIP_ROWS, framebuf.RGB565)
        colours = palette.rgb565_swapped()
        self._palette = framebuf.FrameBuffer(colours, 16, 1, framebuf.RGB565)
        self._glyph = bytearray(GLYPH)
        self._glyph_canvas = framebuf.FrameBuffer(self._glyph, GLYPH, GLYPH, framebuf.MONO_HLSB)

    def start(self) -> None:
        """Wake the controller; it shows nothing before the first ``show``."""
        self._controller.start()
        self.clear()
        self.show()
        self._controller.show()

    def clear(self, colour: int = palette.BLACK) -> None:
        """Fill the picture."""
        self._canvas.fill(colour)

    def box(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fill a rectangle."""
        self._canvas.fill_rect(x, y, width, height, colour)

    def frame(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Draw a rectangle's outline, two pixels thick."""
        self._canvas.rect(x, y, width, height, colour)
        self._canvas.rect(x + 1, y + 1, width - 2, height - 2, colour)

    def stripes(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Fill a rectangle with stripes leaning right."""
        for start in range(x - height, x + width, 2 * GLYPH):
            for row in range(height):
                left = start + height - row
                right = min(left + GLYPH, x + width)
                left = max(left, x)
                if left < right:
                    self._canvas.hline(left, y + row, right - left, colour)

    def text(self, text: str, x: int, y: int, colour: int = palette.WHITE, scale: int = 1) -> None:
        """Write a line of text, each pixel of the font `scale` x `scale`."""
        if scale == 1:
            self._canvas.text(text, x, y, colour)
            return
        for character in text:
            self._glyph_canvas.fill(0)
            self._glyph_canvas.text(character, 0, 0, 1)
            for row in range(GLYPH):
                bits = self._glyph[row]
                for column in range(GLYPH):
                    if bits & 0x80 >> column:
                        self._canvas.fill_rect(x + column * scale, y + row * scale, scale, scale, colour)
            x += GLYPH * scale

    def centred(self, text: str, y: int, colour: int = palette.WHITE, scale: int = 1) -> None:
        """Write a line of text in the middle."""
        self.text(text, (WIDTH - len(text) * GLYPH * scale) // 2, y, colour, scale)

    def show(self) -> None:
        """Send the whole picture to the glass, whatever is there already."""
        for strip in range(len(self._sent)):
            self._sent[strip] = -1
        self.update()

    def update(self) -> None:
        """Send the strips that differ from what was sent before: quick, for a page that only moves on."""
        picture = memoryview(self.buffer)
        size = len(self.buffer) // len(self._sent)
        for strip in range(len(self._sent)):
            drawn = crc32(picture[strip * size : (strip + 1) * size])
            if drawn == self._sent[strip]:
                continue
            top = strip * _STRIP_ROWS
            self._expanded.blit(self._canvas, 0, -top, -1, self._palette)  # type: ignore[arg-type]
            self._controller.window(0, top, WIDTH, _STRIP_ROWS)
            self._controller.pixels(self._strip)
            self._sent[strip] = drawn
