"""Which CTCs have a crop, and how crops lie in the buffer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from reader.crops import BYTES, FIRST, PER_FIELD, PER_RUN, Crops, most

from host import core
from host.results import crops as decoded

CTC, OPEN, OTHER = core.FLAG_CTC, core.FLAG_CTC | core.FLAG_BORDERLINE, core.FLAG_EDGE

Chosen = Callable[[Crops, list[int]], list[int]]


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Chosen:
    """Return the numbers that a field with these flags gets crops of."""

    def of(crops: Crops, flags: list[int]) -> list[int]:
        monkeypatch.setattr(core, "object_flags", flags.__getitem__, raising=False)
        assert crops.choose(len(flags)) * BYTES == len(crops.data())
        found = decoded.unpack(bytes(crops.data()), 0, max(len(flags), 1), broken_off=False)
        return [crop.row for crop in found]

    return of


def test_ctcs_alone_have_crops(chosen: Chosen) -> None:
    crops = Crops(PER_RUN, True)
    assert chosen(crops, [OTHER, CTC, 0, OPEN, CTC, OTHER]) == [1, 3, 4]
    assert chosen(crops, [OTHER] * 9) == []
    assert chosen(crops, []) == []
    assert chosen(crops, [0] * 127 + [CTC]) == [127]


def test_borderline_ones_come_first_in_a_full_field(chosen: Chosen) -> None:
    flags = [CTC] * 30 + [OPEN] * 5 + [CTC] * 5
    assert chosen(Crops(PER_RUN, True), flags) == [*range(PER_FIELD - 5), *range(30, 35)]
    assert chosen(Crops(PER_RUN, True), [CTC] * 100 + [OPEN] * 28) == list(range(100, 100 + PER_FIELD))


def test_without_a_host_the_first_and_every_borderline_one(chosen: Chosen) -> None:
    crops = Crops(PER_RUN, False)
    for _ in range(3):
        assert chosen(crops, [CTC] * 20) == list(range(20))
    # 60 so far: four more, and borderline ones wherever they are.
    assert chosen(crops, [OTHER, OPEN, CTC, CTC, CTC, CTC, OPEN, CTC]) == [1, 2, 3, 4, 6]
    assert chosen(crops, [CTC] * 20) == []
    assert chosen(crops, [CTC, OPEN, CTC]) == [1]
    assert FIRST == 64


def test_ctcs_that_had_no_room_count_towards_the_first(chosen: Chosen) -> None:
    crops = Crops(PER_RUN, False)
    assert len(chosen(crops, [CTC] * 70)) == PER_FIELD
    assert chosen(crops, [CTC] * 3) == []


def test_a_run_has_so_many_and_no_more(chosen: Chosen) -> None:
    crops = Crops(PER_RUN, True)
    counts = [len(chosen(crops, [CTC] * 25)) for _ in range(7)]
    assert counts == [24, 24, 24, 24, 24, 8, 0] and sum(counts) == PER_RUN
    assert [most(fields) for fields in (1, 4, 5, 6, 16)] == [24, 96, 120, 128, 128]


def test_a_run_for_which_there_is_no_room_has_none(chosen: Chosen) -> None:
    assert chosen(Crops(0, True), [CTC, OPEN]) == []


def test_a_crop_is_what_the_core_makes_of_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cells through the whole core; each channel's crop is taken from a frame taken again."""
    reader = core.Core()
    for name in ("object_flags", "crop"):
        monkeypatch.setattr(core, name, getattr(reader, name), raising=False)
    frames = np.full((5, core.HEIGHT, core.WIDTH), 20, np.uint8)
    for channel, level in ((core.DAPI, 90), (core.CK, 110), (core.HER2, 130)):
        for at in (60, 160):
            frames[channel, at : at + 12, at : at + 12] = level
    cells = reader.analyse_field(0, list(enumerate(frames)))
    assert list(cells["flags"] & core.FLAG_CTC) == [1, 1]
    crops = Crops(PER_RUN, True)
    assert crops.choose(len(cells)) == 2
    for channel in (core.HER2, core.DAPI, core.CK, core.CD45):
        reader.pixels[:] = frames[channel]
        crops.take(channel)
    found = decoded.unpack(bytes(crops.data()), 0, len(cells), broken_off=False)
    square = np.zeros((core.CROP_SIDE, core.CROP_SIDE), np.uint8)
    square[6:18, 6:18] = 15
    for crop, cell in zip(found, cells, strict=True):
        assert (crop.pixels[[0, 1, 3]] == square).all() and not crop.pixels[2].any()
        assert crop.grey(cell["signal"])[:, 12, 12].tolist() == [90.0, 110.0, 20.0, 130.0]
