"""One exposure: from the command to the last pixel in the frame buffer, or a word about why not."""

import time

import board
from micropython import const

from reader.void import Void

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reader.drivers.dvp import Dvp
    from reader.drivers.hm01b0 import Hm01b0
    from reader.interlock import Interlock

_POLL_MS = const(2)
_WAKE_MS = const(30)  # standby to first row, and the calibration of the black level


class Sensor:
    """The image sensor: its registers and its parallel port."""

    def __init__(self, chip: "Hm01b0", port: "Dvp", interlock: "Interlock") -> None:
        self._chip = chip
        self._port = port
        self._interlock = interlock
        self._row_ns = board.SENSOR_LINE_LENGTH_PCK * 1000000 // (board.SENSOR_PCLK_HZ // 1000)

    def setup(self) -> None:
        """Bring the sensor to standby. Raises Void when it does not answer."""
        try:
            self._chip.setup()
        except OSError:
            raise Void("SENSOR", "the image sensor does not answer") from None

    def expose(self, lines: int) -> None:
        """Fill the frame buffer with one frame integrated over `lines` rows. Allocates nothing.

        The caller's light must be on: the first row is reset as soon as the command is given.

        Raises:
            Void: lid opened, no answer, or the frame did not end in time.
        """
        port = self._port
        port.arm()
        try:
            rows = self._chip.integration(lines, board.SENSOR_FRAME_LENGTH_LINES) + board.SENSOR_HEIGHT
            self._chip.trigger()
            end = time.ticks_add(time.ticks_ms(), _WAKE_MS + rows * self._row_ns // 1000000)
            while not port.done():
                if self._interlock.tripped():
                    raise Void("LID OPENED", "the lid was opened during the run")
                if time.ticks_diff(end, time.ticks_ms()) < 0:
                    raise Void("SENSOR", "the image sensor sent no whole frame")
                time.sleep_ms(_POLL_MS)
        except OSError:
            raise Void("SENSOR", "the image sensor does not answer") from None
        except Void:
            self._halt()
            raise
        finally:
            port.stop()

    def _halt(self) -> None:
        try:
            self._chip.standby()
        except OSError:
            pass  # it is being given up already
