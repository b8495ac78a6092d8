"""The Python side of the core: its order of calls, its arguments, and that two of them do not meet."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from host import core
from host.board import load

CHANNELS = (core.DARK, core.DAPI, core.CK, core.CD45, core.HER2)


@pytest.fixture
def frame() -> NDArray[np.uint8]:
    """One square cell of 12 x 12 pixels, 100 above a background of 20."""
    pixels = np.full((core.HEIGHT, core.WIDTH), 20, np.uint8)
    pixels[100:112, 100:112] = 120
    return pixels


def analyse(reader: core.Core, frame: NDArray[np.uint8], cd45: bool = False) -> NDArray[np.void]:
    blank = np.full_like(frame, 20)
    without = {core.DARK} if cd45 else {core.DARK, core.CD45}
    return reader.analyse_field(
        3, [(channel, blank if channel in without else frame) for channel in CHANNELS]
    )


def test_geometry_is_the_boards() -> None:
    sensor = load()["sensor"]
    assert (sensor["width"], sensor["height"]) == (core.WIDTH, core.HEIGHT)
    assert sensor["strip_columns"] == core.STRIP_COLUMNS


def test_one_cell(frame: NDArray[np.uint8]) -> None:
    (cell,) = analyse(core.Core(), frame)
    assert cell["flags"] == core.FLAG_CTC
    assert (cell["field"], cell["score"], cell["gate"]) == (3, 3, 0)
    assert (cell["x"], cell["y"]) == (105.5 * 64, 105.5 * 64)
    assert (cell["area"], cell["nucleus"], cell["perimeter"]) == (144, 144, 48)
    assert (cell["body"], cell["inside"], cell["range"]) == (144, 144, 0x33)
    # The built-in spillover: 1 % of HER2 is taken off CK, 1 % of CK off CD45, 3 % of CK off HER2.
    assert list(cell["signal"]["mean"][:3]) == [
        6400,
        pytest.approx(6400 * 0.99, abs=4),
        pytest.approx(-63, abs=2),
    ]
    assert cell["signal"]["mean"][3] == pytest.approx(6400 * 0.97, abs=4)


def test_leukocyte_marker_rejects(frame: NDArray[np.uint8]) -> None:
    (cell,) = analyse(core.Core(), frame, cd45=True)
    assert core.gate_name(int(cell["gate"])) == "cd45"
    assert (cell["flags"], cell["score"]) == (0, 255)


def test_configuration_is_used(frame: NDArray[np.uint8]) -> None:
    default = core.Config.default()
    (cell,) = analyse(core.Core(replace(default, gates=replace(default.gates, area_max=143))), frame)
    assert core.gate_name(int(cell["gate"])) == "large"
    (cell,) = analyse(core.Core(replace(default, score_min=(576, 1728, 10001))), frame)
    assert cell["score"] == 2


def test_two_cores_do_not_meet(frame: NDArray[np.uint8]) -> None:
    first, second = core.Core(), core.Core()
    first.begin(1)
    for channel in CHANNELS:
        first.pixels[:] = frame if channel != core.DARK else 20
        first.analyse(channel)
        assert len(analyse(second, np.full_like(frame, 20))) == 0
    assert first.end() == 1


def test_frame_is_one_buffer() -> None:
    reader = core.Core()
    assert reader.frame() is reader.frame()
    assert len(reader.frame()) == core.WIDTH * core.HEIGHT
    reader.frame()[core.WIDTH + 2] = 77
    assert reader.pixels[1, 2] == 77


def order(reader: core.Core, *channels: int) -> None:
    reader.begin(0)
    for channel in channels:
        reader.analyse(channel)
    reader.end()


@pytest.mark.parametrize(
    "channels",
    [(), (0, 1, 2, 3), (2,), (1, 1), (1, 0), (0, 2), (1, 2, 4), (1, 2, 3, 4, 4)],
    ids=str,
)
def test_order_of_calls(channels: tuple[int, ...]) -> None:
    with pytest.raises(core.Error) as caught:
        order(core.Core(), *channels)
    assert caught.value.code == core.ERROR_ORDER


def test_dark_may_be_left_out() -> None:
    order(core.Core(), core.DAPI, core.CK, core.CD45, core.HER2)


def test_nothing_works_before_begin() -> None:
    reader = core.Core()
    calls = (lambda: reader.analyse(core.DARK), reader.end, lambda: reader.rows(bytearray(24), 0))
    for call in calls:
        with pytest.raises(core.Error):
            call()


def test_a_failed_field_stays_failed() -> None:
    reader = core.Core()
    reader.begin(0)
    reader.pixels[:] = 20
    reader.analyse(core.DAPI)
    reader.pixels[:40, :300:2] = 200  # in CK, 150 runs a row
    with pytest.raises(core.Error) as caught:
        reader.analyse(core.CK)
    assert caught.value.code == core.ERROR_RUNS
    assert reader.quality(core.BACKGROUND) == 20 * 64
    for call in (lambda: reader.analyse(core.CD45), reader.end):
        with pytest.raises(core.Error) as caught:
            call()
        assert caught.value.code == core.ERROR_ORDER


@pytest.mark.parametrize("number", [-1, 256, 2**31, 2**40])
def test_arguments_out_of_range(number: int) -> None:
    reader = core.Core()
    with pytest.raises(core.Error):
        reader.begin(number)
    reader.begin(0)
    with pytest.raises(core.Error):
        reader.analyse(number)
    with pytest.raises(core.Error):
        reader.quality(number)


def test_rows_in_portions(frame: NDArray[np.uint8]) -> None:
    frame[20:30, 20:200:20] = 120
    reader = core.Core()
    cells = analyse(reader, frame)
    rows = bytearray()
    portion = bytearray(2 * core.ROW_BYTES + 5)
    while n := reader.rows(portion, len(rows) // core.ROW_BYTES):
        rows += portion[: n * core.ROW_BYTES]
    assert bytes(rows) == cells.tobytes()
    assert reader.rows(portion, -1) == 0
    with pytest.raises(BufferError):
        reader.rows(bytes(24), 0)  # type: ignore[arg-type]


def test_tally_arguments() -> None:
    with pytest.raises(ValueError, match="more rows"):
        core.tally(bytes(2 * core.ROW_BYTES - 1), 2, core.new_counts())
    for counts in (array("I", [0] * 5), array("H", [0] * 26), array("Q", [0] * 13)):
        with pytest.raises(ValueError, match="array"):
            core.tally(b"", 0, counts)


def test_texts() -> None:
    assert [core.status_text(n) for n in range(5)] == ["INVALID", "NO CTC", "NEGATIVE", "POSITIVE", "INVALID"]
    assert [core.gate_name(n) for n in range(-1, core.GATE_COUNT + 1)] == [
        "", "", "dapi", "ck", "cd45", "small", "large", "shape", "nucleus", "focus", "saturated", "",
    ]  # fmt: skip


def other_config() -> core.Config:
    default = core.Config.default()
    spillover = ((65536, 0, 0, 0), (0, 65536, 0, 0), (0, -100, 65536, 0), (0, 5000, 0, 65536))
    gates = replace(default.gates, area_max=143)
    return replace(default, calibration="HQ8-20260712-1f3a", spillover=spillover, line_offset=-7, gates=gates)


def test_settings_travel_packed(frame: NDArray[np.uint8]) -> None:
    blob = other_config().pack()
    assert len(blob) == core.SETTINGS_BYTES
    assert core.Config.unpack(blob) == other_config()
    reader = core.Core()
    assert reader.settings() == ("cellsearch-2", "PROVISIONAL-2", "PROVISIONAL-2")
    reader.configure(blob)
    assert reader.settings() == ("cellsearch-2", "HQ8-20260712-1f3a", "PROVISIONAL-2")
    (cell,) = analyse(reader, frame)
    assert core.gate_name(int(cell["gate"])) == "large"
    with pytest.raises(core.Error) as caught:
        reader.configure(blob[:-1] + bytes([blob[-1] ^ 1]))
    assert caught.value.code == core.ERROR_SETTINGS
    assert reader.settings()[1] == "HQ8-20260712-1f3a"
    reader.configure(b"")
    assert reader.settings()[1] == "PROVISIONAL-2"


@pytest.mark.parametrize(
    "change",
    [
        {"gate_set": "a" * 24},
        {"gate_set": "\u00b5m"},
        {"calibration": ""},
        {"noise_factor": 70000},
        {"line_slope": 0},
        {"score_min": (1, 1, 2)},
        {"flat": ((0,) * 20,) * 4},
        {"flat": ((4096,) * 21,) * 4},
    ],
    ids=str,
)
def test_settings_that_cannot_be_used(change: dict[str, Any]) -> None:
    bad = replace(core.Config.default(), **change)
    with pytest.raises(core.Error) as caught:
        bad.pack()
    assert caught.value.code == core.ERROR_SETTINGS
    with pytest.raises(core.Error):
        core.Core(bad).begin(0)


def test_line_of_the_built_in_settings() -> None:
    config = core.Config.default()
    assert [config.mesf(grey * 64) for grey in (0, 9, 27, 70)] == [0, 900, 2700, 7000]
