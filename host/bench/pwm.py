"""RP2040 PWM as duties instead of edges.

At 200 kHz the emulator's own model wakes the simulation three times per period, which made a second of lit
LED cost seconds of wall time. Every part on this board follows the mean of its PWM input (constant-current
drivers, a coil, a buzzer), so the bench computes the duty from the registers (RP2040 data sheet 4.5) and
announces changes. The counter still counts, and a slice whose wrap interrupt is enabled still wraps.
"""

from __future__ import annotations

from typing import Any

from rp2040py.peripherals.pwm import CSR_A_INV, CSR_B_INV, CSR_EN, EN, INTE, INTF, RPPWM, PWMChannel
from rp2040py.rp2040 import RP2040


class DutyPWM(RPPWM):
    """The PWM block; `duty(pin)` is what a pin with the PWM function gives."""

    def __init__(self, chip: RP2040, name: str) -> None:
        super().__init__(chip, name)
        for channel in self.channels:
            for alarm in (channel.alarm_a, channel.alarm_b, channel.alarm_bottom):
                alarm.enable = False
        self.reset()

    def write_uint32(self, offset: int, value: int) -> None:
        super().write_uint32(offset, value)
        if offset < EN:
            self._settle(self.channels[offset // 0x14])
        elif offset == EN:
            for channel in self.channels:
                self._settle(channel)
        elif offset in (INTE, INTF):
            for channel in self.channels:
                channel.alarm_bottom.enable = bool(self._int_enable >> channel.index & 1)

    def reset(self) -> None:
        """Registers to their power-on values; every output low."""
        super().reset()
        self.gpio_value = 0
        for channel in self.channels:
            self._settle(channel)

    def _settle(self, channel: PWMChannel) -> None:
        # CC and TOP are double-buffered until the next wrap (4.5.2.3): at most 50 us here, not modelled.
        channel._update_double_buffered()
        chip: Any = self.rp2040
        pins = getattr(chip, "pins", None)
        for pin in (channel.pin_a1, channel.pin_b1, channel.pin_a2, channel.pin_b2):
            if pin >= 0:
                self.gpio_set(pin, self.duty(pin) > 0)
                if pins is not None:
                    pins.refresh_drive(pin)

    def duty(self, pin: int) -> float:
        """Share of time a PWM output is high, 0..1.

        A slice that is switched off stops where its counter is, and its output keeps that level.
        """
        channel = self.channels[(pin >> 1) & 7]
        side_b = pin & 1
        level = channel.cc >> 16 if side_b else channel.cc & 0xFFFF
        if channel.csr & CSR_EN:
            duty = min(1.0, level / (channel.top + 1))
        else:
            duty = 1.0 if channel.timer.counter < level else 0.0
        return 1.0 - duty if channel.csr & (CSR_B_INV if side_b else CSR_A_INV) else duty
