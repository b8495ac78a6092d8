"""What goes wrong in a run makes it INVALID: never a status, and the light is off at once."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from rigs import Rig

from host.results import Record

pytestmark = pytest.mark.needs("port", "specimen")

SECONDS = 600


def finish(link: Any) -> None:
    while link.status().state == "running":
        link.deadline.sleep(0.2)


def record_of(link: Any, sequence: int) -> dict[str, Any]:
    """Return the summary of a record that the reader keeps."""
    (kept,) = [entry for entry in link.results(after=sequence - 1) if entry.seq == sequence]
    return Record.decode(link.record(kept)).summary()


def wait_for_step(link: Any, step: str) -> None:
    while (status := link.status()).step != step:
        assert status.state == "running", status
        link.deadline.sleep(0.01)


@pytest.mark.needs("lid", "trace")
@pytest.mark.parametrize("step", ["capture", "ck"])
def test_opening_the_lid_ends_the_run_and_the_light(rig: Rig, step: str) -> None:
    rig.place("positive")
    with rig.link(SECONDS) as link:
        rig.trace(True)
        sequence = link.start("HIL-LID", "simulated", fields=1)
        wait_for_step(link, step)
        rig.lid(open_=True)
        finish(link)
        result = record_of(link, sequence)
    events = rig.trace(False)
    assert result["status"] == "INVALID"
    assert "LID OPENED" in result["flags"]
    opened = next(event["us"] for event in events if event["what"] == "lid" and event["value"])
    driven = [event for event in events if str(event["what"]).startswith(("led_", "magnet_"))]
    assert any(event["value"] for event in driven if event["us"] < opened)
    assert not [event for event in driven if event["us"] > opened + 10_000 and event["value"]]
    for name in {event["what"] for event in driven}:
        last = [event for event in driven if event["what"] == name][-1]
        assert last["value"] == 0
        assert last["us"] <= opened + 10_000


@pytest.mark.needs("faults")
@pytest.mark.parametrize(
    "led, channel", [("led_470", "her2"), ("led_530", "ck"), ("led_365", "dapi"), ("led_625", "cd45")]
)
def test_a_dead_led_is_never_a_negative(rig: Rig, led: str, channel: str) -> None:
    rig.place("negative")
    rig.fault(led=led, factor=0.0)
    try:
        with rig.link(SECONDS) as link:
            sequence = link.start("HIL-LED", "simulated", fields=1)
            finish(link)
            result = record_of(link, sequence)
    finally:
        rig.fault(led=led, factor=1.0)
    assert result["status"] == "INVALID"
    assert f"LED {channel}" in result["flags"]


@pytest.mark.needs("faults")
def test_an_led_that_dims_between_self_test_and_exposure_is_noticed(rig: Rig) -> None:
    rig.place("positive")
    try:
        with rig.link(SECONDS) as link:
            sequence = link.start("HIL-DIM", "simulated", fields=1)
            wait_for_step(link, "capture")
            rig.fault(led="led_470", factor=0.6)
            finish(link)
            result = record_of(link, sequence)
    finally:
        rig.fault(led="led_470", factor=1.0)
    assert (result["status"], "LED her2" in result["flags"]) == ("INVALID", True)


def test_a_stopped_run_is_invalid(rig: Rig) -> None:
    rig.place("positive")
    with rig.link(SECONDS) as link:
        sequence = link.start("HIL-STOP", "simulated", fields=1)
        wait_for_step(link, "capture")
        link.abort()
        finish(link)
        result = record_of(link, sequence)
    assert result["status"] == "INVALID"
    assert "STOPPED" in result["flags"]


@pytest.mark.needs("power")
def test_a_power_cut_in_a_run_leaves_no_status(rig: Rig) -> None:
    rig.place("positive")
    with rig.link(SECONDS) as link:
        sequence = link.start("HIL-POWER", "simulated", fields=1)
        wait_for_step(link, "capture")
    rig.power(False)
    rig.power(True)
    with rig.link(SECONDS) as link:
        result = record_of(link, sequence)
    assert result["status"] == "INVALID"
    assert "POWER LOST" in result["flags"]


@pytest.mark.needs("trace")
def test_one_light_at_a_time_and_all_dark_at_the_end(rig: Rig) -> None:
    rig.place("positive")
    rig.trace(True)
    with rig.link(SECONDS) as link:
        link.start("HIL-LIGHT", "simulated", fields=1)
        finish(link)
    lights = [event for event in rig.trace(False) if str(event["what"]).startswith("led_")]
    on: set[str] = set()
    seen: list[str] = []
    for event in lights:
        if event["value"]:
            on.add(event["what"])
            seen.append(event["what"])
        else:
            on.discard(event["what"])
        assert len(on) <= 1, lights
    assert not on
    assert {name for name, _ in itertools.groupby(seen)} == {"led_365", "led_470", "led_530", "led_625"}
