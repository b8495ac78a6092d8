"""Frames from disk through the core: what is read, what is refused, what is compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from statsmodels.stats.inter_rater import cohens_kappa

from host import board, core
from host.cli import cli, errors
from host.imaging import Camera, Optics
from host.rescore import Frames, FramesError, analyse, compare, load, save
from host.rescore.agreement import kappa, kappas
from host.rescore.analyse import RANGE_MAX, Measured
from host.rescore.compare import AGAIN, NOTHING
from host.rescore.match import RADIUS_UM, match
from host.settings import dump
from host.specimen import parameters, simulate
from host.specimen import save as save_specimen

OPTICS = Optics.of(board.load(), "SIMULATED")


@pytest.fixture(scope="module")
def pixels() -> NDArray[np.uint8]:
    """Two fields with eight CTCs."""
    specimen = simulate(parameters(3, ctc=8, fields=2, leukocytes=10))
    camera = Camera(OPTICS, 1)
    return np.stack([camera.field(planes) for planes in specimen.fields])


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = simulate(parameters(3, ctc=8, fields=2, leukocytes=10))
    return save_specimen(made, tmp_path_factory.mktemp("specimen") / "s.npz")


# -- reading ------------------------------------------------------------------------------------------------


def tiff(path: Path, pixels: NDArray[Any]) -> Path:
    tifffile.imwrite(path, pixels.reshape(-1, *pixels.shape[-2:]), photometric="minisblack")
    return path


def test_every_form_holds_the_same_frames(tmp_path: Path, pixels: NDArray[np.uint8], specimen: Path) -> None:
    npz = save(Frames(pixels), tmp_path / "f.npz")
    folder = tmp_path / "folder"
    folder.mkdir()
    tiff(folder / "field-0.tif", pixels[:1])
    save(Frames(pixels[1:]), folder / "field-1.npz")
    (folder / "notes.txt").write_text("not a frame")
    for path in (npz, tiff(tmp_path / "f.tif", pixels), folder, specimen):
        assert np.array_equal(load(path).pixels, pixels), path


def test_truth_travels_with_the_frames(tmp_path: Path, specimen: Path) -> None:
    exposed = load(specimen)
    assert exposed.truth is not None and sum(one["class"] == "ctc" for one in exposed.truth) == 8
    assert load(save(exposed, tmp_path / "f.npz")).truth == exposed.truth
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a.npz", "b.npz"):
        save(exposed, folder / name)
    both = load(folder)
    assert both.truth is not None and {one["field"] for one in both.truth} == {0, 1, 2, 3}
    tiff(folder / "c.tif", exposed.pixels[:1])
    assert load(folder).truth is None, "of some frames nothing is known"


def test_saved_frames_are_the_same_bytes_and_nothing_half_written(
    tmp_path: Path, pixels: NDArray[np.uint8]
) -> None:
    one, two = (save(Frames(pixels, {"a": 1}), tmp_path / name).read_bytes() for name in ("1", "2"))
    assert one == two
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "2"]
    with pytest.raises(ValueError):
        save(Frames(pixels, {"a": float("nan")}), tmp_path / "3")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "2"]


def bad_inputs(folder: Path, pixels: NDArray[np.uint8]) -> dict[str, Path]:
    """Write one file of each kind of bad input, by what its sentence has to say."""
    files: dict[str, Path] = {}

    def npz(says: str, **arrays: Any) -> None:
        files[says] = folder / f"{len(files)}.npz"
        np.savez(files[says], **arrays)

    npz("not 8 bit", frames=pixels.astype(np.uint16))
    npz("not fields x 5 x 244 x 324", frames=pixels[:, :4])
    npz("2 x 5 x 243 x 324", frames=pixels[:, :, 1:])
    npz("0 fields", frames=pixels[:0])
    npz("no 'frames'", images=pixels)
    npz("no JSON object", frames=pixels, meta=np.array("[1]"))
    npz("damaged", frames=pixels, meta=np.array("{"))
    whole = save(Frames(pixels), folder / "whole.npz").read_bytes()
    for says, data in {"cut short": whole[: len(whole) // 2], "damaged or": b"", "copy it": b"PK"}.items():
        files[says] = folder / f"{len(files)}.npz"
        files[says].write_bytes(data)
    files["12 pages"] = tiff(folder / "12.tif", np.concatenate([pixels[0], pixels[1], pixels[0][:2]]))
    files["uint16"] = tiff(folder / "16.tif", pixels.astype(np.uint16))
    files["5 x 244 x 323"] = tiff(folder / "323.tif", pixels[..., 1:])
    files["no TIFF"] = folder / "text.tif"
    files["no TIFF"].write_text("not an image")
    whole = tiff(folder / "whole.tif", pixels).read_bytes()
    files["damaged or cut short"] = folder / "half.tif"
    files["damaged or cut short"].write_bytes(whole[: len(whole) // 2])
    files["There is no file"] = folder / "missing.npz"
    files["neither .npz nor .tif"] = folder / "frames.png"
    files["neither .npz nor .tif"].write_bytes(b"png")
    files["has no .npz or .tif"] = folder / "empty"
    files["has no .npz or .tif"].mkdir()
    return files


def test_bad_input_is_one_sentence(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    for says, path in bad_inputs(tmp_path, pixels).items():
        with pytest.raises(FramesError) as refused:
            load(path)
        assert says in str(refused.value), (path, str(refused.value))
        assert "\n" not in str(refused.value) and str(refused.value).endswith(".")


# -- analysing ----------------------------------------------------------------------------------------------


def test_rows_are_the_cores(pixels: NDArray[np.uint8]) -> None:
    result = analyse(pixels)
    machine = core.Core()
    expected = np.concatenate([machine.analyse_field(n, enumerate(field)) for n, field in enumerate(pixels)])
    assert result.rows.tobytes() == expected.tobytes()
    assert len(expected) > 8
    assert (result.fields, result.fields_planned, result.fault) == (2, 2, None)
    assert sum(result.tally) == int(((expected["flags"] & core.FLAG_CTC) != 0).sum()) == 8


@pytest.mark.parametrize(
    ("spoil", "flag"),
    [
        (lambda frames: frames[1, 3].fill(255), "SATURATED"),
        (lambda frames: frames[1, 0].fill(60), "DARK LEVEL"),
        (lambda frames: frames[1, 4, :, 316:].fill(16), "LED her2"),
        (lambda frames: frames.fill(0), "LED dapi"),
        (lambda frames: frames[1, 2, ::6, 4:300:6].fill(200), "BOUND"),
    ],
)
def test_what_makes_a_run_invalid_makes_this_one(pixels: NDArray[np.uint8], spoil: Any, flag: str) -> None:
    frames = pixels.copy()
    spoil(frames)
    result = analyse(frames)
    assert (result.status, result.flags) == ("INVALID", [flag])
    assert result.fault
    assert result.fields < 2


def test_settings_that_cannot_be_used_are_no_invalid_run(pixels: NDArray[np.uint8]) -> None:
    wrong = replace(core.Config.default(), score_min=(3, 2, 1))
    with pytest.raises(core.Error) as refused:
        analyse(pixels, wrong)
    assert refused.value.code == core.ERROR_SETTINGS
    with pytest.raises(core.Error):
        analyse(pixels, rule="no such rule")


def test_above_the_linear_range_only_that_is_said() -> None:
    def shown(count: int) -> str:
        counts = core.counts_of([count, 0, 0, 0])
        return Measured(np.zeros(0, core.CELL_DTYPE), 1, 1, [], counts, core.RULE, "", [], None).ctc_shown

    assert (shown(RANGE_MAX), shown(RANGE_MAX + 1)) == ("1142", ">1142")


# -- matching and comparing ---------------------------------------------------------------------------------


def test_matching_is_one_to_one_as_many_as_possible_and_nearest() -> None:
    truth = np.array([(0.0, 0.0), (5.0, 0.0), (50.0, 0.0)])
    found = np.array([(4.0, 0.0), (9.0, 0.0), (50.0, RADIUS_UM), (50.0, 6.1)])
    assert sorted(match(truth, found)) == [(0, 0), (1, 1), (2, 2)]  # greedy would pair 1 with 0, and lose 0
    assert match(truth[2:], found[3:]) == []
    assert match(truth, np.zeros((0, 2))) == match(np.zeros((0, 2)), found) == []


def row(x: float, y: float, *, score: int = 255, gate: int = 0, field: int = 0) -> np.void:
    rows = np.zeros(1, core.CELL_DTYPE)
    rows["field"], rows["x"], rows["y"], rows["score"], rows["gate"] = field, x * 64, y * 64, score, gate
    rows["flags"] = 0 if gate else core.FLAG_CTC
    return rows[0]


def body(x: float, y: float, kind: str = "ctc", level: str | None = "3+", field: int = 0) -> dict[str, Any]:
    her2 = level if kind == "ctc" else None
    return {"field": field, "x_um": x, "y_um": y, "class": kind, "her2_level": her2, "diameter_um": 12.0}


def result(*rows: np.void, fields: int = 2, planned: int = 2) -> Measured:
    table = np.zeros(len(rows), core.CELL_DTYPE)
    for n, one in enumerate(rows):
        table[n] = one
    fault = None if fields == planned else "stopped"
    return Measured(table, fields, planned, [], core.new_counts(), core.RULE, "", [], fault)


def test_every_kind_of_agreement_and_failure_is_named() -> None:
    truth = [
        body(20, 20), body(60, 20, level="0"), body(100, 20, level="1+"), body(140, 20),
        body(20, 60, field=1), body(180, 20, "leukocyte"), body(220, 20, "ck_fragment"),
    ]  # fmt: skip
    found = compare(
        truth,
        result(
            row(21, 20, score=3), row(60, 22, score=1), row(101, 20, gate=3), row(29, 20, score=3),
            row(180, 21, score=0), row(250, 200, score=2), row(20, 60, score=3, field=0),
        ),
    )  # fmt: skip
    assert [(pair.truth["x_um"], pair.score) for pair in found.pairs] == [(20, 3), (60, 1)]
    assert [(lost["x_um"], why) for lost, why in found.missed] == [
        (100, "cd45"), (140, "not seen"), (20, "not seen"),
    ]  # fmt: skip
    assert [what for _, what in found.false] == [AGAIN, "leukocyte", NOTHING, NOTHING]
    assert found.confusion.tolist() == [[0, 1, 0, 0], [0] * 4, [0] * 4, [0, 0, 0, 1]]
    assert found.three_plus() == ((1, 3), (2, 2))
    table = found.as_dict()
    assert table["ctc"]["sensitivity"] == pytest.approx(2 / 5)
    assert table["ctc"]["precision"] == pytest.approx(2 / 6)
    json.dumps(table, allow_nan=False)


def test_ctcs_of_fields_that_an_invalid_run_lost_are_missed() -> None:
    found = compare([body(20, 20), body(20, 20, field=1)], result(row(20, 20, score=3), fields=1))
    assert len(found.pairs) == 1
    assert [why for _, why in found.missed] == ["the run is INVALID"]


@pytest.mark.parametrize("bad", [{"class": "ctc"}, body(1, 1, level="4+"), body(1, 1, level=None), "no body"])
def test_a_truth_that_is_none_is_refused(bad: Any) -> None:
    with pytest.raises(FramesError):
        compare([bad], result())


def test_kappa_is_statsmodels() -> None:
    rng = np.random.default_rng(4)
    tables = rng.integers(0, 30, (5, 4, 4))
    for weights, name in (("none", None), ("quadratic", "quadratic")):
        expected = [cohens_kappa(table, wt=name, return_results=False) for table in tables]
        assert kappas(tables, weights) == pytest.approx(expected)  # type: ignore[arg-type]
    one_class = np.zeros((4, 4))
    one_class[2, 2] = 9
    assert np.isnan(kappa(one_class, "quadratic"))
    one_class[2, 3] = 1
    assert np.isnan(kappa(one_class, "none")), "agreement beyond chance has no meaning"


# -- the command --------------------------------------------------------------------------------------------


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["rescore", *map(str, words)])


def test_the_command_prints_cells_tally_status_and_comparison(tmp_path: Path, specimen: Path) -> None:
    frames = tmp_path / "f.npz"
    done = run(specimen, "--truth", "--json", "--save-frames", frames)
    assert done.exit_code == 0, done.output
    table = json.loads(done.stdout)
    assert table["ctc"] == sum(table["tally"].values()) == sum(cell["ctc"] for cell in table["cells"]) == 8
    assert table["comparison"]["ctc"]["matched"] == 8
    again = json.loads(run(frames, "--truth", "--json").stdout)
    assert again == table
    text = run(frames, "--truth-from", specimen).stdout
    assert "8 of 8 found" in text and "TRUTH" in text


def test_a_rule_is_chosen_by_name(specimen: Path) -> None:
    for rule in core.RULES:
        assert json.loads(run(specimen, "--rule", rule, "--json").stdout)["rule"] == rule
    assert run(specimen, "--rule", "x").exit_code == errors.USAGE


def test_settings_come_from_a_file(tmp_path: Path, specimen: Path) -> None:
    strict = tmp_path / "s.toml"
    gates = replace(core.Config.default().gates, ck_min=200 * 64)
    strict.write_text(dump(replace(core.Config.default(), gate_set="strict", gates=gates)))
    assert json.loads(run(specimen, "--settings", strict, "--json").stdout)["ctc"] == 0
    strict.write_text("nonsense = [")
    refused = run(specimen, "--settings", strict)
    assert refused.exit_code == errors.Failure("settings", "").code and refused.stderr.count("\n") == 1


def test_bad_input_has_its_exit_code(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    code = errors.Failure("specimen", "").code
    for path in bad_inputs(tmp_path, pixels).values():
        done = run(path)
        assert (done.exit_code, done.stdout) == (code, ""), path
        assert done.stderr.startswith("host: ") and done.stderr.count("\n") == 1
    unknown = run(save(Frames(pixels), tmp_path / "f.npz"), "--truth")
    assert unknown.exit_code == code and "no ground truth" in unknown.stderr
    for words in ((), ("x", "--evaluate", "y"), ("x", "--share", "0.5"), ("--evaluate", "y", "--truth")):
        assert run(*words).exit_code == errors.USAGE
