"""The picture of a result's crops."""

from __future__ import annotations

from pathlib import Path

import click.testing
import numpy as np
import pytest
from PIL import Image

from host.cli import cli
from host.cli.errors import code_of
from host.results import CropsMissing, Record, Store, gallery
from host.tests import format1_builder
from host.tests.results_builder import Parts, crop, encode, record, row, values


def with_crops(count: int = 5, sequence: int = 7) -> bytes:
    """A result with that many CTCs in one field, every one with a crop, the second borderline."""
    scores = [n % 4 for n in range(count)]
    rows = b"".join(
        row(0, score, flags=16 if n == 1 else 0, reach=(1, 2) if n == 1 else None)
        for n, score in enumerate(scores)
    )
    crops = b"".join(crop(n, 3 + n % 12) for n in range(count))
    tally = [scores.count(score) for score in range(4)]
    high = [tally[0], tally[1] - 1, tally[2] + 1, tally[3]]
    sound = values(
        scores, rejected=0, fields=1, sequence=sequence, cells=Parts([rows, crops]), tally_high=high
    )
    sound["flags"] = [flag for flag in sound["flags"] if flag != "BORDERLINE"]
    return encode(sound)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "results.sqlite"
    monkeypatch.setenv("CTC_RESULTS", str(where))
    return where


def run(*words: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(cli, ["results", "crops", *words])


def test_one_scale_for_all_cells() -> None:
    """Of cells alike in their rows, the one with the brighter crop is brighter, in proportion."""
    found = Record.decode(with_crops())
    assert found.crops is not None
    grey = [gallery.above_background(found, one) for one in found.crops]
    assert [round(float(one[1].max())) for one in grey] == [20, 27, 33, 40, 47]
    assert gallery.white_levels(grey).round().tolist() == [47.0] * 4
    assert gallery.white_levels(grey[:1]).tolist() == [40.0] * 4  # noise alone stays dark


def test_colours_of_light_are_added() -> None:
    shares = np.zeros((4, 1, 4))
    shares[1, 0, 1] = shares[2, 0, 3] = 1.0
    shares[[0, 1, 3], 0, 2] = 1.0
    nothing, green, all_but_cd45, white = gallery.together(shares)[0].tolist()
    assert nothing == [0, 0, 0] and white == [255, 255, 255]
    assert green == [0, 166, 0]
    assert all_but_cd45 == [255, 179, 191]  # and so not what CD45 looks like


@pytest.mark.parametrize(("count", "blocks"), [(4, 1), (32, 1), (33, 2), (128, 4)])
def test_every_crop_has_its_row(count: int, blocks: int) -> None:
    image = np.asarray(gallery.picture(Record.decode(with_crops(count))).convert("L")).astype(int)
    # Tiles are the only dark areas; count those of one column of tiles by their left edges.
    dark = image < 12
    left = gallery._MARGIN + gallery._TEXT
    rows = 0
    for block in range(blocks):
        column = dark[:, left + block * gallery._BLOCK + 2]
        rows += int((np.diff(column.astype(int)) == 1).sum())
    assert rows == count


def test_the_command_writes_a_picture(path: Path, tmp_path: Path) -> None:
    with Store(path) as store:
        store.add(with_crops())
    target = tmp_path / "crops.png"
    done = run("7", "-o", str(target))
    assert done.exit_code == 0 and done.stdout == f"{target}: 5 CTCs.\n"
    with Image.open(target) as picture:
        assert picture.format == "PNG"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["crops.png", "results.sqlite"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (format1_builder.record(sequence=7), "format 1"),
        (record([], sequence=7), "it has no CTC"),
        (record(sequence=7), "none was kept"),
    ],
)
def test_a_result_without_crops_says_why(path: Path, tmp_path: Path, data: bytes, says: str) -> None:
    with Store(path) as store:
        store.add(data)
    done = run("7", "-o", str(tmp_path / "crops.png"))
    assert done.exit_code == code_of(CropsMissing("")) == 29
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "crops.png").exists()


def test_a_place_that_cannot_be_written(path: Path, tmp_path: Path) -> None:
    with Store(path) as store:
        store.add(with_crops())
    done = run("7", "-o", str(tmp_path / "none" / "crops.png"))
    assert done.exit_code == code_of(OSError()) and "none/crops.png" in done.stderr
    assert run("8", "-o", str(tmp_path / "crops.png")).exit_code == 19
    assert run("7").exit_code == 2
