"""The assay's table, walked; and the limits a frame is held to."""

from __future__ import annotations

import board
import pytest
from reader import channels, quality
from reader.assay import FIRST, TABLE, Assay
from reader.void import Void

from host import core

GREY = 64


def walk(fields: int) -> list[str]:
    """The states of a run in which everything ends well."""
    visited, state, done = [], FIRST, 0
    while state:
        assert len(visited) < 1000
        visited.append(state)
        action, _, following, at_last = TABLE[state]
        assert hasattr(Assay, action), state
        done += action == "_store"
        state = at_last if done >= fields else following
    return visited


@pytest.mark.parametrize("fields", [1, 4, 16])
def test_every_field_sees_every_channel_in_the_cores_order(fields: int) -> None:
    visited = walk(fields)
    assert visited[0] == "selftest" and visited[-1] == "decide"
    imaged = [state for state in visited if TABLE[state][0] == "_image"]
    assert imaged == list(channels.NAMES) * fields
    for state in imaged:
        assert channels.NAMES[TABLE[state][1]] == state


def test_the_boards_rule_is_the_studys() -> None:
    assert board.ASSAY_RULE == core.RULE


def test_the_flash_is_written_only_with_the_magnet_off() -> None:
    visited = walk(3)
    for at, state in enumerate(visited):
        if state == "store":
            assert visited[at - 1] == "release"


def test_crops_are_taken_once_all_is_measured_and_before_the_cells_go() -> None:
    visited = walk(2)
    assert visited.count("crops") == 2
    for at, state in enumerate(visited):
        if state == "crops":
            assert (visited[at - 1], visited[at + 1]) == ("her2", "release")


@pytest.mark.parametrize("channel", range(1, channels.COUNT))
def test_a_dead_dim_or_bright_led_voids_the_run(channel: int) -> None:
    dark = 16 * GREY
    good = channels.STRIP[channel] * GREY
    quality.judge_strip(channel, good + dark, dark)
    for factor in (0.0, 0.5, 0.84, 1.16):
        with pytest.raises(Void) as found:
            quality.judge_strip(channel, int(good * factor) + dark, dark)
        assert found.value.flag == "LED " + channels.NAMES[channel]


def test_dark_level_background_and_saturation_void_the_run() -> None:
    quality.judge_dark(40 * GREY)
    with pytest.raises(Void, match="DARK LEVEL"):
        quality.judge_dark(41 * GREY)
    quality.judge_background(channels.CK, 56 * GREY, 16 * GREY)
    with pytest.raises(Void, match="BACKGROUND"):
        quality.judge_background(channels.CK, 57 * GREY, 16 * GREY)
    limit = int(0.02 * 324 * 244)
    quality.judge_saturated(channels.CK, limit)
    with pytest.raises(Void, match="SATURATED"):
        quality.judge_saturated(channels.CK, limit + 1)
