"""The board description: nothing is used twice, and every function sits on a pin that has it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from host import board

BOARD = board.load()
PINS = BOARD["pins"]

# RP2040 data sheet, table 279 "GPIO functions": the pins on which each peripheral signal can appear.
FUNCTIONS = {
    "i2c_sda": {2, 6, 10, 14, 18, 22, 26},  # I2C1 SDA
    "i2c_scl": {3, 7, 11, 15, 19, 23, 27},  # I2C1 SCL
    "link_tx": {0, 12, 16, 28},  # UART0 TX
    "link_rx": {1, 13, 17, 29},  # UART0 RX
    "scanner_rx": {5, 9, 21, 25},  # UART1 RX
    "display_sck": {2, 6, 18, 22},  # SPI0 SCK
    "display_mosi": {3, 7, 19, 23},  # SPI0 TX
    "magnet_current": {26, 27, 28, 29},  # ADC
    "magnet_ntc": {26, 27, 28, 29},
}


def test_every_gpio_is_used_exactly_once() -> None:
    assert sorted(PINS.values()) == list(range(30))


def test_no_pwm_channel_is_used_twice() -> None:
    # RP2040 data sheet, section 4.5.2: GPIO n is channel n & 1 of slice (n >> 1) & 7.
    channels = [((PINS[name] >> 1) & 7, PINS[name] & 1) for name in BOARD["pwm"]["pins"]]
    assert len(set(channels)) == len(channels)


def test_pwm_outputs_of_one_slice_share_their_frequency() -> None:
    slices: dict[int, set[str]] = {}
    for name in BOARD["pwm"]["pins"]:
        slices.setdefault((PINS[name] >> 1) & 7, set()).add(name.split("_")[0])
    assert all(len(kinds) == 1 for kinds in slices.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_available_on_its_pin(name: str) -> None:
    assert PINS[name] in FUNCTIONS[name]


def test_sensor_data_pins_are_consecutive() -> None:
    assert [PINS[f"sensor_d{bit}"] for bit in range(8)] == list(range(8))


def test_flash_regions_fill_the_flash_without_overlap() -> None:
    regions = sorted(BOARD["flash"].values(), key=lambda region: region["offset"])
    assert regions[0]["offset"] == 0
    assert all(a["offset"] + a["size"] == b["offset"] for a, b in pairwise(regions))
    assert regions[-1]["offset"] + regions[-1]["size"] == BOARD["board"]["flash_bytes"]
    assert all(region["size"] % 4096 == 0 for region in regions)


def test_every_row_sees_many_whole_led_periods() -> None:
    sensor = BOARD["sensor"]
    row_seconds = sensor["line_length_pck"] / sensor["pclk_hz"]
    assert BOARD["pwm"]["led_hz"] * row_seconds > 10


def test_channels_name_leds_that_exist() -> None:
    for channel in BOARD["channels"].values():
        assert channel["led"] == "" or channel["led"] in PINS


def test_constants_are_the_tables_flattened() -> None:
    flat = board.constants()
    assert flat["PINS_LID"] == PINS["lid"]
    assert flat["CHANNELS_DAPI_LINES"] == BOARD["channels"]["dapi"]["lines"]
