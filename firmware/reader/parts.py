"""The reader's parts, put together from the board description."""

import board
import ctc_core
from machine import I2C, SPI, Pin, unique_id

from reader.buzzer import Buzzer
from reader.display import Display
from reader.drivers.ds3231 import Ds3231
from reader.drivers.dvp import Dvp
from reader.drivers.hm01b0 import Hm01b0
from reader.drivers.st7735s import St7735s
from reader.interlock import Interlock
from reader.journal import SECTORS, Journal
from reader.magnet import Magnet
from reader.optics import Optics
from reader.results.flash import SECTOR, Flash
from reader.results.log import Log
from reader.sensor import Sensor
from reader.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Parts:
    """Everything that is one of a kind. The outputs come first: dark and still before anything else."""

    def __init__(self, rest: "Callable[[], None]") -> None:
        self.id = unique_id()
        self.optics = Optics()
        self.magnet = Magnet()
        self.interlock = Interlock(board.PINS_LID, self.optics.outputs + self.magnet.outputs)
        self.optics.guard(self.interlock)
        self.magnet.guard(self.interlock)
        self.buzzer = Buzzer()
        self.button = Pin(board.PINS_START_BUTTON, Pin.IN, Pin.PULL_UP)
        self.display = Display(self._controller())
        i2c = I2C(board.I2C_BUS, scl=Pin(board.PINS_I2C_SCL), sda=Pin(board.PINS_I2C_SDA), freq=board.I2C_HZ)
        self.clock = Ds3231(i2c, board.I2C_CLOCK_ADDRESS)
        chip = Hm01b0(i2c, board.I2C_SENSOR_ADDRESS, board.SENSOR_LINE_LENGTH_PCK, board.SENSOR_BLACK_LEVEL)
        self._port = Dvp(
            ctc_core.frame(), board.PINS_SENSOR_D0, board.PINS_SENSOR_PCLK, board.PINS_SENSOR_FVLD
        )
        self.sensor = Sensor(chip, self._port, self.interlock)
        kept = Flash(board.FLASH_SETTINGS_OFFSET, board.FLASH_SETTINGS_SIZE)
        self.settings = Settings(kept, 0)
        self.journal = Journal(kept, board.FLASH_SETTINGS_SIZE // SECTOR - SECTORS)
        self.log = Log(Flash(board.FLASH_RESULTS_OFFSET, board.FLASH_RESULTS_SIZE), rest)

    def _controller(self) -> St7735s:
        spi = SPI(
            board.DISPLAY_SPI,
            baudrate=board.DISPLAY_HZ,
            sck=Pin(board.PINS_DISPLAY_SCK),
            mosi=Pin(board.PINS_DISPLAY_MOSI),
            miso=None,
        )
        dc = Pin(board.PINS_DISPLAY_DC, Pin.OUT, value=0)
        cs = Pin(board.PINS_DISPLAY_CS, Pin.OUT, value=1)
        return St7735s(spi, dc, cs, (board.DISPLAY_COL_OFFSET, board.DISPLAY_ROW_OFFSET))

    def quiet(self) -> None:
        """Everything that glows, pulls or sounds off."""
        self.optics.off()
        self.magnet.off()
        self.buzzer.off()

    def close(self) -> None:
        """Quiet, and hardware that an interpreter restart does not give back given back."""
        self.quiet()
        self.interlock.close()
        self._port.close()
