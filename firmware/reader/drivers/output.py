"""A PWM output with a register that forces it low (RP2040 data sheet 2.19.6.1 and 4.5)."""

from machine import PWM, Pin, mem32
from micropython import const

FULL = const(65535)  # level of an output that is always on

_IO_BANK0 = const(0x40014000)
_CTRL = const(4)  # GPIOn_CTRL is at 8 * n + 4
_FUNCTION_PWM = const(4)
SAFE = const(5)  # function SIO: the pin follows the SIO output register, which is low here


class Output:
    """One pin that its PWM slice drives, or that is held low by the pin's function select.

    Writing ``SAFE`` to ``mem32[output.ctrl]`` takes effect at once, at whatever point of the PWM period, and
    needs no memory: that is what an interrupt handler does.
    """

    def __init__(self, gpio: int, hz: int) -> None:
        self.ctrl = _IO_BANK0 + 8 * gpio + _CTRL
        Pin(gpio, Pin.OUT, value=0)
        self._pwm = PWM(Pin(gpio), freq=hz, duty_u16=0)
        mem32[self.ctrl] = SAFE

    def on(self, level: int) -> None:
        """Drive the pin with `level` / 65535 of every period."""
        self._pwm.duty_u16(level)
        mem32[self.ctrl] = _FUNCTION_PWM

    def off(self) -> None:
        """Hold the pin low."""
        mem32[self.ctrl] = SAFE
        self._pwm.duty_u16(0)

    def tone(self, hz: int) -> None:
        """Drive the pin with a square wave of `hz`."""
        self._pwm.freq(hz)
        self.on(FULL // 2)
