"""The simulated specimen: the same from the same seed, and its truth is what the image shows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import KDTree

from host.specimen import Specimen, SpecimenError, load, parameters, prepare, save, simulate
from host.specimen.cells import CTC, DEBRIS, HER2_CV, HER2_LEVEL, LEUKOCYTE, SCORES, Body
from host.specimen.geometry import CHANNELS, geometry
from host.specimen.render import blur_sigma, render

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


def near(body: dict[str, Any], others: list[dict[str, Any]], reach: float) -> int:
    """Count the others whose centres lie within ``reach`` um of a body's."""
    return sum(
        other["field"] == body["field"]
        and np.hypot(other["x_um"] - body["x_um"], other["y_um"] - body["y_um"]) <= reach
        for other in others
    )


@pytest.mark.parametrize(("number", "share"), [(1000, 0.20), (5000, 0.67), (10000, 0.89)])
def test_neighbours_of_carried_over_leukocytes_follow_from_density(number: int, share: float) -> None:
    """Published share of cells with a neighbour within 9.4 um, for so many in 16 fields of 1.26 mm2."""
    made = simulate(parameters(21, ctc=0, carry_over=number, fields=16, debris=0))
    white = truth(made, LEUKOCYTE)
    assert len(white) == number
    places = np.array([(cell["field"] * 1e6 + cell["x_um"], cell["y_um"]) for cell in white])
    inside = [
        n
        for n, cell in enumerate(white)
        if 9.4 < cell["x_um"] < SIZE.width - 9.4 and 9.4 < cell["y_um"] < SIZE.height - 9.4
    ]
    tree = KDTree(places)
    with_neighbour = np.mean([len(tree.query_ball_point(places[n], 9.4)) > 1 for n in inside])
    assert with_neighbour == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(inside)) + 0.01)


def test_carry_over_is_the_image_of_its_truth() -> None:
    made = simulate(parameters(22, ctc=0, carry_over=40, fields=1, debris=0))
    empty = simulate(parameters(22, ctc=0, leukocytes=0, fields=1, debris=0))
    light = made.fields[0] - empty.fields[0]
    white = truth(made, LEUKOCYTE)
    alone = [
        cell
        for cell in white
        if near(cell, white, 22.0) == 1
        and 12 < cell["x_um"] < SIZE.width - 12
        and 12 < cell["y_um"] < SIZE.height - 12
    ]
    assert len(alone) >= 10
    for cell in alone:
        y, x = np.indices(light.shape[1:])
        disc = np.hypot(x - cell["x_um"], y - cell["y_um"]) <= 11.0
        total = light[2][disc].sum()
        assert total == pytest.approx(cell["cd45"] * np.pi / 4 * cell["diameter_um"] ** 2, rel=0.02)
        assert (light[2] * x)[disc].sum() / total == pytest.approx(cell["x_um"], abs=0.1)
        assert (light[2] * y)[disc].sum() / total == pytest.approx(cell["y_um"], abs=0.1)


def test_carry_over_moves_no_ctc_and_takes_the_place_of_leukocytes_apart() -> None:
    without, with_ = (simulate(parameters(5, carry_over=n)) for n in (0, 200))
    assert truth(without, CTC) == truth(with_, CTC)
    assert len(truth(with_, LEUKOCYTE)) == 200


@pytest.mark.parametrize("size", [2, 4])
def test_ctcs_of_a_cluster_touch(size: int) -> None:
    tumour = truth(simulate(parameters(6, ctc=8, leukocytes=0, cluster=size, debris=0)), CTC)
    for cell in tumour:
        gaps = [
            np.hypot(cell["x_um"] - other["x_um"], cell["y_um"] - other["y_um"])
            - (cell["diameter_um"] + other["diameter_um"]) / 2
            for other in tumour
            if other is not cell and other["field"] == cell["field"]
        ]
        assert min(np.abs(gaps)) < 0.01


@pytest.mark.parametrize("diameter", [8.0, 20.0])
def test_diameter_is_the_median_of_the_ctcs(diameter: float) -> None:
    sizes = [cell["diameter_um"] for cell in truth(simulate(parameters(7, ctc=60, diameter=diameter)), CTC)]
    assert np.median(sizes) == pytest.approx(diameter, rel=0.03)
    assert max(sizes) <= 1.1 * diameter + 0.001


def test_factors_dim_the_ctcs_and_leave_scores_and_places() -> None:
    bright = truth(simulate(parameters(8)), CTC)
    dim = truth(simulate(parameters(8, ck_signal=0.3, dapi_signal=0.5, her2_signal=0.4)), CTC)
    for before, after in zip(bright, dim, strict=True):
        assert after["ck"] == pytest.approx(0.3 * before["ck"], abs=0.02)
        assert after["dapi"] == pytest.approx(0.5 * before["dapi"], abs=0.02)
        assert after["her2"] == pytest.approx(0.4 * before["her2"], abs=0.02)
        same = ("x_um", "y_um", "her2_level", "diameter_um", "field")
        assert [after[key] for key in same] == [before[key] for key in same]


def test_ck_bright_cells_are_her2_0_and_come_besides() -> None:
    made = truth(simulate(parameters(9, ctc=10, ck_bright=5)), CTC)
    bright = [cell for cell in made if cell["ck"] > 150]
    assert len(made) == 15
    assert [cell["her2_level"] for cell in bright] == ["0"] * 5


def test_an_even_spectrum_crosses_the_cut_offs_and_its_truth_says_where() -> None:
    made = truth(simulate(parameters(10, ctc=200, leukocytes=0, her2_even=True)), CTC)
    for cell in made:
        level = sum(cell["her2"] >= cut for cut in (9.0, 27.0, 70.0))
        assert cell["her2_level"] == SCORES[level] or min(abs(cell["her2"] - c) for c in (9, 27, 70)) < 0.01
    assert min(sum(cell["her2_level"] == score for cell in made) for score in SCORES) > 20


def test_defocus_spreads_the_light_and_keeps_it() -> None:
    sharp, _, _ = render(body(), SIZE.um_per_pixel)
    soft, _, _ = render(body(), SIZE.um_per_pixel, 15.0)
    assert blur_sigma(0.0) == pytest.approx(1.2)
    assert blur_sigma(15.0) == pytest.approx(np.hypot(1.2, 15 * 0.2582 / 2), rel=1e-3)
    assert soft[1].sum() == pytest.approx(sharp[1].sum(), rel=0.01)
    assert soft[1].max() < 0.95 * sharp[1].max()


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
@pytest.mark.parametrize("ck", [15.0, 150.0])
def test_her2_is_light_per_area_of_the_cell_however_bright_its_ck(diameter: float, ck: float) -> None:
    cell = body(diameter=diameter, elongation=1.25, angle=0.7, ck=ck)
    patch, _, _ = render(cell, SIZE.um_per_pixel)
    assert patch[3].sum() / (np.pi / 4 * diameter**2) == pytest.approx(110.0, rel=0.01)
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
        assert 0.6 * cell["her2"] - 1.5 < measured[3].mean() < 1.15 * cell["her2"] + 1.5
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
        ({"carry_over": 50001}, "--carry-over"),
        ({"cluster": 0}, "--cluster"),
        ({"ck_bright": -1}, "--ck-bright"),
        ({"debris": -1}, "--debris"),
        ({"diameter": 5.0}, "--diameter"),
        ({"diameter": float("nan")}, "--diameter"),
        ({"ck_signal": 0.0}, "--ck-signal"),
        ({"her2_signal": 3.0}, "--her2-signal"),
        ({"her2_cv": 0.6}, "--her2-cv"),
        ({"defocus": -1.0}, "--defocus"),
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
