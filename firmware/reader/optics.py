"""The light: one LED per channel, on only inside a ``with`` block."""

import board

from reader import channels
from reader.drivers.output import Output
from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.interlock import Interlock

LID_OPENED = ("LID OPENED", "the lid was opened during the run")


class Optics:
    """Lights a channel: ``with optics.light(channel): ...``. Nothing is lit outside such a block."""

    def __init__(self) -> None:
        names = [name for name in channels.LED if name]
        leds = {name: Output(getattr(board, "PINS_" + name.upper()), board.PWM_LED_HZ) for name in names}
        self._leds = tuple(leds.get(name) for name in channels.LED)
        self.outputs = tuple(leds.values())
        self._interlock: "Interlock | None" = None

    def guard(self, interlock: "Interlock") -> None:
        """Set the interlock that every light obeys."""
        self._interlock = interlock

    def light(self, channel: int) -> "Optics":
        """Light `channel` (``dark`` lights nothing).

        Raises:
            Void: the lid is open, or was since the interlock was armed.
        """
        led = self._leds[channel]
        interlock = self._interlock
        if interlock is None or interlock.tripped():
            raise Void(*LID_OPENED)
        if led is not None:
            led.on(channels.LEVEL[channel])
            # The lid may have opened between the question and the light.
            if interlock.tripped():
                self.off()
                raise Void(*LID_OPENED)
        return self

    def off(self) -> None:
        """Every LED off."""
        for led in self.outputs:
            led.off()

    def __enter__(self) -> "Optics":
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self.off()
