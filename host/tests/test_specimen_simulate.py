"""The simulated specimen: the same from the same seed, and its truth is what the image shows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from host.specimen import Specimen, SpecimenError, load, parameters, prepare, save, simulate
from host.specimen.cells import CTC, DEBRIS, HER2_CV, HER2_LEVEL, LEUKOCYTE, SCORES, Body
from host.specimen.geometry import CHANNELS, geometry
from host.specimen.render import OUTLINE, render

SIZE = geometry()


@pytest.fixture(scope="module")
def specimen() -> Specimen:
    return simulate(parameters(11))


def truth(specimen: Specimen, *kinds: str) -> list[dict[str, Any]]:
    return [body for body in specimen.meta["truth"] if body["class"] in kinds]


def body(**changes: Any) -> Body:
    whole: dict[str, Any] = {
        "kind": CTC,
        "diameter": 12.0,
        "elongation": 1.0,
        "angle": 0.0,
        "nucleus": 0.6,
        "dapi": 100.0,
        "ck": 90.0,
        "cd45": 2.0,
        "her2": 110.0,
        "x": 50.0,
        "y": 40.0,
    }
    return Body(**{**whole, **changes})


def test_shape_and_channels_are_the_boards(specimen: Specimen) -> None:
    assert specimen.fields.shape == (SIZE.fields, 4, 244, 316)
    assert specimen.fields.dtype == np.float32
    assert specimen.meta["channels"] == ["dapi", "ck", "cd45", "her2"] == list(CHANNELS)
    assert specimen.spillover_included is False


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first = prepare(tmp_path / "a.npz", simulate=5, fields=2).read_bytes()
    again = prepare(tmp_path / "b.npz", simulate=5, fields=2).read_bytes()
    other = prepare(tmp_path / "c.npz", simulate=6, fields=2).read_bytes()
    assert first == again
    assert first != other


def test_more_leukocytes_do_not_move_a_ctc() -> None:
    few, many = (truth(simulate(parameters(5, leukocytes=n)), CTC) for n in (0, 300))
    assert few == many


@pytest.mark.parametrize(
    ("ctc", "share", "three_plus"), [(20, 0.4, 8), (20, 0.0, 0), (7, 1.0, 7), (10, 0.3, 3), (0, 0.4, 0)]
)
def test_counts_and_the_share_of_3plus_are_met(ctc: int, share: float, three_plus: int) -> None:
    made = simulate(parameters(2, ctc=ctc, her2=share, leukocytes=30, fields=2))
    counts = Counter(cell["her2_level"] for cell in truth(made, CTC))
    assert sum(counts.values()) == ctc
    assert counts["3+"] == three_plus
    assert len(truth(made, LEUKOCYTE)) == 30
    assert all(cell["her2_level"] is None for cell in truth(made, LEUKOCYTE, *DEBRIS))


def test_sizes_are_those_of_blood_and_not_of_cell_lines() -> None:
    made = simulate(parameters(1, ctc=300, leukocytes=600, fields=16))
    ctc, white = (np.array([cell["diameter_um"] for cell in truth(made, kind)]) for kind in (CTC, LEUKOCYTE))
    assert 11.9 < np.median(ctc) < 12.9
    assert 9.2 < np.median(white) < 9.6
    assert np.std(ctc) > 1.0


def test_her2_levels_stay_inside_the_cut_offs() -> None:
    cut_offs = (0.0, 9.0, 27.0, 70.0, 255.0)
    for level, centre in enumerate(HER2_LEVEL):
        low, high = centre * (1 - 2 * HER2_CV), centre * (1 + 2 * HER2_CV)
        assert cut_offs[level] * 1.2 < low < high < cut_offs[level + 1] / 1.2


def test_bodies_lie_whole_and_apart(specimen: Specimen) -> None:
    for number in range(SIZE.fields):
        cells = [cell for cell in specimen.meta["truth"] if cell["field"] == number]
        places = np.array([(cell["x_um"], cell["y_um"]) for cell in cells])
        radii = np.array([cell["diameter_um"] / 2 for cell in cells])
        assert (places - radii[:, None] > 0).all()
        assert (places + radii[:, None] < (SIZE.width - 1, SIZE.height - 1)).all()
        apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) - radii[:, None] - radii[None]
        assert apart[~np.eye(len(cells), dtype=bool)].min() > 3.0


def test_touching_leukocytes_lie_rim_to_rim_against_ctcs() -> None:
    made = simulate(parameters(3, ctc=6, leukocytes=6, fields=2, touching=6))
    for white in truth(made, LEUKOCYTE):
        gaps = [
            np.hypot(white["x_um"] - ctc["x_um"], white["y_um"] - ctc["y_um"])
            - (white["diameter_um"] + ctc["diameter_um"]) / 2
            for ctc in truth(made, CTC)
            if ctc["field"] == white["field"]
        ]
        assert min(np.abs(gaps)) < 0.01


def test_a_crowded_field_still_holds_every_body() -> None:
    made = simulate(parameters(4, ctc=5, leukocytes=900, fields=1))
    assert len(made.meta["truth"]) >= 905


@pytest.mark.parametrize("place", [(50.0, 40.0), (50.25, 40.5), (50.49, 39.51)])
def test_a_rendered_cell_keeps_its_light_and_its_place(place: tuple[float, float]) -> None:
    cell = body(x=place[0], y=place[1])
    patch, column, row = render(cell, SIZE.um_per_pixel)
    area = np.pi * cell.diameter**2 / 4
    assert patch[1].sum() == pytest.approx(cell.ck * area, rel=0.01)
    assert patch[2].sum() == pytest.approx(cell.cd45 * area, rel=0.01)
    assert patch[0].sum() == pytest.approx(cell.dapi * area * cell.nucleus, rel=0.01)
    for channel in patch:
        y, x = np.indices(channel.shape)
        assert (channel * x).sum() / channel.sum() + column == pytest.approx(cell.x, abs=0.02)
        assert (channel * y).sum() / channel.sum() + row == pytest.approx(cell.y, abs=0.02)


@pytest.mark.parametrize("diameter", [8.5, 12.0, 19.0])
def test_her2_is_the_mean_over_what_can_be_outlined(diameter: float) -> None:
    patch, _, _ = render(body(diameter=diameter, elongation=1.25, angle=0.7), SIZE.um_per_pixel)
    outline = (patch[0] >= OUTLINE) | (patch[1] >= OUTLINE)
    assert patch[3][outline].mean() == pytest.approx(110.0)
    assert patch[3].max() < 215.0  # with dark level, haze and noise still below 255


def test_her2_is_brighter_at_the_membrane_and_ck_is_not() -> None:
    patch, _, _ = render(body(diameter=16.0), SIZE.um_per_pixel)
    middle = patch.shape[1] // 2
    centre, rim = patch[:, middle, middle], patch[:, middle, middle + 7]
    assert rim[3] > 1.1 * centre[3]
    assert rim[1] < 1.2 * centre[1]
    assert rim[0] < 0.3 * centre[0]  # the nucleus ends before the rim


def test_truth_is_where_the_image_is_bright(specimen: Specimen) -> None:
    """Signal above the haze, with the optics' unevenness, is the cell's own within 15 % at its centre."""
    planes = specimen.fields - np.median(specimen.fields, axis=(2, 3), keepdims=True)
    for cell in truth(specimen, CTC):
        disc = _disc(cell, radius=cell["diameter_um"] / 2)
        measured = planes[cell["field"]][:, disc]
        flux = measured[1].sum()  # the PSF carries some light out of the disc
        assert 0.6 * cell["ck"] * disc.sum() < flux < 1.15 * cell["ck"] * disc.sum()
        assert measured[3].mean() == pytest.approx(cell["her2"] * 1.35, rel=0.35, abs=4.0)
        assert measured[2].mean() < 10.0


def _disc(cell: dict[str, Any], radius: float) -> NDArray[np.bool_]:
    y, x = np.indices((SIZE.height, SIZE.width))
    inside: NDArray[np.bool_] = np.hypot(x - cell["x_um"], y - cell["y_um"]) <= radius
    return inside


def test_background_is_haze_with_slow_changes_only(specimen: Specimen) -> None:
    for field in specimen.fields:
        for plane in field:
            assert 1.5 < np.median(plane) < 20.0
    empty = simulate(parameters(8, ctc=0, leukocytes=0, fields=1))
    bodies = truth(empty, *DEBRIS)
    away = ~np.any([_disc(cell, 25.0) for cell in bodies], axis=0)
    for plane in empty.fields[0]:
        steps = np.abs(np.diff(plane, axis=1))[away[:, 1:] & away[:, :-1]]
        assert 0.0 < steps.max() < 0.3


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"ctc": -1}, "--ctc"),
        ({"ctc": 5001}, "--ctc"),
        ({"leukocytes": -5}, "--leukocytes"),
        ({"her2": 1.01}, "--her2"),
        ({"her2": float("nan")}, "--her2"),
        ({"fields": 0}, "--fields"),
        ({"fields": 17}, "16"),
        ({"touching": 3, "ctc": 0}, "touching"),
        ({"simulate": -1}, "seed"),
    ],
)
def test_impossible_wishes_are_one_sentence(tmp_path: Path, wish: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecimenError) as refused:
        prepare(tmp_path / "s.npz", **{"simulate": 1, **wish})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_exactly_one_source(tmp_path: Path) -> None:
    for both in ({}, {"simulate": 1, "file": Path("x.tif")}):
        with pytest.raises(SpecimenError, match="one of the two"):
            prepare(tmp_path / "s.npz", **both)  # type: ignore[arg-type]


def test_what_is_saved_is_what_is_loaded(tmp_path: Path, specimen: Specimen) -> None:
    path = save(specimen, tmp_path / "deep" / "s.npz")
    back = load(path)
    assert np.array_equal(back.fields, specimen.fields)
    assert back.meta == specimen.meta
    assert [item.name for item in path.parent.iterdir()] == ["s.npz"]
    with np.load(path, allow_pickle=False) as archive:
        assert json.loads(str(archive["meta"]))["parameters"]["seed"] == 11
        assert set(SCORES) >= {cell["her2_level"] for cell in json.loads(str(archive["meta"]))["truth"]} - {
            None
        }


def test_what_is_no_specimen_is_refused(tmp_path: Path, specimen: Specimen) -> None:
    whole = save(specimen, tmp_path / "s.npz").read_bytes()
    wrong = tmp_path / "wrong.npz"
    with pytest.raises(SpecimenError, match="check the name"):
        load(wrong)
    for data in (b"", b"PK\x03\x04nonsense", whole[: len(whole) // 2]):
        wrong.write_bytes(data)
        with pytest.raises(SpecimenError):
            load(wrong)
    np.savez(wrong, fields=specimen.fields[:, :3], meta=np.array(json.dumps(specimen.meta)))
    with pytest.raises(SpecimenError, match="planes"):
        load(wrong)
    with pytest.raises(SpecimenError, match="not numbers"):
        save(Specimen(specimen.fields * np.float32("nan"), specimen.meta), wrong)
    with pytest.raises(SpecimenError, match="negative"):
        save(Specimen(specimen.fields - np.float32(100.0), specimen.meta), wrong)
