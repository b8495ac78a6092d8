"""The display's glass: rp2040py's own ST7735S model, unmodified, wired as on this board.

The controller's reset input is on the board's reset line, not on a pin of the chip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from rp2040py.external.st7735s import St7735s
from rp2040py.gpio_pin import GPIOPinState
from rp2040py.rp2040 import RP2040

Listener = Callable[[GPIOPinState, GPIOPinState], None]


class ResetLine:
    """The board's reset line, which looks like one more pin to the display."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add_listener(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def pulse(self) -> None:
        for old, new in ((GPIOPinState.HIGH, GPIOPinState.LOW), (GPIOPinState.LOW, GPIOPinState.HIGH)):
            for listener in self._listeners:
                listener(new, old)


class _Wiring:
    """What the display's model may touch of the chip, with the reset line as pin 30."""

    def __init__(self, chip: RP2040, reset: ResetLine) -> None:
        self.spi, self.clock = chip.spi, chip.clock
        self.gpio = [*chip.gpio, reset]


class Display:
    """The ST7735S of the board."""

    def __init__(self, chip: RP2040, board: dict[str, Any]) -> None:
        data, pins = board["display"], board["pins"]
        self.width, self.height = int(data["width"]), int(data["height"])
        self._reset = ResetLine()
        self._controller = St7735s(
            spi_index=data["spi"],
            cs_pin=pins["display_cs"],
            dc_pin=pins["display_dc"],
            rst_pin=30,
            width=self.width,
            height=self.height,
            col_offset=data["col_offset"],
            row_offset=data["row_offset"],
        )
        wiring: Any = _Wiring(chip, self._reset)
        self._controller.attach(wiring)

    def reset(self) -> None:
        """The board's reset line goes low and high again."""
        self._reset.pulse()

    def rgb(self) -> bytes:
        """What the glass shows: width * height * 3 bytes, row by row; black while the display is off."""
        if not self._controller.display_on:
            return bytes(self.width * self.height * 3)
        pixels = np.frombuffer(bytes(self._controller.frame_buffer), ">u2").astype(np.uint16)
        if self._controller.inverted:
            pixels = ~pixels
        red, green, blue = pixels >> 11 & 31, pixels >> 5 & 63, pixels & 31
        wide = np.stack((red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2), axis=-1)
        return wide.astype(np.uint8).tobytes()
