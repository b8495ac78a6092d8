"""Settings files: they mean exactly what the core gets, and what is wrong in one is said in one sentence."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from host import core
from host import settings as of_file
from host.settings import SettingsError

SHIPPED = Path(of_file.__file__).parent / "cellsearch-2.toml"
DEFAULT = core.Config.default()
NOTHING = ((65536, 0, 0, 0), (0, 65536, 0, 0), (0, 0, 65536, 0), (0, 0, 0, 65536))
FIXED = replace(
    DEFAULT,
    gate_set="cellsearch-2",
    cutoffs="PROVISIONAL-2",
    corrections=15,
    dapi_threshold=768,
    ck_threshold=768,
    gates=replace(DEFAULT.gates, ck_min=1024, ck_snr_min=0, nucleus_min=7, area_min=13, area_max=804),
    flat=((4096,) * 20,) * 4,
    spillover=NOTHING,
    line_offset=435412,
    line_slope=65536,
    line_low=0,
    line_high=25500,
    score_min=(900, 2700, 7000),
)
TEXT = of_file.dump(FIXED)
"""A file whose values no later default changes: the tests below change them one by one."""


def test_the_shipped_file_is_what_is_built_in() -> None:
    """After a change of config.c: host settings show --built-in -o host/settings/cellsearch-2.toml"""
    assert of_file.load(SHIPPED) == core.Config.default()
    assert of_file.dump(core.Config.default()) == SHIPPED.read_text()


def u16(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


LIMIT = st.one_of(st.just(core.NO_LIMIT), st.integers(0, 1000))


@st.composite
def configs(draw: st.DrawFn) -> core.Config:
    default = core.Config.default()
    low = draw(st.integers(1, 60000))
    gates = replace(
        default.gates,
        ck_min=draw(u16(0, 16320)),
        ck_snr_min=draw(u16(0, 64000)),
        cd45_max=draw(u16(0, 16320)),
        cd45_share_max=draw(u16(0, 65535)),
        area_min=low,
        area_max=draw(u16(low, 65534)),
        shape_max=draw(u16(1, 65535)),
        eccentricity_max=draw(LIMIT),
        overlap_min=draw(u16(0, 1000)),
        focus_min=draw(u16(0, 65535)),
        saturated_max=draw(LIMIT),
    )
    scores = sorted(draw(st.sets(st.integers(1, 2**32 - 1), min_size=3, max_size=3)))
    off = st.integers(-1000, 8000)
    return replace(
        default,
        gate_set=draw(st.text("abc XYZ-\\\"~", min_size=1, max_size=23).filter(lambda text: text[0] != " ")),
        corrections=draw(u16(0, 15)),
        noise_factor=draw(u16(16, 1024)),
        borderline=draw(u16(0, 256)),
        gates=gates,
        flat=tuple(
            tuple(draw(st.lists(u16(2048, 8192), min_size=20, max_size=20))) for _ in range(4)
        ),
        spillover=tuple(
            tuple(65536 if row == column else draw(off) for column in range(4)) for row in range(4)
        ),
        spillover_se=tuple(tuple(draw(u16(0, 65535)) for _ in range(4)) for _ in range(4)),
        line_offset=draw(st.integers(-(31 * 65536), 31 * 65536)),
        line_slope=draw(st.integers(1, 8 * 65536)),
        line_se=draw(u16(0, 65535)),
        score_min=tuple(scores),
    )  # fmt: skip


@hypothesis_settings(max_examples=50, deadline=None)
@given(configs())
def test_every_value_survives_the_file(config: core.Config) -> None:
    assert of_file.parse(of_file.dump(config)) == config
    assert core.Config.unpack(config.pack()) == config


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mean_min = "16 grey"', 'maen_min = "16 grey"', "did you mean 'mean_min'?"),
        ("[gate_set.gates.ck]", "[gate_set.gates.kc]", "did you mean 'ck'?"),
        ("[cutoffs]", "[cutofs]", "did you mean 'cutoffs'?"),
        ('"16 grey"', '"16 um2"', 'a number of grey, as in "1 grey"'),
        ('"16 grey"', "16", "without a unit"),
        ('"16 grey"', '"many grey"', "write a number of grey"),
        ('"16 grey"', '"nan grey"', "write a number of grey"),
        ('"16 grey"', '"256 grey"', 'give 0 to 255 grey, or "off"'),
        ('"16 grey"', '"-1 grey"', "give 0 to 255 grey"),
        ('dapi = "12 grey"', 'dapi = "off"', "cannot be off"),
        ('"7 um2"', '"70000 um2"', "give 0 to 65534 um2"),
        ('snr_min = "off"', "", "snr_min is missing"),
        ('"13 um2"', '"805 um2"', "no cell could pass"),
        ('"900 MESF/um2"', '"2700 MESF/um2"', "do not ascend"),
        ('"900 MESF/um2"', '"0 MESF/um2"', "give 1 to"),
        ("hot = true", "hot = 1", "neither true nor false"),
        ('id = "cellsearch-2"', 'id = "an id that is far too long for it"', "1 to 23 printable"),
        ('id = "cellsearch-2"', 'id = "\u00b5"', "1 to 23 printable"),
        ("[     1,      1,      1,      1,      1]", "[0, 1, 1, 1, 1]", "response is 0.5 to 2"),
        ("[     1,      1,      1,      1,      1]", "[1, 1, 1, 1]", "4 rows of 5 numbers"),
        ("ck = 0, cd45 = 0, her2 = 1", "ck = 1, cd45 = 0, her2 = 1", "is not below 1"),
        ("ck = 0, cd45 = 0, her2 = 1", "ck = 0, cd45 = 0, her2 = 0.9", "is not 1"),
        ('slope = "1"', 'slope = "0"', "calibration.line.slope is '0'"),
        ('slope = "1"', 'slope = "-1"', "calibration.line.slope is '-1'"),
        ('at_one_grey = "100 MESF/um2"', 'at_one_grey = "0 MESF/um2"', "positive number"),
        ('high = "25500 MESF/um2"', 'high = "1 MESF/um2"\n', None),
        ('low = "0 MESF/um2"', 'low = "25500 MESF/um2"', "is not below line.high"),
        ("format = 1", "format = 2", "of another version"),
        ("format = 1", "", "of another version"),
        ("[cutoffs]", "[cutoffs", "is not TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(old: str, new: str, said: str | None) -> None:
    if said is None:
        of_file.parse(changed(old, new))
        return
    with pytest.raises(SettingsError) as caught:
        of_file.parse(changed(old, new))
    assert said in str(caught.value), caught.value
    assert str(caught.value).count("\n") == 0


def test_a_matrix_that_cannot_be_inverted() -> None:
    table = tomllib.loads(TEXT)["calibration"]["spillover"]
    assert table["her2"]["ck"] == 0
    text = changed("ck = { dapi = 0, ck = 1, cd45 = 0, her2 = 0 }", "ck = {dapi=0, ck=1, cd45=0, her2=0.99}")
    text = text.replace("ck = 0, cd45 = 0, her2 = 1 }", "ck = 0.99, cd45 = 0, her2 = 1 }", 1)
    with pytest.raises(SettingsError, match="cannot be inverted"):
        of_file.parse(text)


def test_a_group_that_is_left_out_stays() -> None:
    base = replace(core.Config.default(), calibration="HQ8-20260712-00ff", line_slope=60000)
    cutoffs = TEXT[TEXT.index("[cutoffs]") : TEXT.index("[calibration]")].replace("PROVISIONAL-2", "lines-1")
    config = of_file.parse("format = 1\n" + cutoffs.replace("900", "1000"), base)
    assert config == replace(base, cutoffs="lines-1", score_min=(1000, 2700, 7000))
    with pytest.raises(SettingsError, match=r"cutoffs\.least is missing"):
        of_file.parse('format = 1\n[cutoffs]\nid = "lines-1"\n', base)


@pytest.mark.parametrize(
    "text",
    ["format = 1\ncutoffs = 3", "format = 1\n[gate_set]\nid = 'x'\ngates = 3", "format = 1\ngate_set=[]"],
)
def test_a_table_that_is_none(text: str) -> None:
    with pytest.raises(SettingsError):
        of_file.parse(text)


@pytest.mark.parametrize("path", ["gates", "gates.ck", "threshold", "corrections"])
def test_a_deeper_table_that_is_none(path: str) -> None:
    table = tomllib.loads(TEXT)
    at = table["gate_set"]
    *above, name = path.split(".")
    for part in above:
        at = at[part]
    at[name] = 3
    with pytest.raises(SettingsError, match="is no table"):
        of_file.file._gate_set(core.Config.default(), table["gate_set"])
