"""Himax HM01B0 image sensor: its I2C registers (data sheet HM01B0-MNA, "Register table").

Set up for one 324 x 244 frame per command, 8-bit parallel output, own oscillator, no automatic exposure.
"""

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

_MODEL_ID_H = const(0x0000)
_MODEL_ID_L = const(0x0001)
_MODE_SELECT = const(0x0100)
_SW_RESET = const(0x0103)
_GRP_PARAM_HOLD = const(0x0104)
_INTEGRATION_H = const(0x0202)
_FRAME_LEN_LINES_H = const(0x0340)

_MODEL_ID = const(0x01B0)
_STANDBY = const(0)
_OUTPUT_N_FRAMES = const(3)  # N from PMU_CFG_3, then standby by itself
_LINES_NOT_INTEGRATED = const(2)  # the frame must be this much longer than the integration

# Everything here is written once, in standby, and latched by GRP_PARAM_HOLD.
_SETUP = (
    (0x0101, 0x00),  # IMG_ORIENTATION: neither mirrored nor flipped
    (0x2100, 0x00),  # AE_CTRL: automatic exposure is on after reset; a measurement must not have it
    (0x0205, 0x00),  # ANALOG_GAIN 1
    (0x020E, 0x01),  # DIGITAL_GAIN 1.00
    (0x020F, 0x00),
    (0x1000, 0x01),  # BLC_CFG: black-level calibration on
    (0x1006, 0x01),  # BLI_EN
    (0x1008, 0x00),  # DPC_CTRL: no defect correction, a small bright cell is not a defect
    (0x0383, 0x01),  # READOUT_X: every column
    (0x0387, 0x01),  # READOUT_Y: every row
    (0x0390, 0x00),  # BINNING_MODE: none
    (0x0601, 0x00),  # TEST_PATTERN_MODE: off
    (0x3010, 0x01),  # QVGA_WIN_EN: 244 rows
    (0x3011, 0x70),  # 8 bits per pixel
    (0x3020, 0x01),  # PMU_CFG_3: one frame per command
    (0x3059, 0x82),  # BIT_CONTROL: own oscillator, neither 4-bit nor serial output
    (0x3060, 0x22),  # OSC_CLK_DIV: PCLK gated by line valid, LSB first, half the 12 MHz oscillator
    (0x3068, 0x20),  # PCLK_POLARITY: data stable at the rising edge
)


class Hm01b0:
    """The sensor on a ``machine.I2C`` bus.

    Raises OSError from every method when the part does not answer.
    """

    def __init__(self, i2c: "I2C", address: int, line_length: int, black_level: int) -> None:
        self._i2c = i2c
        self._address = address
        self._line_length = line_length
        self._black_level = black_level
        self._out = bytearray(3)
        self._in = bytearray(1)

    def model_id(self) -> int:
        """Return MODEL_ID, 16 bits."""
        return self._read(_MODEL_ID_H) << 8 | self._read(_MODEL_ID_L)

    def setup(self) -> None:
        """Bring the sensor from any state to standby with the reader's settings.

        Raises:
            OSError: no answer, or another part at this address (ENODEV, 19).
        """
        if self.model_id() != _MODEL_ID:
            raise OSError(19)
        self._write(_SW_RESET, 1)
        self._write(_MODE_SELECT, _STANDBY)
        for register, value in _SETUP:
            self._write(register, value)
        self._write(0x1003, self._black_level)  # BLC_TGT
        self._write(0x1007, self._black_level)  # BLC2_TGT
        self._write(0x0342, self._line_length >> 8)  # LINE_LEN_PCK
        self._write(0x0343, self._line_length & 255)
        self._write(_GRP_PARAM_HOLD, 1)

    def integration(self, lines: int, frame_length: int) -> int:
        """Set the integration time, in rows; return the frame length in rows that fits it."""
        if frame_length < lines + _LINES_NOT_INTEGRATED:
            frame_length = lines + _LINES_NOT_INTEGRATED
        self._write(_INTEGRATION_H, lines >> 8)
        self._write(_INTEGRATION_H + 1, lines & 255)
        self._write(_FRAME_LEN_LINES_H, frame_length >> 8)
        self._write(_FRAME_LEN_LINES_H + 1, frame_length & 255)
        self._write(_GRP_PARAM_HOLD, 1)
        return frame_length

    def trigger(self) -> None:
        """Start one frame; the sensor goes to standby after it."""
        self._write(_MODE_SELECT, _OUTPUT_N_FRAMES)

    def standby(self) -> None:
        """Stop at once."""
        self._write(_MODE_SELECT, _STANDBY)

    def _write(self, register: int, value: int) -> None:
        # One buffer for address and value: writeto_mem would allocate to join the two.
        out = self._out
        out[0] = register >> 8
        out[1] = register & 255
        out[2] = value
        self._i2c.writeto(self._address, out)

    def _read(self, register: int) -> int:
        self._i2c.readfrom_mem_into(self._address, register, self._in, addrsize=16)
        return self._in[0]
