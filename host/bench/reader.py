"""A whole reader on its bench: the chip, the parts on the pins board.toml names, power, lid and button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from rp2040py.rp2040 import RP2040

from host.bench.chip import ReaderChip
from host.bench.parts.display import Display
from host.bench.parts.flash import TIMES_MS, W25Q16
from host.bench.parts.hm01b0 import HM01B0
from host.bench.parts.i2c import I2CBus, I2CDevice
from host.bench.parts.light import Led
from host.bench.parts.magnet import Magnet
from host.bench.parts.rtc import Ds3231
from host.bench.parts.scene import Scene
from host.bench.parts.serial_line import SerialLine
from host.bench.parts.switches import Contact
from host.bench.registry import BenchError
from host.imaging import Optics

TRACE_MAX = 100_000


class Reader:
    """Board `CTC_READER` in simulation. Everything happens in device time, `clock.nanos`.

    Args:
        board: the tables of board.toml.
        unique_id: the flash chip's 8 bytes, from which the reader's serial number comes.
        flash_file: keeps the flash's contents.
        seed: seeds sensor noise and the ring oscillator.
    """

    def __init__(self, board: dict[str, Any], unique_id: bytes, flash_file: Path, seed: int) -> None:
        pins = board["pins"]

        def flash(chip: RP2040) -> W25Q16:
            return W25Q16(chip, unique_id, flash_file)

        self.chip = ReaderChip(flash, (pins["sensor_d0"], 8), f"{seed}-{unique_id.hex()}")
        chip = self.chip
        self.clock = chip.clock
        self.scene = Scene(Optics.of(board, unique_id.hex().upper()), seed)
        self.leds = {name: Led(name, self._now) for name in pins if name.startswith("led_")}
        self._lid_light = Led("ambient", self._now)
        self._lid_light.set_duty(0.0)
        self._trace: list[dict[str, Any]] | None = None
        self.buzzer = 0.0
        self.rtc = Ds3231(self._now, lambda: 25.0)
        self.magnet = Magnet(chip, board, self._released)
        self.sensor = HM01B0(
            chip, chip.pins, board, self.scene, self.leds, self._lid_light.exposure_ns, self._sensor_event
        )
        bus = board["i2c"]
        devices: dict[int, I2CDevice] = {bus["sensor_address"]: self.sensor, bus["clock_address"]: self.rtc}
        self._i2c = I2CBus(chip, bus["bus"], devices)
        self.display = Display(chip, board)
        self.lid = Contact(chip, chip.pins, pins["lid"], closed=True)
        self.button = Contact(chip, chip.pins, pins["start_button"], closed=False)
        self.link = SerialLine(chip, board["link"]["uart"], board["link"]["baud"])
        self.scanner = SerialLine(chip, board["scanner"]["uart"], board["scanner"]["baud"])
        for name, led in self.leds.items():
            chip.pins.watch(pins[name], self._led_follower(name, led))
        for side, name in enumerate(("magnet_a", "magnet_b")):
            chip.pins.watch(pins[name], self._magnet_follower(name, side))
        chip.pins.watch(pins["buzzer"], self._buzz)

    def _now(self) -> float:
        return float(self.clock.nanos)

    # -- from the chip's pins ---------------------------------------------------------------------------

    def _led_follower(self, name: str, led: Led) -> Callable[[float], None]:
        def follow(duty: float) -> None:
            led.set_duty(duty)
            self._note(name, duty)

        return follow

    def _magnet_follower(self, name: str, side: int) -> Callable[[float], None]:
        def follow(duty: float) -> None:
            self.magnet.set_duty(side, duty)
            self._note(name, duty)

        return follow

    def _buzz(self, duty: float) -> None:
        self.buzzer = duty
        self._note("buzzer", duty)

    def _sensor_event(self, what: str, value: float) -> None:
        self._note(what, value)

    def _released(self) -> None:
        self.scene.next_field()
        self._note("field", self.scene.field)

    def _note(self, what: str, value: float) -> None:
        if self._trace is not None and len(self._trace) < TRACE_MAX:
            self._trace.append({"us": round(self.clock.nanos / 1e3, 3), "what": what, "value": value})

    # -- what the bench does ----------------------------------------------------------------------------

    @property
    def working(self) -> bool:
        """Whether anything but the processor is at work: device time may then run ahead of the wall clock."""
        return bool(
            any(led.duty for led in self.leds.values())
            or self.magnet.drive
            or self.buzzer
            or self.sensor.streaming
            or self.link.pending
            or self.scanner.pending
        )

    def restart(self, *, power_on: bool) -> bool:
        """Reset the chip (and, with the power, every part but the battery-backed clock).

        Returns:
            Whether the chip went to its boot ROM's USB drive.
        """
        self._i2c.reset()
        if power_on:
            self.sensor.power_on()
            self.display.reset()
        boot = self.chip.restart(power_on=power_on)
        self._note("reset", 1 if power_on else 0)
        return boot

    def open_lid(self, is_open: bool) -> None:
        """Open or close the lid: the switch changes, the LEDs' supply with it, the room's light comes in."""
        self.lid.set(closed=not is_open)
        for led in self.leds.values():
            led.set_powered(not is_open)
        self._lid_light.set_duty(1.0 if is_open else 0.0)
        self._note("lid", 1 if is_open else 0)

    def press(self, milliseconds: float) -> None:
        """Hold the start button down for that much device time."""
        self.button.set(True, lambda: self.button.set(False), milliseconds)

    def led_fault(self, name: str, factor: float) -> None:
        """Make a LED dim (factor below 1) or dead (0); it is named by its pin or by its channel.

        Raises:
            BenchError: no such LED, or no such factor.
        """
        key = name if name in self.leds else f"led_{name}"
        if key not in self.leds:
            raise BenchError(f"No LED is called '{name}'; there are {', '.join(self.leds)}.")
        if not 0.0 <= factor <= 1.0:
            raise BenchError(f"A LED gives between 0 and 1 of its light, not {factor}.")
        self.leds[key].set_factor(factor)

    def set_flash_times(self, times: str) -> None:
        """Let flash take its typical or its maximum times.

        Raises:
            BenchError: neither of these.
        """
        if times not in TIMES_MS:
            raise BenchError(f"Flash times are 'typical' or 'maximum', not '{times}'.")
        self.chip.flash_chip.times = times

    def set_clock(self, utc: datetime) -> None:
        """Set the battery-backed clock."""
        self.rtc.set_clock(utc)

    def set_tracing(self, on: bool) -> list[dict[str, Any]]:
        """Start or end the log of LED, magnet and sensor edges; return what was logged until now."""
        events = self._trace or []
        self._trace = [] if on else None
        return events

    def lights(self) -> dict[str, Any]:
        """LED duties, magnet, temperature and device time now."""
        return {
            "leds": {name: led.duty for name, led in self.leds.items()},
            "magnet_ma": round(self.magnet.milliamps, 1),
            "celsius": round(self.magnet.celsius, 2),
            "buzzer": self.buzzer,
            "ms": self.clock.nanos / 1e6,
        }
