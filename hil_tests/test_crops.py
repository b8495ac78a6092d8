"""What the reader keeps of how its CTCs look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rigs import Rig
from rigs.base import SPECIMENS

from host import core
from host.results import Record, Store

pytestmark = pytest.mark.needs("port", "specimen")

PER_FIELD = 24
CENTRE = slice(8, 16)


def stored(store: Path, sequence: int) -> Record:
    with Store(store) as kept:
        return kept.get(sequence)


def rim(pixels: np.ndarray) -> np.ndarray:
    """The outermost pixels of crops [n, side, side]: of them no cell alone in its place fills many."""
    return np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)


def test_crops_show_the_cells(
    rig: Rig, store: Path, host: Callable[..., Any], host_json: Callable[..., Any], tmp_path: Path
) -> None:
    rig.place("positive")
    result = host_json("run", "--sample", "HIL-CROPS", "--fields", "1")
    assert result["status"] == "POSITIVE"
    record = stored(store, result["sequence"])
    assert record.crops is not None
    assert len(record.crops) == min(result["ctc"], PER_FIELD)
    kept = [cell for cell in host_json("results", "show", str(result["sequence"]))["cells"] if cell["crop"]]
    assert len(kept) == len(record.crops) and all(cell["ctc"] for cell in kept)

    pixels = np.array([crop.pixels for crop in record.crops]).astype(float)
    for channel in ("dapi", "ck"):
        seen = pixels[:, CHANNELS[channel]]
        # Each cell lies in the middle of its crop, brighter than what is around it.
        assert (seen[:, CENTRE, CENTRE].mean(axis=(1, 2)) > 2 * np.median(rim(seen), axis=1) + 2).all(), (
            channel
        )
    # By the row's background and maximum the crop is in grey levels again: as bright as was measured.
    for crop in record.crops:
        signal = record.rows["signal"][crop.row]
        grey = crop.grey(signal)[:, 11:13, 11:13].mean(axis=(1, 2))
        above = grey - signal["background"] / 64
        assert above[CHANNELS["ck"]] > 0.5 * signal["mean"][CHANNELS["ck"]] / 64
    # HER2 is from the frame that was measured: a cell whose middle is bright there is one that scores.
    high = np.array([record.rows["score"][crop.row] == 3 for crop in record.crops])
    assert high.any()
    middle = np.array([
        crop.grey(record.rows["signal"][crop.row])[CHANNELS["her2"], CENTRE, CENTRE].mean()
        - record.rows["signal"][crop.row]["background"][CHANNELS["her2"]] / 64
        for crop in record.crops
    ])  # fmt: skip
    if (~high).any():
        assert np.median(middle[high]) > np.median(middle[~high])

    target = tmp_path / "crops.png"
    done = host("results", "crops", str(result["sequence"]), "-o", str(target))
    assert done.returncode == 0, done.stderr
    with Image.open(target) as picture:
        assert picture.width > 500 and picture.height > 20 * len(record.crops)
    assert record.timing["crops"] < 1500


CHANNELS = {"dapi": 0, "ck": 1, "cd45": 2, "her2": 3}


@pytest.mark.needs("trace")
def test_light_for_crops_only_where_there_are_ctcs(rig: Rig) -> None:
    """Dapi, ck and cd45 once more in a field with CTCs, after HER2; in one without any, no light."""
    for name in ("positive", "blank"):
        rig.place(name)
        rig.trace(True)
        with rig.link(180) as link:
            sequence = link.start("HIL-CROPS", "simulated", fields=1)
            while link.status().state == "running":
                link.deadline.sleep(0.2)
            (kept,) = [entry for entry in link.results(after=sequence - 1) if entry.seq == sequence]
            record = Record.decode(link.record(kept))
        events = rig.trace(False)
        capture = next(
            event["us"] for event in events if str(event["what"]).startswith("magnet_") and event["value"]
        )
        lights = [
            str(event["what"])
            for event in events
            if str(event["what"]).startswith("led_") and event["value"] and event["us"] > capture
        ]
        lights = lights[-7:] if name == "positive" else lights[-4:]
        first = ["led_365", "led_530", "led_625", "led_470"]
        assert lights == first + (first[:3] if SPECIMENS[name].ctc else [])
        assert bool(record.crops) == bool(SPECIMENS[name].ctc)
        off = [event for event in events if str(event["what"]).startswith("led_")][-1]
        assert off["value"] == 0


@pytest.mark.needs("lid")
def test_the_lid_opened_for_a_crop_voids_the_run(rig: Rig) -> None:
    """As at any other time, though all was measured."""
    rig.place("positive")
    with rig.link(180) as link:
        sequence = link.start("HIL-CROPS", "simulated", fields=1)
        while (status := link.status()).step not in ("her2", "crops") and status.state == "running":
            link.deadline.sleep(0.02)
        assert status.step in ("her2", "crops"), status
        rig.lid(open_=True)
        while link.status().state == "running":
            link.deadline.sleep(0.2)
        (kept,) = [entry for entry in link.results(after=sequence - 1) if entry.seq == sequence]
        record = Record.decode(link.record(kept))
    assert (record.status, record.crops) == ("INVALID", [])
    assert "LID OPENED" in record.flags


@pytest.mark.needs("button", "power")
def test_a_run_by_the_button_keeps_crops_too(rig: Rig) -> None:
    """One of at most 24 CTCs a field keeps them all: the first 64 of a run have one without a host too."""
    rig.place("positive")
    with rig.link(240) as link:
        before = link.status().last
    rig.press(300)
    with rig.link(240) as link:
        while link.status().last == before or link.status().state == "running":
            link.deadline.sleep(0.3)
        (kept,) = [entry for entry in link.results(after=before) if entry.seq == before + 1]
        record = Record.decode(link.record(kept))
    assert record.status == "POSITIVE" and record.crops is not None
    ctc = record.rows["flags"] & core.FLAG_CTC != 0
    for field in range(record.fields):
        here = record.rows["field"] == field
        assert sum(bool(here[crop.row]) for crop in record.crops) == min(int((ctc & here).sum()), PER_FIELD)
