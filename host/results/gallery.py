"""A picture of a result's crops: one row per CTC, its four channels and all of them in one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from host import board, core
from host.files import whole
from host.results.cells import PER_UNIT
from host.results.crops import Crop
from host.results.errors import CropsMissing
from host.results.record import Record
from host.results.text import shown, status

NAMES = ("DAPI", "CK", "CD45", "HER2", "together")
COLOURS = np.array([(0.0, 0.05, 0.75), (0.0, 0.65, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)])
"""Of dapi, ck, cd45, her2 in the picture of all: a CTC with HER2 is orange with pink nucleus, one without is
green with a blue one. The three together are not white: that is CD45 alone."""

LEAST_WHITE = 40.0
"""Grey levels above background that are white at least: noise alone stays dark."""

PER_BLOCK = 32
_ZOOM = 3
_TILE = core.CROP_SIDE * _ZOOM
_GAP = 4
_ROW = _TILE + 8
_TEXT = 190
_BLOCK = _TEXT + len(NAMES) * (_TILE + _GAP) + 2 * _GAP
_MARGIN = 12
_LINE = 17
_INK, _FAINT, _PAPER, _LINE_INK = (20, 20, 20), (110, 110, 110), (255, 255, 255), (200, 200, 200)

Grey = NDArray[np.float64]


def above_background(record: Record, crop: Crop) -> Grey:
    """Return a crop in grey levels above the cell's background, [4, CROP_SIDE, CROP_SIDE]."""
    signal = record.rows["signal"][crop.row]
    return np.asarray(crop.grey(signal) - (signal["background"] / PER_UNIT)[:, None, None])


def white_levels(crops: list[Grey]) -> Grey:
    """Return what is white in each channel: the brightest pixel of all crops, LEAST_WHITE at least.

    One scale for all cells, so that a cell that looks brighter is.
    """
    return np.asarray(np.maximum(np.max([crop.max(axis=(1, 2)) for crop in crops], axis=0), LEAST_WHITE))


def together(shares: Grey) -> NDArray[np.uint8]:
    """Return the channels [4, H, W], each 0 to 1, as one picture [H, W, 3]: their colours of light added."""
    light = np.tensordot(shares, COLOURS, axes=(0, 0))
    return np.asarray(255.0 * np.clip(light, 0.0, 1.0) + 0.5).astype(np.uint8)


def picture(record: Record) -> Image.Image:
    """Return the crops of a result as a picture.

    Raises:
        CropsMissing: it has none.
    """
    crops = _crops(record)
    grey = [above_background(record, crop) for crop in crops]
    white = white_levels(grey)
    head = _head(record, crops, white)
    blocks = -(-len(crops) // PER_BLOCK)
    top = _MARGIN + _LINE * len(head) + _MARGIN
    # Never so narrow that the lines above the crops are cut off.
    width = 2 * _MARGIN + max(blocks * _BLOCK, max(int(_font(13).getlength(line)) for line in head))
    height = top + _LINE + min(len(crops), PER_BLOCK) * _ROW + _MARGIN
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(head):
        draw.text((_MARGIN, _MARGIN + number * _LINE), line, _INK if number else (160, 0, 0), _font(13))
    for block in range(blocks):
        left = _MARGIN + block * _BLOCK + _TEXT
        for at, name in enumerate(NAMES):
            draw.text((left + at * (_TILE + _GAP), top), name, _INK, _font(12))
    cells = record.cells()
    for number, (crop, levels) in enumerate(zip(crops, grey, strict=True)):
        left = _MARGIN + number // PER_BLOCK * _BLOCK
        _row(
            image,
            draw,
            (left, top + _LINE + number % PER_BLOCK * _ROW),
            cells[crop.row],
            levels / white[:, None, None],
        )
    return image


def write(record: Record, output: Path) -> int:
    """Write the picture as a PNG, whole or not at all; return the number of crops in it.

    Raises:
        CropsMissing: the result has none.
        OSError: ``output`` cannot be written.
    """
    image = picture(record)
    with whole(output) as file:
        image.save(file, "PNG")
    return len(_crops(record))


def _crops(record: Record) -> list[Crop]:
    if record.crops is None:
        raise CropsMissing(
            f"Result {record.sequence} is of format {record.format}, from firmware that kept no crops: "
            "update the reader with 'host flash' for the next runs."
        )
    if not record.crops:
        why = f"it has {record.ctc} CTCs, and none was kept" if record.ctc else "it has no CTC"
        raise CropsMissing(
            f"Result {record.sequence} has no crops: {why}; see docs/results.md on which are kept."
        )
    return record.crops


def _head(record: Record, crops: list[Crop], white: Grey) -> list[str]:
    side = core.CROP_SIDE * float(board.load()["sensor"]["um_per_pixel"])
    levels = ", ".join(f"{name} {level:.0f}" for name, level in zip(NAMES, white, strict=False))
    lines = [
        "RESEARCH USE ONLY",
        f"Sample {shown(record.sample)}   result {record.sequence}   reader {record.reader}   "
        + shown(record.utc or "no clock"),
        f"{status(record.status, record.rule)}   {record.ctc} CTCs, {len(crops)} with crops   "
        + ", ".join(record.flags),
        f"Each picture {side:g} x {side:g} um. White, in grey levels above the cell's background: {levels}.",
        "Together: DAPI blue, CK green, CD45 white, HER2 red.",
    ]
    return [line.rstrip() for line in lines]


def _row(
    image: Image.Image,
    draw: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    cell: dict[str, object],
    shares: Grey,
) -> None:
    left, top = corner
    draw.line((left, top, left + _BLOCK - 3 * _GAP, top), _LINE_INK)
    borderline = bool(cell["borderline"])
    lines = [
        (f"field {cell['field']}", _FAINT),
        (f"x {cell['x_um']:.1f}  y {cell['y_um']:.1f} um", _FAINT),
        (f"HER2 {cell['score']}   {cell['her2_mesf_um2']:,} MESF/um2", _INK),
    ]
    if borderline:
        lines.append((f"BORDERLINE {cell['score_low']} to {cell['score_high']}", _INK))
    for number, (text, ink) in enumerate(lines):
        draw.text((left + 2, top + 4 + number * 16), text, ink, _font(12))
    if borderline:  # by a box and by a word, not by colour
        draw.rectangle((left - 2, top + 2 + 3 * 16, left + _TEXT - 8, top + 6 + 4 * 16), None, _INK, 2)
    channels = np.asarray(255.0 * np.clip(shares, 0.0, 1.0) + 0.5).astype(np.uint8)
    tiles = [Image.fromarray(channel).convert("RGB") for channel in channels]
    tiles.append(Image.fromarray(together(shares)))
    for at, tile in enumerate(tiles):
        big = tile.resize((_TILE, _TILE), Image.Resampling.NEAREST)
        image.paste(big, (left + _TEXT + at * (_TILE + _GAP), top + 4))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
