"""The reader's pins as the parts around the chip see them: levels driven in, duties driven out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rp2040py.peripherals.io import RPIO
from rp2040py.peripherals.pads import RPPADS

if TYPE_CHECKING:
    from host.bench.chip import ReaderChip

FUNCTION_PWM = 4  # RP2040 data sheet 2.19.2, "Function select"

DriveChanged = Callable[[float], None]


class WatchedIO(RPIO):
    """IO_BANK0, telling the pins of every change to a pin's function or overrides."""

    def write_uint32(self, offset: int, value: int) -> None:
        super().write_uint32(offset, value)
        chip: Any = self.rp2040
        chip.pins.stale = True
        if offset < 0xF0 and offset & 4:
            chip.pins.refresh_drive(offset >> 3)


class WatchedPads(RPPADS):
    """PADS_BANK0, telling the pins of every change to a pad."""

    def write_uint32(self, offset: int, value: int) -> None:
        super().write_uint32(offset, value)
        chip: Any = self.rp2040
        chip.pins.stale = True
        if 4 <= offset <= 0x78:
            chip.pins.refresh_drive((offset - 4) >> 2)


class Pins:
    """All 30 pins: drive inputs with `drive` and `port`, follow outputs with `watch`.

    The chip reads its input levels very often while the sensor clocks out pixels, so they are kept as one
    integer; the eight data lines of the sensor change together through `port`.
    """

    def __init__(self, chip: ReaderChip, port_first: int, port_width: int) -> None:
        self._chip = chip
        self._port_shift = port_first
        self._port_pins = range(port_first, port_first + port_width)
        self._port_mask = ((1 << port_width) - 1) << port_first
        self._levels = 0
        self._port_enabled = 0
        self._enabled = 0
        self._machines: list[Any] | None = None
        self._pios: list[Any] = []
        self.stale = True
        self.port = 0
        """What drives the sensor's data lines, already shifted to its pins."""
        self._watchers: dict[int, list[DriveChanged]] = {}
        self._drive: dict[int, float] = {}

    def levels(self) -> int:
        """Return GPIO_IN: one bit per pin, after input enable and overrides."""
        if self.stale:
            self._reread()
        return self._levels | (self.port & self._port_enabled)

    def _reread(self) -> None:
        levels = enabled = plain = 0
        for index, pin in enumerate(self._chip.gpio):
            if index in self._port_pins:
                # The pad of a data line only has to be looked at, its level is in `port`.
                enabled |= pin.input_enable << index
            else:
                levels |= pin.input_value << index
                plain |= (pin.input_enable and not pin.input_override) << index
        self._enabled = plain
        self._levels, self._port_enabled, self.stale = levels, enabled, False

    def drive(self, index: int, level: bool) -> None:
        """Put a level on a pin from outside."""
        pin = self._chip.gpio[index]
        pin.set_input_value(level)
        if pin.input_value:
            self._levels |= 1 << index
        else:
            self._levels &= ~(1 << index)

    def edge(self, index: int, level: bool) -> None:
        """The same as `drive`, for a line that changes millions of times a second."""
        pin = self._chip.gpio[index]
        if self.stale or pin.irq_enable_mask:
            self.drive(index, level)
            return
        pin._raw_input_value = level
        if level:
            self._levels |= self._enabled & 1 << index
        else:
            self._levels &= ~(1 << index)
        if self._machines is None:
            self._find_machines()
        for machine in self._machines or ():
            machine.check_wait()

    def running_pios(self) -> list[Any]:
        """PIO blocks with a state machine at work."""
        if self._machines is None:
            self._find_machines()
        return self._pios

    def machines_changed(self) -> None:
        """A state machine was started or stopped."""
        self._machines = None

    def _find_machines(self) -> None:
        self._pios = [pio for pio in self._chip.pio if not pio.stopped]
        self._machines = [machine for pio in self._pios for machine in pio.machines if machine.enabled]

    def set_port(self, value: int) -> None:
        """Put a byte on the sensor's data lines."""
        self.port = value << self._port_shift

    def watch(self, index: int, changed: DriveChanged) -> None:
        """Call `changed` with the pin's duty (0..1) now and whenever the chip drives it differently."""
        if index not in self._watchers:
            self._watchers[index] = []
            self._drive[index] = self._duty(index)
            self._chip.gpio[index].add_listener(lambda _new, _old: self.refresh_drive(index))
        self._watchers[index].append(changed)
        changed(self._drive[index])

    def refresh_drive(self, index: int) -> None:
        """Look again at what the chip drives a pin with."""
        if index not in self._watchers:
            return
        duty = self._duty(index)
        if duty != self._drive[index]:
            self._drive[index] = duty
            for changed in self._watchers[index]:
                changed(duty)

    def refresh_all(self) -> None:
        """Look again at every watched pin (after a reset)."""
        self.stale = True
        self.machines_changed()
        for index in self._watchers:
            self.refresh_drive(index)

    def _duty(self, index: int) -> float:
        """Share of time the pin is high; 0 when nothing drives it (the board pulls its loads down)."""
        pin = self._chip.gpio[index]
        if not pin.output_enable or pin.output_disable:
            return 0.0
        if pin.function_select != FUNCTION_PWM:
            return 1.0 if pin.output_value else 0.0
        duty = float(self._chip.duty(index))
        override = pin.output_override
        return (duty, 1.0 - duty, 0.0, 1.0)[override]
