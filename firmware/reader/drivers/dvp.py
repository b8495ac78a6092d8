"""The sensor's parallel port: a PIO program samples pixels, DMA carries them to the frame buffer.

PIO: RP2040 data sheet 3.4 (instructions) and 3.5.4 (autopush); DMA request numbers: 2.5.3.1. HM01B0 data
sheet "Parallel interface": FVLD is high from the first row to the last, PCLK runs only while a line is
valid, and a pixel is stable at the rising edge of PCLK.
"""

import rp2
from machine import Pin
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rp2.asm_pio import *  # noqa: F403

# ruff: noqa: F405  (a PIO program's words are the assembler's, not names of this module)

_STATE_MACHINE = const(0)
_DREQ_PIO0_RX0 = const(4)
_DMA_WORDS = const(2)  # DATA_SIZE: 32 bits


def _program(pclk: int, fvld: int):  # type: ignore[no-untyped-def]
    # Shifting right puts the first pixel of a word into its lowest byte: little endian, as memory is.
    @rp2.asm_pio(in_shiftdir=rp2.PIO.SHIFT_RIGHT, autopush=True, push_thresh=32, fifo_join=rp2.PIO.JOIN_RX)
    def capture():  # type: ignore[no-untyped-def]
        wait(0, gpio, fvld)
        wait(1, gpio, fvld)
        wrap_target()
        wait(0, gpio, pclk)
        wait(1, gpio, pclk)
        in_(pins, 8)
        wrap()

    return capture


class Dvp:
    """Receives one frame of ``len(frame)`` pixels (a multiple of 4) on eight pins from `first_pin` on."""

    def __init__(self, frame: memoryview, first_pin: int, pclk: int, fvld: int) -> None:
        for gpio in range(first_pin, first_pin + 8):
            Pin(gpio, Pin.IN)
        Pin(pclk, Pin.IN)
        Pin(fvld, Pin.IN)
        self._frame = frame
        self._words = len(frame) // 4
        self._machine = rp2.StateMachine(_STATE_MACHINE, _program(pclk, fvld), in_base=Pin(first_pin))
        self._dma = rp2.DMA()
        self._ctrl = self._dma.pack_ctrl(
            size=_DMA_WORDS, inc_read=False, treq_sel=_DREQ_PIO0_RX0 + _STATE_MACHINE
        )

    def arm(self) -> None:
        """Wait, in hardware, for the next frame. Allocates nothing."""
        self.stop()
        machine = self._machine
        while machine.rx_fifo():
            machine.get()
        machine.restart()
        self._dma.config(read=machine, write=self._frame, count=self._words, ctrl=self._ctrl, trigger=True)
        machine.active(1)

    def done(self) -> bool:
        """Whether every pixel has arrived."""
        return not self._dma.active()

    def stop(self) -> None:
        """Give up the frame, if one is awaited."""
        self._machine.active(0)
        if self._dma.active():
            self._dma.active(0)

    def close(self) -> None:
        """Give the DMA channel and the PIO program back."""
        self.stop()
        self._dma.close()
        rp2.PIO(0).remove_program()
