"""An I2C bus with register devices on it, taking the time the bits take.

Bit and byte rules are those of NXP UM10204; 3.1.5 and 3.1.6 (nine clocks per byte, the ninth acknowledges).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rp2040py.peripherals.i2c import I2CMode
from rp2040py.rp2040 import RP2040

from host.bench.alarm import Alarm


class I2CDevice(Protocol):
    """A target on the bus."""

    def start(self, reading: bool) -> None:
        """Its address was called."""

    def write(self, value: int) -> bool:
        """A byte for it; return whether it acknowledges."""

    def read(self) -> int:
        """A byte from it."""


class I2CBus:
    """The chip's controller and the devices by 7-bit address."""

    def __init__(self, chip: RP2040, bus: int, devices: dict[int, I2CDevice]) -> None:
        self._controller = chip.i2c[bus]
        self._clk_sys = chip.clk_sys
        self._devices = devices
        self._current: I2CDevice | None = None
        self._alarm = Alarm(chip.clock, self._elapsed)
        self._then: Callable[[], None] | None = None
        self._controller.on_connect = self._connect
        self._controller.on_write_byte = self._write
        self._controller.on_read_byte = self._read

    def reset(self) -> None:
        """The controller was reset: nothing is in flight any more."""
        self._alarm.cancel()
        self._current = self._then = None

    def _after_nine_clocks(self, then: Callable[[], None]) -> None:
        clocks = self._controller.scl_high_period + self._controller.scl_low_period
        self._then = then
        self._alarm.schedule(9 * clocks * 1e9 / self._clk_sys)

    def _elapsed(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def _connect(self, address: int, mode: I2CMode) -> None:
        self._current = self._devices.get(address)

        def acknowledge() -> None:
            if self._current is not None:
                self._current.start(mode == I2CMode.READ)
            self._controller.complete_connect(self._current is not None)

        self._after_nine_clocks(acknowledge)

    def _write(self, value: int) -> None:
        def acknowledge() -> None:
            self._controller.complete_write(self._current is not None and self._current.write(value))

        self._after_nine_clocks(acknowledge)

    def _read(self, _acknowledge: bool) -> None:
        def deliver() -> None:
            self._controller.complete_read(self._current.read() if self._current is not None else 0xFF)

        self._after_nine_clocks(deliver)
