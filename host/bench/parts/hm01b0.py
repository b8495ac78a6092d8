"""Himax HM01B0 image sensor: registers, rolling shutter and parallel port.

Register names and addresses are those of the data sheet's register table (HM01B0-MWA, "Register table");
sections named below are that data sheet's. What this model leaves out: test patterns, binning, motion
detection, the serial and 4-bit ports and the clock dividers - PCLK is the board's `pclk_hz`, gated by line
valid. After reset, as in the part, auto-exposure is on and all 324 rows are read out: both spoil every
measurement until they are set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from rp2040py.rp2040 import RP2040

from host.bench.alarm import Alarm
from host.bench.gpio import Pins
from host.bench.parts.light import Led
from host.bench.parts.scene import DYES, Scene

MODEL_ID_H, MODEL_ID_L, SILICON_REV, FRAME_COUNT = 0x0000, 0x0001, 0x0002, 0x0005
MODE_SELECT, IMAGE_ORIENTATION, SW_RESET, GRP_PARAM_HOLD = 0x0100, 0x0101, 0x0103, 0x0104
INTEGRATION_H, INTEGRATION_L, ANALOG_GAIN = 0x0202, 0x0203, 0x0205
DIGITAL_GAIN_H, DIGITAL_GAIN_L = 0x020E, 0x020F
FRAME_LEN_LINES_H, FRAME_LEN_LINES_L, LINE_LEN_PCK_H, LINE_LEN_PCK_L = 0x0340, 0x0341, 0x0342, 0x0343
AE_CTRL, AE_TARGET_MEAN = 0x2100, 0x2101
BLC_CFG, BLC_TGT = 0x1000, 0x1003
QVGA_WIN_EN, PROGRAMMABLE_FRAMECNT = 0x3010, 0x3020
ARRAY_ROWS = 324  # without the QVGA window; it takes the middle 244

STANDBY, STREAMING, N_FRAMES = 0, 1, 3

RESET_VALUES = {
    MODEL_ID_H: 0x01, MODEL_ID_L: 0xB0, SILICON_REV: 0x02,
    INTEGRATION_H: 0x01, INTEGRATION_L: 0x08, DIGITAL_GAIN_H: 0x01,
    FRAME_LEN_LINES_H: 0x02, FRAME_LEN_LINES_L: 0x32, LINE_LEN_PCK_H: 0x01, LINE_LEN_PCK_L: 0x78,
    BLC_CFG: 0x01, BLC_TGT: 0x20, AE_CTRL: 0x01, AE_TARGET_MEAN: 0x3C, PROGRAMMABLE_FRAMECNT: 0x01,
}  # fmt: skip
READ_ONLY = {MODEL_ID_H, MODEL_ID_L, SILICON_REV, FRAME_COUNT}
# Parameters that wait for a write to GRP_PARAM_HOLD and then for the next frame ("Group parameter hold").
GROUPED = {
    IMAGE_ORIENTATION, INTEGRATION_H, INTEGRATION_L, ANALOG_GAIN, DIGITAL_GAIN_H, DIGITAL_GAIN_L,
    FRAME_LEN_LINES_H, FRAME_LEN_LINES_L, LINE_LEN_PCK_H, LINE_LEN_PCK_L,
}  # fmt: skip

BLANKING_LINES = 2  # integration can be at most frame length - 2 ("Frame timing")


class HM01B0:
    """The sensor on its I2C address and its ten pins.

    A frame whose read-out starts at T exposes row r from T + (r - lines) * line time to T + r * line time,
    and sends it in the row time that follows: only light that falls within that window counts for that
    row.
    """

    def __init__(
        self,
        chip: RP2040,
        pins: Pins,
        board: dict[str, Any],
        scene: Scene,
        leds: dict[str, Led],
        ambient: Callable[[float, float], float],
        event: Callable[[str, float], None],
    ) -> None:
        self._chip, self._clock, self._pins, self._scene = chip, chip.clock, pins, scene
        sensor, channels = board["sensor"], board["channels"]
        self._pclk = board["pins"]["sensor_pclk"]
        self._fvld = board["pins"]["sensor_fvld"]
        self._pixel_ns = 1e9 / sensor["pclk_hz"]
        self._half_period_fp = int(chip.clk_sys / sensor["pclk_hz"] / 2) << 8  # system clocks in 1/256
        self._leds = [leds[channels[dye]["led"]] for dye in DYES]
        line_ns = sensor["line_length_pck"] * self._pixel_ns
        self._nominal_ns = [channels[dye]["lines"] * line_ns * channels[dye]["duty"] for dye in DYES]
        self._nominal_ambient_ns = max(channels[dye]["lines"] for dye in DYES) * line_ns
        self._uncalibrated_black = int(sensor["black_level"])
        self._ambient, self._event = ambient, event
        self.frames = 0
        self._address = 0
        self._address_bytes = 0
        self._row = 0
        self._data = b""
        self._column = 0
        self._frame_alarm = Alarm(chip.clock, self._begin_frame)
        self._row_alarm = Alarm(chip.clock, self._begin_row)
        self._pixel_alarm = chip.clock.create_alarm(self._pixel)
        self._end_alarm = Alarm(chip.clock, self._end_frame)
        self.power_on()

    # -- power and modes --------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Registers to their reset values, outputs low."""
        for alarm in (self._frame_alarm, self._row_alarm, self._pixel_alarm, self._end_alarm):
            alarm.cancel()
        self._registers = dict(RESET_VALUES)
        self._active = dict(self._registers)
        self._commit = False
        self._left = 0
        self._reading = False
        self._stop = True
        self._integration = 0
        self._pins.set_port(0)
        self._pins.drive(self._pclk, False)
        self._pins.drive(self._fvld, False)

    @property
    def streaming(self) -> bool:
        """Whether frames are being exposed or read out."""
        return self._reading or not self._stop

    def _word(self, register: int) -> int:
        return self._active.get(register, 0) << 8 | self._active.get(register + 1, 0)

    @property
    def _line_ns(self) -> float:
        # No row can be shorter than its pixels.
        return float(max(self._word(LINE_LEN_PCK_H), self._scene.width + 2) * self._pixel_ns)

    @property
    def _rows(self) -> int:
        return self._scene.height if self._registers.get(QVGA_WIN_EN, 0) & 1 else ARRAY_ROWS

    @property
    def _frame_lines(self) -> int:
        return max(self._word(FRAME_LEN_LINES_H), self._rows + BLANKING_LINES)

    @property
    def _black(self) -> int:
        """Grey level without light: black level calibration brings it to its target."""
        return self._registers[BLC_TGT] if self._registers[BLC_CFG] & 1 else self._uncalibrated_black

    @property
    def _gain(self) -> float:
        analogue = 1 << (self._active.get(ANALOG_GAIN, 0) >> 4 & 7)
        digital = (self._active.get(DIGITAL_GAIN_H, 1) & 3) + (self._active.get(DIGITAL_GAIN_L, 0) >> 2) / 64
        return float(analogue * digital)

    def _take_over(self) -> None:
        """Frame boundary: grouped parameters that were committed become active."""
        if self._commit:
            self._active.update(self._registers)
            self._commit = False
        self._integration = min(max(1, self._word(INTEGRATION_H)), self._frame_lines - BLANKING_LINES)

    def _set_mode(self, mode: int) -> None:
        if mode in (STREAMING, N_FRAMES) and not self.streaming:
            self._left = self._registers.get(PROGRAMMABLE_FRAMECNT, 1) if mode == N_FRAMES else -1
            self._stop = False
            self._commit = True
            self._take_over()
            self._event("row 0 reset", 0)
            # The first row is reset now and read when its integration is over.
            self._frame_alarm.schedule(self._integration * self._line_ns)
        elif mode in (STREAMING, N_FRAMES):
            self._left = self._registers.get(PROGRAMMABLE_FRAMECNT, 1) if mode == N_FRAMES else -1
            self._stop = False
        else:
            # "Standby": the frame being read out is completed, an exposure not yet read out is dropped.
            self._stop = True
            if not self._reading:
                self._frame_alarm.cancel()

    # -- read-out ---------------------------------------------------------------------------------------

    def _begin_frame(self) -> None:
        self._reading = True
        self._row = 0
        self._rows_now = self._rows
        self._pins.drive(self._fvld, True)
        self._event("frame", 1)
        self._start_ns = self._clock.nanos
        self._brightness = 0.0
        self._row_alarm.schedule(self._pixel_ns)

    def _begin_row(self) -> None:
        end = self._start_ns + self._row * self._line_ns
        start = end - self._integration * self._line_ns
        light = np.array(
            [
                led.exposure_ns(start, end) / full
                for led, full in zip(self._leds, self._nominal_ns, strict=True)
            ],
            np.float32,
        )
        ambient = self._ambient(start, end) / self._nominal_ambient_ns
        orientation = self._active.get(IMAGE_ORIENTATION, 0)
        row = self._rows_now - 1 - self._row if orientation & 2 else self._row
        # Rows beyond the window see the same window's edge.
        row = min(max(row - (self._rows_now - self._scene.height) // 2, 0), self._scene.height - 1)
        data = self._scene.row(row, light, ambient, self._gain, self._black)
        self._data = data[::-1] if orientation & 1 else data
        self._brightness += sum(data) / len(data) / self._rows_now
        self._column = 0
        if self._observed():
            self._pins.set_port(self._data[0])
            self._pixel_alarm.schedule(self._pixel_ns / 2)
        self._row += 1
        if self._row < self._rows_now:
            self._row_alarm.schedule(
                self._start_ns + self._row * self._line_ns + self._pixel_ns - self._clock.nanos
            )
        else:
            self._end_alarm.schedule(self._line_ns)

    def _observed(self) -> bool:
        """Whether anything in the chip can see single pixels; if not, only FVLD and the time are played."""
        return bool(self._pins.running_pios())

    def _pixel(self) -> None:
        # The PIO sees both edges of PCLK, each with the cycles of its half period and the data that belong
        # to it. The processor, too slow to follow 6 MHz, would find PCLK low whenever it looks.
        pins = self._pins
        pins.edge(self._pclk, True)
        self._run_pio()
        pins.edge(self._pclk, False)
        self._column += 1
        if self._column < len(self._data):
            pins.set_port(self._data[self._column])
            self._run_pio()
            self._pixel_alarm.schedule(self._pixel_ns)
        else:
            self._run_pio()

    def _run_pio(self) -> None:
        # The emulator runs one PIO instruction per CPU instruction and, while the CPU sleeps, one per
        # alarm: too few to follow PCLK. They run the cycles of half a period ahead here, and the clock is
        # put back.
        for pio in self._pins.running_pios():
            start = pio.cycle_fp
            end = start + self._half_period_fp
            while pio.next_due_fp < end:
                pio.advance(max(1, (pio.next_due_fp - pio.cycle_fp) >> 8))
            pio.cycle_fp = start

    def _end_frame(self) -> None:
        self._pins.drive(self._fvld, False)
        self._event("frame", 0)
        self._reading = False
        self.frames += 1
        self._registers[FRAME_COUNT] = self.frames & 0xFF
        if self._left > 0:
            self._left -= 1
        if self._left == 0:
            self._stop = True
            self._registers[MODE_SELECT] = STANDBY
        if self._stop:
            return
        self._auto_exposure()
        next_read = self._start_ns + self._frame_lines * self._line_ns
        self._take_over()
        # Rows of the next frame are reset while this one is still read, unless its exposure has grown.
        earliest = self._clock.nanos
        self._frame_alarm.schedule(max(next_read - self._clock.nanos, earliest - self._clock.nanos))

    def _auto_exposure(self) -> None:
        if not self._registers.get(AE_CTRL, 0) & 1:
            return
        wanted = self._registers.get(AE_TARGET_MEAN, 0x3C) / max(1.0, self._brightness)
        lines = int(self._integration * wanted)
        lines = max(2, min(lines, self._frame_lines - BLANKING_LINES))
        for table in (self._registers, self._active):
            table[INTEGRATION_H], table[INTEGRATION_L] = lines >> 8, lines & 0xFF

    # -- I2C ("Serial interface": 16-bit register address, high byte first, data with auto-increment) ----

    def start(self, reading: bool) -> None:
        if not reading:
            self._address_bytes = 0

    def write(self, value: int) -> bool:
        if self._address_bytes < 2:
            self._address = (self._address << 8 | value) & 0xFFFF
            self._address_bytes += 1
            return True
        register, self._address = self._address, (self._address + 1) & 0xFFFF
        if register == SW_RESET:
            self.power_on()
        elif register not in READ_ONLY:
            self._registers[register] = value
            if register == MODE_SELECT:
                self._set_mode(value & 7)
            elif register == GRP_PARAM_HOLD:
                self._commit = True
            elif register not in GROUPED:
                self._active[register] = value
        return True

    def read(self) -> int:
        value = self._registers.get(self._address, 0)
        self._address = (self._address + 1) & 0xFFFF
        return value
