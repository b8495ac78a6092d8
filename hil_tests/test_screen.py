"""The display: the glass shows what the reader says it shows, and the words are the result's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rigs import Rig

pytestmark = pytest.mark.needs("port", "screen")


def seen(rig: Rig) -> np.ndarray:
    """What is on the glass, uint8 [128, 160, 3]."""
    return np.frombuffer(rig.glass(), np.uint8).reshape(128, 160, 3)


def said(rig: Rig) -> np.ndarray:
    """What the reader says is there, uint8 [128, 160, 3]."""
    with rig.link() as link:
        screen = link.screen()
    assert (screen.width, screen.height) == (160, 128)
    return np.frombuffer(screen.rgb(), np.uint8).reshape(128, 160, 3)


@pytest.mark.needs("glass")
def test_the_glass_shows_what_the_reader_says(rig: Rig) -> None:
    glass, reader = seen(rig), said(rig)
    # RGB565 keeps 5, 6 and 5 bits of each colour.
    assert np.abs(glass.astype(int) - reader.astype(int)).max() <= 8
    assert len(np.unique(glass.reshape(-1, 3), axis=0)) > 2


@pytest.mark.needs("glass", "lid")
def test_an_open_lid_changes_the_page_and_a_closed_one_brings_it_back(rig: Rig) -> None:
    before = said(rig)
    rig.lid(open_=True)
    with rig.link() as link:
        while link.status().state != "lid open":
            link.deadline.sleep(0.2)
    opened = said(rig)
    assert (opened != before).any()
    assert np.abs(seen(rig).astype(int) - opened.astype(int)).max() <= 8
    rig.lid(open_=False)
    with rig.link() as link:
        while link.status().state == "lid open":
            link.deadline.sleep(0.2)


@pytest.mark.needs("specimen")
def test_statuses_look_different(rig: Rig, host_json: Callable[..., Any]) -> None:
    pages = {}
    for name in ("positive", "negative", "blank"):
        rig.place(name)
        host_json("run", "--sample", "HIL-PAGE", "--fields", "1")
        pages[name] = said(rig)
    for one, other in (("positive", "negative"), ("negative", "blank"), ("positive", "blank")):
        # Not by colour alone: the words differ when every pixel is made black or white.
        a, b = (pages[name].astype(int).sum(axis=2) > 200 for name in (one, other))
        assert (a != b).sum() > 100, (one, other)


def test_screen_command_writes_the_picture(rig: Rig, host: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "screen.png"
    done = host("screen", "-o", str(target))
    assert done.returncode == 0, done.stderr
    with Image.open(target) as picture:
        assert picture.size == (160, 128)
        assert (np.asarray(picture.convert("RGB")) == said(rig)).all()


def test_screen_command_leaves_nothing_where_it_cannot_write(
    rig: Rig, host: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = host("screen", "-o", str(tmp_path / "file" / "screen.png"))
    assert done.returncode == 24
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
