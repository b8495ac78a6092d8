"""The calibrations find what was put in, and refuse what is not good enough, with the reason."""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from host import board, core
from host.bench.expose import expose
from host.calibration import CalibrationError, CalibrationRefused, beads, flat, identity, report, spillover
from host.calibration import frames as files
from host.calibration import lot as lots
from host.calibration.cluster import split, trim
from host.calibration.frames import CHANNELS
from host.calibration.limits import judge
from host.imaging import Optics
from host.specimen import SpecimenError
from host.specimen.standards import prepare_standard

LOT_FILE = Path(beads.__file__).with_name("virtual-beads.toml")
LOT = lots.load(LOT_FILE)
CUTOFFS = core.Config.default().score_min


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("standards")


def rows_of(path: Path, seed: int = 1) -> NDArray[np.void]:
    reader = core.Core()
    fields = [
        reader.analyse_field(n, enumerate(frames)) for n, frames in enumerate(expose(path, seed))
    ]  # fmt: skip
    return np.concatenate(fields)


@cache
def bead_rows(folder: Path, response: float = 1.0, seed: int = 1) -> NDArray[np.void]:
    name = folder / f"beads-{response}-{seed}.npz"
    return rows_of(prepare_standard(name, beads=LOT_FILE, seed=seed, response=response))


@pytest.mark.parametrize(("response", "seed"), [(1.0, 1), (0.85, 3), (1.2, 4)])
def test_beads_give_the_line_of_the_instrument(folder: Path, response: float, seed: int) -> None:
    """100 MESF/um2 a grey level over the whole bead; its body is 8 to 14 % larger, with less light."""
    found = beads.calibrate(bead_rows(folder, response, seed), LOT, CUTOFFS)
    judge("The bead calibration", list(found.checks))
    assert [level.level.name for level in found.levels] == ["blank", "1", "2", "3", "4", "5"]
    assert all(len(level.beads) >= 20 for level in found.levels)
    assert abs(found.line.slope - 1.0) < 0.03
    at_20 = 2.0**found.line.offset * 20.0**found.line.slope
    assert 1.08 < at_20 * response / 2000.0 < 1.18
    config = found.apply(core.Config.default(), "x")
    assert config.pack()
    for level in found.levels[1:]:
        assert config.mesf(round(level.net * 64)) == pytest.approx(level.mesf_um2, rel=0.06)
    assert config.line_low <= CUTOFFS[0] and config.line_high >= CUTOFFS[2]


def changed_lot(tmp_path: Path, old: str, new: str) -> lots.Lot:
    text = LOT_FILE.read_text()
    assert old in text
    path = tmp_path / "lot.toml"
    path.write_text(text.replace(old, new))
    return lots.load(path)


def without(lot: lots.Lot, name: str) -> lots.Lot:
    return replace(lot, levels=tuple(level for level in lot.levels if level.name != name))


def refusal(rows: NDArray[np.void], lot: lots.Lot, score_min: tuple[int, int, int] = CUTOFFS) -> str:
    with pytest.raises(CalibrationRefused) as caught:
        judge("The bead calibration", list(beads.calibrate(rows, lot, score_min).checks))
    text = str(caught.value)
    assert text.startswith("The bead calibration is refused: ") and "\n" not in text
    return text


def test_bad_bead_calibrations_are_refused(folder: Path, tmp_path: Path) -> None:
    rows = bead_rows(folder)
    assert "off the line" in refusal(rows, changed_lot(tmp_path, "200000", "270000"))
    assert "single whole beads" in refusal(rows[:50], LOT)
    assert "single whole beads" in refusal(rows[:0], LOT)
    assert "too large" in refusal(rows, replace(LOT, diameter_um=4.0))
    assert "cut-offs" in refusal(rows, LOT, (900, 2700, 70000))
    assert "cut-offs" in refusal(rows, LOT, (90, 2700, 7000))
    two = without(without(LOT, "4"), "5")
    top = beads.means_of(rows) < 40.0
    assert "a line needs 4" in refusal(rows[top], two)
    steep = tuple(replace(level, mesf=level.mesf**1.2) for level in LOT.levels)
    assert "slope is 1." in refusal(rows, replace(LOT, levels=steep))


def test_levels_that_are_not_the_lots_are_refused(folder: Path) -> None:
    rows = bead_rows(folder)
    grey = beads.means_of(rows)
    missing = rows[(grey < 24) | (grey > 50)]
    assert "cannot be told apart" in refusal(missing, LOT) or "has" in refusal(missing, LOT)
    assert refusal(rows, without(LOT, "3"))
    rng = np.random.default_rng(1)
    smeared = rows.copy()
    smeared["signal"]["mean"][:, 3] = rng.uniform(0, 90 * 64, len(rows)).astype(int)
    assert "told apart" in refusal(smeared, LOT) or "beads and needs" in refusal(smeared, LOT)


def test_beads_that_do_not_count(folder: Path) -> None:
    """Doublets, edges, saturated objects and dirt are left out by name, and do not move the line."""
    rows = bead_rows(folder)
    clean = beads.calibrate(rows, LOT, CUTOFFS)
    more = rows.copy()
    more["flags"][:5] |= core.FLAG_EDGE
    more["flags"][5:9] |= core.FLAG_SATURATED
    for name in ("area", "body"):  # the same light per area
        more[name][9:12] = 20
        more[name][12:14] = 400
    more["perimeter"][14:16] = 100
    found = beads.calibrate(more, LOT, CUTOFFS)
    assert found.left_out == {
        "at the edge": 5, "saturated": 4, "too small": 3, "too large": 2, "not round": 2,
    }  # fmt: skip
    assert found.line.offset == pytest.approx(clean.line.offset, abs=0.03)


def test_a_few_strangers_do_not_move_the_line(folder: Path) -> None:
    rows = bead_rows(folder).copy()
    clean = beads.calibrate(rows, LOT, CUTOFFS)
    rows["signal"]["mean"][:3, 3] = [506, 1100, 2430]
    found = beads.calibrate(rows, LOT, CUTOFFS)
    assert found.line.offset == pytest.approx(clean.line.offset, abs=0.03)
    assert len(found.outliers) >= 1


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=1, max_size=9), st.integers(1, 4), st.randoms())
def test_the_split_is_the_best_there_is(values: list[int], k: int, random: Any) -> None:
    if k > len(values):
        with pytest.raises(ValueError):
            split(np.array(values, float), k)
        return
    random.shuffle(values)
    x = np.array(values, float)
    groups = split(x, k)
    assert sorted(np.concatenate(groups)) == list(range(len(x)))
    best = min(
        sum(float(np.var(part) * len(part)) for part in np.split(np.sort(x), cuts))
        for cuts in combinations(range(1, len(x)), k - 1)
    )
    assert sum(float(np.var(x[group]) * len(group)) for group in groups) == pytest.approx(best, abs=1e-6)
    assert all(x[a].max() <= x[b].min() for a, b in pairwise(groups))


def test_trim() -> None:
    assert list(trim(np.array([1.0, 1.1, 0.9, 1.05, 5.0]), 4.0)) == [True] * 4 + [False]
    assert trim(np.full(4, 2.0), 4.0).all()


def test_the_flat_field_is_the_light(folder: Path) -> None:
    path = prepare_standard(folder / "flat.npz", flat=True, seed=5)
    frames = expose(path, 2)
    found = flat.measure(frames[..., : files.IMAGE])
    judge("The flat field", list(found.checks))
    truth = Optics.of(board.load(), "SIMULATED").uneven.astype(float)
    for channel in range(4):
        expected = flat._tiles(truth[channel]) / truth[channel].mean()
        assert np.abs(found.response[channel] - expected).max() < 0.002
    config = found.apply(core.Config.default(), "x")
    assert config.flat[0][0] == pytest.approx(4096 * found.response[0, 0, 0], abs=1)
    assert core.Config.unpack(config.pack()) == config


def test_bad_flat_fields_are_refused(folder: Path) -> None:
    frames = expose(prepare_standard(folder / "flat2.npz", flat=True, fields=4), 2)[..., : files.IMAGE]
    dim = frames.copy()
    dim[:, 1:] = dim[:, :1]
    gap = frames.copy()
    gap[:, 4, :61, :64] = gap[:, 0, :61, :64]
    moved = frames.copy()
    moved[0, 2, :61, :64] = moved[0, 2, :61, :64] * 0.9
    for bad, said in ((frames[:3], "3 frames"), (dim, "grey levels above dark"), (gap, "her2 has"),
                      (moved, "from frame to frame")):  # fmt: skip
        with pytest.raises(CalibrationRefused, match=said):
            judge("The flat field", list(flat.measure(bad).checks))


@cache
def stained(folder: Path, dye: str) -> files.Frames:
    path = prepare_standard(folder / f"{dye}.npz", stain=dye, fields=2)
    return expose(path, 3)[..., : files.IMAGE]


def test_the_spillover_is_the_boards(folder: Path) -> None:
    from host import board

    rows = board.load()["optics"]["spillover"]
    truth = np.array([[rows[channel][dye] for dye in CHANNELS] for channel in CHANNELS])
    found = spillover.measure({dye: stained(folder, dye) for dye in CHANNELS})
    judge("The spillover matrix", list(found.checks))
    assert np.abs(found.share - truth).max() < 0.002
    wide = np.abs(found.share - truth) > 4.0 * found.uncertainty + 3e-4
    assert not wide.any(), found.share - truth
    config = found.apply(core.Config.default(), "x")
    assert core.Config.unpack(config.pack()) == config
    assert config.spillover[3][1] == pytest.approx(0.03 * 65536, abs=100)


def test_bad_controls_are_refused(folder: Path) -> None:
    good = {dye: stained(folder, dye) for dye in CHANNELS}
    empty = good["ck"].copy()
    empty[:, 2] = empty[:, 3]
    double = good["ck"].copy()
    double[:, 4] = double[:, 2]
    for bad, said in (({"ck": good["ck"][:, :, :20]}, "are needed"), ({"ck": empty}, "are needed"),
                      ({"ck": double}, "is read in her2")):  # fmt: skip
        with pytest.raises(CalibrationRefused, match=said):
            judge("The spillover matrix", list(spillover.measure({**good, **bad}).checks))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mesf = 0\n", "mesf = 5\n", "the blank"),
        ("mesf = 90000", "mesf = 40000", "the same mesf"),
        ("mesf = 90000", 'mesf = "many"', "give a number"),
        ("mesf = 90000", "mefs = 90000", "exactly mesf, name"),
        ('lot = "VIRTUAL1"', 'lot = "VIRTUAL1234"', "1 to 9 letters"),
        ('lot = "VIRTUAL1"', 'lot = "PROVISIO"', "from the data sheet"),
        ("expires = 2099-12-31", 'expires = "soon"', "no date"),
        ("diameter_um = 8.0", "diameter_um = 800", "give a number from 2"),
        ("format = 1", "format = 2", "format 1"),
        ("product =", "produkt =", "no 'produkt'"),
        ("[[level]]", "[[level", "not TOML"),
    ],
)
def test_a_lot_that_cannot_be_used(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(CalibrationError, match=re.escape(said)):
        changed_lot(tmp_path, old, new)


def test_frames_that_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "frames.npz"
    for array in (np.zeros((1, 5, 244, 316), np.uint8), np.zeros((0, 5, 244, 324), np.uint8),
                  np.zeros((1, 5, 244, 324), np.uint16)):  # fmt: skip
        np.savez(path, frames=array)
        with pytest.raises(CalibrationError, match="give uint8"):
            files.load(path)
    path.write_bytes(b"no frames")
    with pytest.raises(CalibrationError, match="no set of frames"):
        files.load(path)
    files.save(path, np.zeros((2, 5, 244, 324), np.uint8))
    assert files.load(path).shape == (2, 5, 244, 316)


def test_standards_that_cannot_be_made(tmp_path: Path) -> None:
    for wishes in ({}, {"flat": True, "stain": "ck"}, {"stain": "fitc"}, {"flat": True, "fields": 17}):
        with pytest.raises(SpecimenError):
            prepare_standard(tmp_path / "x.npz", **wishes)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_ids() -> None:
    config = replace(core.Config.default(), line_offset=440000)
    day = datetime.date(2026, 7, 12)
    of_beads = identity.on_beads(config, "LOT-56789", day)
    assert re.fullmatch(r"LOT-56789-20260712-[0-9a-f]{4}", of_beads)
    assert replace(config, calibration=of_beads).pack()
    assert identity.on_beads(replace(config, line_slope=65000), "LOT-56789", day) != of_beads
    assert identity.on_beads(replace(config, calibration="other"), "LOT-56789", day) == of_beads
    assert identity.without_beads(config).startswith(core.PROVISIONAL)


def test_the_report(folder: Path, tmp_path: Path) -> None:
    found = beads.calibrate(bead_rows(folder), LOT, CUTOFFS)
    files_made = report.write(
        report.beads_table(found), report.beads_figure(found, "title"), tmp_path / "deep" / "a.b"
    )
    assert [file.name for file in files_made] == ["a.b.json", "a.b.png"]
    table = json.loads(files_made[0].read_text())
    assert table["levels"][3]["mesf_per_bead"] == 200000
    assert table["levels"][0]["cv"] is None
    assert all(check["ok"] for check in table["checks"])
    assert files_made[1].read_bytes().startswith(b"\x89PNG")
