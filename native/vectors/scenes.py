"""Frames for the shared test vectors, drawn with integers only: the same bytes under MicroPython and CPython.

A scene is a function ``scene(canvas, channel)`` that draws one channel's frame; one that returns True has no
such frame (only dark may be left out). Pixels come from a tape of noise that is copied in stretches, because
a device that interprets bytecode cannot afford a call per pixel.
"""

import sys

import settings

if sys.implementation.name == "micropython":
    import micropython
else:  # whatever of that name may be importable there

    class micropython:  # the device compiles what bears this decorator to machine code
        @staticmethod
        def native(function):
            return function


WIDTH, HEIGHT, IMAGE = 324, 244, 316
DARK, DAPI, CK, CD45, HER2 = range(5)
BLACK = 16
STRIP = 156
MOST_OBJECTS, MOST_NUCLEI, MOST_RUNS, MOST_NEAR, MOST_HOT = 128, 416, 1728, 64, 32  # ctc/work.h, split.h
STARTS = 64  # places where a copy of the noise may start; a power of two


class Canvas:
    """Draws into a frame: ``frame`` is WIDTH * HEIGHT writable bytes."""

    TAPE = WIDTH + STARTS
    KEPT = 40

    def __init__(self, frame):
        self.frame = frame
        self.state = 1
        self.noise = [(self.random() & 3) + (self.random() & 3) - 3 for _ in range(self.TAPE)]
        self.tapes = {}

    def random(self) -> int:
        """Return 16 pseudo-random bits (xorshift32: Marsaglia, J Stat Softw 2003;8(14))."""
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x >> 16

    @micropython.native
    def tape(self, level: int, spread: int) -> bytearray:
        """Return TAPE pixels around a level; spread 0 is flat, 1 is sensor noise of -3..3, more is wider."""
        key = level << 8 | spread
        if key not in self.tapes:
            if len(self.tapes) == self.KEPT:
                self.tapes.clear()
            pixels = bytearray(self.TAPE)
            for at, noise in enumerate(self.noise):
                value = level + spread * noise
                if value < 0:
                    value = 0
                elif value > 255:
                    value = 255
                pixels[at] = value
            self.tapes[key] = pixels
        return self.tapes[key]

    @micropython.native
    def box(self, x0: int, x1: int, y0: int, y1: int, level: int, spread: int = 1) -> None:
        """Paint the pixels x0 <= x < x1 of the rows y0 <= y < y1, cut off at the frame's edges."""
        if x0 < 0:
            x0 = 0
        if x1 > WIDTH:
            x1 = WIDTH
        if y0 < 0:
            y0 = 0
        if y1 > HEIGHT:
            y1 = HEIGHT
        length = x1 - x0
        if length > 0:
            frame, tape = self.frame, self.tape(level, spread)
            for at in range(y0 * WIDTH + x0, y1 * WIDTH + x0, WIDTH):
                start = at * 7 & STARTS - 1
                # Not frame[at:...] = ...: MicroPython then moves all of the frame behind it as well.
                frame[at : at + length][:] = tape[start : start + length]

    def span(self, x0: int, x1: int, y: int, level: int, spread: int = 1) -> None:
        """Paint a stretch of one row."""
        self.box(x0, x1, y, y + 1, level, spread)

    @micropython.native
    def disc(self, x: int, y: int, radius: int, level: int, spread: int = 1) -> None:
        """Paint a disc; nothing at level 0."""
        if level:
            half = 0
            for dy in range(-radius, radius + 1):
                while half * half + dy * dy <= radius * radius:
                    half += 1
                while half * half + dy * dy > radius * radius:
                    half -= 1
                self.box(x - half, x + half + 1, y + dy, y + dy + 1, level, spread)

    def fill(self, image: int, strip: int, spread: int = 1, rows: int = 4) -> None:
        """Paint the whole frame: the first rows, a divisor of HEIGHT, and copies of them."""
        block = rows * WIDTH
        self.box(0, IMAGE, 0, rows, image, spread)
        self.box(IMAGE, WIDTH, 0, rows, strip, spread)
        first = bytes(self.frame[:block])
        for at in range(block, WIDTH * HEIGHT, block):
            self.frame[at : at + block][:] = first

    def ground(self, channel: int, spread: int = 1) -> None:
        """Paint the background, brighter in later channels, and the reference strip."""
        self.fill(BLACK + 2 * channel, STRIP if channel else BLACK, spread)

    def cell(self, channel, x, y, radius, nucleus, dapi, ck, cd45, her2, spread=1):
        """Paint one channel of a cell: levels above background; the nucleus is a disc of its own radius."""
        base = BLACK + 2 * channel
        if channel == DAPI and dapi:
            self.disc(x, y, nucleus, base + dapi, spread)
        elif channel > DAPI:
            level = (ck, cd45, her2)[channel - CK]
            self.disc(x, y, radius, base + level if level else 0, spread)


def empty(canvas, channel):
    canvas.ground(channel)


def zero(canvas, channel):
    canvas.fill(0, 0, 0)
    return channel == DARK


def saturated(canvas, channel):
    canvas.fill(255, 255, 0)


def full(canvas, channel):
    """One object of more than 65,535 pixels, over the whole image; between its rows, of many levels, the
    background.
    """
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == CK:
        for y in range(HEIGHT):
            canvas.box(0, IMAGE if y % 7 != 6 else 3, y, y + 1, 100 + y * 7 % 30 * 5, 0)
    canvas.disc(150, 120, 6, 120 if channel == DAPI else 0, 0)
    return False


def cells(canvas, channel):
    """Every score, every gate, a pair that touches, and one with saturated pixels."""
    canvas.ground(channel)
    for i, her2 in enumerate((0, 4, 16, 45, 110)):
        canvas.cell(channel, 20 + 40 * i, 20, 6, 4, 100, 90, 0, her2)
    canvas.cell(channel, 20, 60, 4, 4, 90, 0, 80, 0)  # leukocyte: gate ck
    canvas.cell(channel, 60, 60, 5, 4, 90, 60, 70, 0)  # double positive: gate cd45
    canvas.cell(channel, 100, 60, 6, 4, 0, 90, 0, 60)  # no nucleus: gate dapi
    canvas.cell(channel, 140, 60, 20, 8, 90, 90, 0, 60)  # gate large
    canvas.cell(channel, 200, 60, 6, 8, 120, 70, 0, 60)  # nucleus larger than the cell
    if channel == CK:  # a fibre: gate shape
        canvas.box(240, 290, 30, 33, 120)
    if channel == DAPI:
        canvas.box(250, 262, 30, 33, 120)
    if channel in (DAPI, CK):  # gate small
        canvas.box(20, 23, 100, 104, 120)
        canvas.box(60, 74, 100, 101 + 6 * (channel == DAPI), 150)  # gate nucleus: little of it inside
        canvas.box(60, 74, 107, 108, 150)
    canvas.cell(channel, 120, 110, 6, 4, 100, 90, 0, 50)  # two that touch
    canvas.cell(channel, 131, 110, 6, 4, 100, 90, 0, 5)
    canvas.cell(channel, 200, 120, 7, 4, 245, 300, 0, 300, 3)  # saturated


def rows_of_cells(canvas, channel, count, columns, step, every):
    """Leukocytes in rows, a little uneven; each ``every``-th is a CTC."""
    canvas.ground(channel)
    for i in range(count):
        x, y = 12 + step * (i % columns) + i % 5, 12 + step * 12 // 13 * (i // columns) + i % 7
        if i % every:
            canvas.cell(channel, x, y, 5, 4, 110, 0, 80, 0)
        else:
            canvas.cell(channel, x, y, 6, 4, 100, 90, 0, i)


def usual(canvas, channel):
    """A field of 1,000 leukocytes carried over into 16 fields, and five CTCs: what speed is measured with."""
    rows_of_cells(canvas, channel, 66, 11, 28, 16)


def crowd(canvas, channel):
    """Twice as many leukocytes and four times as many CTCs: speed in a heavy field."""
    rows_of_cells(canvas, channel, 120, 12, 26, 6)


def edges(canvas, channel):
    """Cells on every side and corner of the image, the right ones cut off by the reference strip."""
    canvas.ground(channel)
    for x in (0, 158, IMAGE - 1):
        for y in (0, 122, HEIGHT - 1):
            canvas.cell(channel, x, y, 7, 5, 100, 90, 0, 60)
    canvas.box(IMAGE, WIDTH, 0, HEIGHT, STRIP if channel else BLACK)


PLACES = ((40, 30), (53, 30), (110, 30), (123, 32), (136, 30), (200, 25), (212, 25), (206, 36), (194, 36))


def shapes(canvas, channel):
    """What is split, what is filled, what is left out.

    Above: a pair, a chain of three and a clump of four that touch, and a cell whose two nuclei touch. In the
    middle: a ring of cytokeratin with its nucleus in the hole, one whose hole is empty, a nucleus that hangs
    half out of its cell, one that lies mostly outside, a cell under a leukocyte's rim. Below: a bar longer
    than a run can say with a nucleus at each end, cells with a hot pixel in them (in every frame) and with
    one beside them, and a leukocyte on its own.
    """
    canvas.ground(channel)
    for x, y in PLACES:
        canvas.cell(channel, x, y, 7, 4, 100, 90, 0, 50)
    canvas.cell(channel, 270, 30, 12, 0, 0, 90, 0, 50)
    if channel == DAPI:
        canvas.disc(264, 30, 6, BLACK + 102)
        canvas.disc(275, 30, 6, BLACK + 102)
    ground = BLACK + 2 * channel
    for x in (40, 90):
        canvas.cell(channel, x, 80, 10, 0, 0, 90, 0, 50)
        canvas.disc(x, 80, 5, ground if channel == CK else 0)
    if channel == DAPI:
        canvas.disc(40, 80, 6, ground + 100)
        canvas.disc(150 + 7, 80, 5, ground + 100)
        canvas.disc(200 + 10, 80, 5, ground + 100)
    canvas.cell(channel, 150, 80, 7, 0, 0, 90, 0, 50)
    canvas.cell(channel, 200, 80, 7, 0, 0, 90, 0, 50)
    canvas.cell(channel, 260, 80, 7, 4, 100, 90, 0, 50)
    canvas.cell(channel, 269, 80, 5, 0, 0, 0, 80, 0)
    if channel == CK:
        canvas.box(20, 220, 140, 150, ground + 90)
    if channel == DAPI:
        canvas.disc(30, 145, 4, ground + 100)
        canvas.disc(210, 145, 4, ground + 100)
    canvas.cell(channel, 40, 200, 6, 4, 100, 90, 0, 50)
    canvas.cell(channel, 100, 200, 6, 4, 100, 90, 0, 50)
    canvas.cell(channel, 200, 200, 5, 4, 110, 0, 80, 0)
    canvas.span(42, 43, 199, 255, 0)
    canvas.span(111, 112, 200, 255, 0)


def boxes(canvas, count, size, level):
    """Paint ``count`` squares, 26 to a row."""
    for i in range(count):
        x, y = 5 + 12 * (i % 26), 4 + 14 * (i // 26)
        canvas.box(x, x + size, y, y + size, level, 0)


def most(canvas, channel):
    """As many objects, nuclei and hot pixels as there is room for."""
    canvas.ground(channel, 0)
    if channel == DAPI:
        boxes(canvas, MOST_NUCLEI, 4, 120)
    elif channel == CK:
        boxes(canvas, MOST_OBJECTS, 6, 120)
    elif channel == DARK:
        boxes(canvas, MOST_HOT, 1, 255)


def too_many_objects(canvas, channel):
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == CK:
        boxes(canvas, MOST_OBJECTS + 1, 6, 120)
    return False


def objects_everywhere(canvas, channel):
    """Squares of 2 x 2 pixels, a pixel apart, all over the image: 8,600 of them; no image can hold more
    objects.
    """
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == CK:
        for x in range(0, IMAGE, 3):
            canvas.span(x, min(x + 2, IMAGE), 0, 120, 0)
        row = bytes(canvas.frame[:WIDTH])
        for y in range(HEIGHT):
            if y % 3 != 2:
                canvas.frame[y * WIDTH : (y + 1) * WIDTH][:] = row
    return False


def too_many_nuclei(canvas, channel):
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    boxes(canvas, MOST_NUCLEI, 4, 120)
    canvas.box(5, 9, 236, 240, 120, 0)
    return False


def too_many_seeds(canvas, channel):
    """One region with 9 x 9 thick places held together by bridges: more than a window has room for."""
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    for i in range(9):
        canvas.box(28, 91, 30 + 7 * i, 31 + 7 * i, 120, 0)
        canvas.box(30 + 7 * i, 31 + 7 * i, 28, 91, 120, 0)
        for j in range(9):
            canvas.box(28 + 7 * j, 33 + 7 * j, 28 + 7 * i, 33 + 7 * i, 120, 0)
    return False


def too_many_nuclei_in_one(canvas, channel):
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == DAPI:
        boxes(canvas, MOST_NEAR + 1, 4, 120)
    elif channel == CK:
        canvas.box(0, IMAGE - 8, 2, 46, 120, 0)
    return False


def too_many_runs(canvas, channel):
    """79 stripes over 22 rows: 10 runs more than there is room for."""
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == CK:
        for x in range(0, IMAGE, 4):
            canvas.box(x, x + 2, 0, MOST_RUNS // 79 + 1, 200, 0)
    return False


def too_hot(canvas, channel):
    canvas.ground(channel, 0)
    boxes(canvas, MOST_HOT + 1, 1, 255)


def specks(canvas, channel):
    """More noise specks than there are labels, among cells; one speck of four pixels is just an object."""
    canvas.ground(channel)
    if channel == CK:
        for i in range(700):
            x, y = 3 + 6 * (i % 50), 2 + 6 * (i // 50)
            canvas.span(x, x + 1 + i % 3, y, 100)
        canvas.box(3, 5, 90, 92, 100)
    for i in range(6):
        canvas.cell(channel, 30 + 50 * i, 200, 6, 4, 100, 90, 0, 20 * i)


def combs(canvas, channel):
    """Teeth that meet only in the last row, rightwards and leftwards, then rings: labels that merge late."""
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    if channel == CK:
        for x in range(0, 300, 15):
            canvas.box(x, x + 3, 10 + x // 20, 40, 100, 0)
            canvas.box(x, x + 3, 60 + (300 - x) // 20, 90, 100, 0)
        canvas.box(0, 297, 40, 41, 100, 0)
        canvas.box(0, 297, 90, 91, 100, 0)
        for r in range(40, 0, -8):
            canvas.box(60 - r, 60 + r, 160 - r, 160 + r, 100, 0)
            canvas.box(64 - r, 56 + r, 164 - r, 156 + r, BLACK + 2 * channel, 0)
        for i in range(40):  # a staircase that holds by corners alone
            canvas.span(150 + 2 * i, 152 + 2 * i, 150 + i, 100, 0)
    return False


def cut_offs(canvas, channel):
    """Flat cells one grey level below each HER2 cut-off and exactly on it, without spillover."""
    if channel == DARK:
        return True
    canvas.ground(channel, 0)
    for i, her2 in enumerate((8, 9, 26, 27, 69, 70)):
        canvas.cell(channel, 20 + 40 * i, 40, 6, 4, 100, 90, 0, her2, 0)
    return False


def haze(canvas, channel):
    """A bright, noisy background with cells that rise little above it."""
    if channel == DARK:
        return True
    canvas.fill(60 + channel, STRIP, 2, HEIGHT // 4)
    for i in range(6):
        canvas.disc(30 + 50 * i, 100, 6, 70 + 12 * i, 2)
    return False


def uneven(canvas, channel):
    """Light that is 3/4 on the left and 5/4 on the right, and a tenth of CK in the HER2 channel.

    Above a cell of 64 in HER2 in either light, below one without any: 90 in CK reads 9. Levels are 64 so that
    shares of them are whole.
    """
    canvas.ground(channel)
    for x, share in ((96, 3), (224, 5)):
        for y, her2 in ((90, 64), (150, 0)):
            light = 20 * her2 + 160
            canvas.cell(channel, x, y, 7, 4, 16 * share, 20 * share, 0, light * share // 80)


def uncorrected(canvas, channel):
    """The same light, with every correction switched off."""
    if channel == DARK:
        return True
    uneven(canvas, channel)
    return False


def uneven_light():
    """Settings for `uneven`: its light at tile centres, and its spillover."""
    row = [settings.ONE * share // 4 for share in (3, 3, 4, 5, 5)]
    spillover = settings.identity()
    spillover[3][1] = settings.Q16 // 10
    return settings.pack(flat=[row * 4] * 4, spillover=spillover)


SETTINGS = {
    "cut_offs": lambda: settings.pack(settings.ALL - settings.SPILLOVER),
    "uneven": uneven_light,
    "uncorrected": lambda: settings.pack(0),
}
"""What makes the settings of a scene; the built-in ones for all others."""

SCENES = (
    empty, zero, saturated, full, cells, edges, shapes, most, too_many_objects, objects_everywhere,
    too_many_nuclei, too_many_seeds, too_many_nuclei_in_one, too_many_runs, too_hot, specks, combs, cut_offs,
    haze, uneven, uncorrected,
)  # fmt: skip

TALLIES = (
    (0, 0, 0, 0, 0), (0, 0, 0, 0, 9), (1, 0, 0, 0, 0), (0, 0, 0, 1, 0), (7, 0, 0, 3, 0), (69, 0, 0, 31, 0),
    (70, 0, 0, 30, 5), (0, 0, 7, 3, 0), (2, 2, 2, 3, 0), (2, 0, 0, 1, 0), (0xFFFFFFFF, 0, 0, 0, 0),
    (0, 0, 0, 0xFFFFFFFF, 0), (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
    (0x6FFFFFFF, 0, 0, 0x30000000, 0), (0x70000000, 0, 0, 0x30000000, 0),
)  # fmt: skip
"""Counts of score 0, 1+, 2+, 3+ and rejected: edges of the rule, and of 32 bits."""
