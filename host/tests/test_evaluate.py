"""The evaluation: seeds that cannot be tuned on, intervals that are right, and a small run of the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.stats import binomtest

from host import board, core
from host.evaluate import evaluate, limits, lock, nuclei, stardist, summary
from host.evaluate import plan as plans
from host.evaluate.calibrated import Q16, calibrated, with_light
from host.evaluate.intervals import CLUSTERED, EXACT, POISSON, mean, share, table
from host.evaluate.report import markdown
from host.imaging import Optics
from host.rescore.agreement import kappas

CONFIG = core.Config.default()


# -- lock ---------------------------------------------------------------------------------------------------


def test_tuning_and_test_seeds_cannot_meet() -> None:
    digest = lock.digest(CONFIG, [])
    tuning = {seed for name in ("a", "b") for seed in lock.seeds(None, name, 500)}
    test = {seed for name in ("a", "b") for seed in lock.seeds(digest, name, 500)}
    assert len(tuning) == len(test) == 1000
    assert max(tuning) < lock.TUNING_BELOW < lock.TEST_FROM <= min(test)


def test_any_change_of_settings_or_plan_gives_other_test_seeds() -> None:
    plan = plans.as_json(plans.conditions())
    first = lock.digest(CONFIG, plan)
    gates = replace(CONFIG.gates, ck_min=CONFIG.gates.ck_min + 1)
    others = {
        lock.digest(replace(CONFIG, gates=gates), plan),
        lock.digest(replace(CONFIG, score_min=(901, 2700, 7000)), plan),
        lock.digest(CONFIG, plan[1:]),
    }
    assert len(others | {first}) == 4
    assert len(lock._sources()) > 20 and all(name.endswith((".c", ".h")) for name in lock._sources())
    assert lock.digest(core.Config.default(), plans.as_json(plans.conditions())) == first
    assert not set(lock.seeds(first, "a", 50)) & set(lock.seeds(others.pop(), "a", 50))
    assert lock.seeds(first, "a", 50)[:10] == lock.seeds(first, "a", 10)


def test_the_plan_has_what_the_figures_need() -> None:
    plan = plans.conditions()
    assert len({one.name for one in plan}) == len(plan)
    assert sum(one.specimens for one in plan if one.use == "blank") >= 1000
    sizes = {one.wishes.get("diameter") for one in plan}
    assert {8.0, 20.0} <= sizes
    assert {0, 1142} <= {one.wishes["ctc"] for one in plan if one.use == "linearity"}
    counts = [plans.wishes(plan[0], seed)["ctc"] for seed in range(4000)]
    assert np.mean(np.array(counts) <= 10) == pytest.approx(0.62, abs=0.03)
    assert np.mean(counts) == pytest.approx(23, abs=3)


# -- intervals ----------------------------------------------------------------------------------------------


def test_a_share_without_events_has_exact_limits_and_says_so() -> None:
    for k in (0, 5):
        found = share([k] * 40, [5] * 40)
        exact = binomtest(k * 40, 200).proportion_ci(method="exact")
        assert (found.lower, found.upper) == pytest.approx((exact.low, exact.high))
        assert found.method == EXACT


def test_clusters_widen_an_interval_and_never_narrow_it() -> None:
    rng = np.random.default_rng(1)
    whole = np.full(60, 20)
    even = share(rng.binomial(20, 0.9, 60), whole)
    uneven = share(np.where(rng.uniform(size=60) < 0.9, 20, 0), whole)
    binomial = binomtest(int(even.part), 1200).proportion_ci(method="exact")
    assert even.method == uneven.method == CLUSTERED
    width = binomial.high - binomial.low
    assert 0.95 * width < even.upper - even.lower < 1.5 * width  # type: ignore[operator]
    assert uneven.upper - uneven.lower > 3 * width  # type: ignore[operator]
    assert 0 <= uneven.lower < uneven.value < uneven.upper <= 1  # type: ignore[operator]


def test_a_clustered_interval_covers() -> None:
    """95 % limits of 300 simulated studies hold the truth in at least 90 % of them."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        p = rng.beta(9 * 2, 1 * 2, 40)
        found = share(rng.binomial(15, p), np.full(40, 15))
        hits += found.lower <= 0.9 <= found.upper  # type: ignore[operator]
    assert hits >= 270


def test_means_and_kappas_have_intervals() -> None:
    nothing = mean([0] * 1000)
    assert (nothing.value, nothing.method) == (0.0, POISSON)
    assert nothing.upper == pytest.approx(3.689 / 1000, abs=1e-5)
    some = mean([0] * 90 + [1] * 10)
    assert some.lower < 0.1 < some.upper  # type: ignore[operator]
    tables = np.tile(np.diag([3.0, 2.0, 2.0, 5.0]), (20, 1, 1))
    tables[3, 0, 1] = 2
    found = table(tables, lambda counts: kappas(counts, "quadratic"))
    assert found.lower <= found.value <= found.upper <= 1  # type: ignore[operator]
    assert table(tables * 0, lambda counts: kappas(counts, "none")).value is None


# -- limits -------------------------------------------------------------------------------------------------


def test_limits_of_blank_detection_and_quantitation() -> None:
    assert limits.limit_of_blank(np.array([0.0] * 96 + [2.0] * 4)) == 0
    assert limits.limit_of_blank(np.array([0.0] * 94 + [2.0] * 6)) == 2
    levels = {n: np.array([float(n)] * 20) for n in (1, 2, 4, 8)}
    levels[1][:2] = 0
    assert limits.limit_of_detection(levels, 0.0) == 2
    assert limits.limit_of_detection({1: np.zeros(4)}, 0.0) is None
    levels[4][:10] = 2
    assert limits.limit_of_quantitation(levels) == 8


def test_linearity_is_found_again() -> None:
    true = np.repeat([0.0, 10, 100, 500, 1142], 6)
    rng = np.random.default_rng(3)
    line = limits.linearity(true, 0.98 * true + rng.normal(0, 0.02 * np.sqrt(true + 1)))
    assert line["slope"] == pytest.approx(0.98, abs=0.002)
    low, high = line["intercept_limits"]
    assert low < 0 < high
    assert [row["true"] for row in line["levels"]] == [0, 10, 100, 500, 1142]
    assert line["levels"][-1]["deviation"] == pytest.approx(-0.02, abs=0.002)


# -- calibration --------------------------------------------------------------------------------------------


def test_a_readers_calibration_is_its_optics() -> None:
    optics = Optics.of(board.load(), "X", fall_off=0.2)
    found = calibrated(CONFIG, optics, "X")
    matrix = np.array(found.spillover) / Q16
    assert matrix == pytest.approx(np.array(optics.spillover), abs=0.001)
    flat = np.array(found.flat).reshape(4, 4, 5) / core.FLAT_ONE
    assert flat[1, 2, 3] == pytest.approx(optics.uneven[1, 122:183, 192:256].mean(), abs=0.003)
    assert flat[0, 0, 4] == pytest.approx(optics.uneven[0, :61, 256:].mean(), abs=0.003)
    assert core.Config.unpack(found.pack()) == found


def test_half_the_light_is_twice_the_molecules_per_grey_level() -> None:
    assert with_light(CONFIG, 0.5).mesf(640) == pytest.approx(2 * CONFIG.mesf(640), rel=1e-3)


# -- nuclei -------------------------------------------------------------------------------------------------


def test_f1_counts_nuclei_with_more_than_half_in_common() -> None:
    drawn = np.zeros((20, 40), np.int32)
    drawn[2:12, 2:12], drawn[2:12, 20:30] = 4, 9
    found = np.zeros_like(drawn)
    found[2:12, 2:12], found[2:7, 20:30], found[15:18, 5:9] = 1, 2, 3  # whole, half, nothing
    assert nuclei.matches(drawn, found) == 1
    assert nuclei.Nuclei(drawn * 1.0, drawn, found, 1.0, 1).f1 == pytest.approx(2 / 5)  # type: ignore[arg-type]


def test_labels_keep_their_areas_when_they_shrink() -> None:
    mask = np.zeros((60, 60), np.int32)
    mask[9:39, 9:24], mask[9:39, 24:39] = 1, 2
    small = nuclei.resample_labels(mask, 1 / 3)
    assert small.shape == (20, 20)
    assert [(small == label).sum() for label in (1, 2)] == [50, 50]
    assert nuclei.median_diameter(mask) == pytest.approx(np.sqrt(4 / np.pi * 450))


@pytest.fixture
def real_image() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    try:
        return stardist.load()
    except stardist.ImageMissing as why:
        pytest.skip(f"real nuclei: {why}")


def test_real_nuclei_are_seen(real_image: tuple[np.ndarray, np.ndarray]) -> None:  # type: ignore[type-arg]
    image, mask = real_image
    assert len(np.unique(mask)) - 1 == 125
    optics = Optics.of(board.load(), "READER-0")
    found = nuclei.measure(image, mask, optics, calibrated(CONFIG, optics, "READER-0"))
    assert found.as_dict()["drawn"] == 125
    assert found.scale == pytest.approx(0.338, abs=0.001)
    assert found.f1 >= F1_LEAST


F1_LEAST = 0.8


def test_an_image_that_cannot_be_had_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(stardist.ImageMissing, match="cannot be fetched"):
        stardist.load()
    folder = tmp_path / "ctc-reader" / "images"
    assert list(folder.iterdir()) == []
    (folder / stardist.WHEEL).write_bytes(b"something else")
    with pytest.raises(stardist.ImageMissing, match="SHA-256"):
        stardist.load()


# -- a small run of the whole -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluation")
    evaluate(folder, tuning=True, share=0.02, only=SMALL, workers=1)
    return folder


SMALL = ("1,000 leukocytes per run", "CTCs in pairs", "blank, 1,000", "CK-bright, HER2 0")


def test_a_small_evaluation_finds_its_cells_and_invents_none(small: Path) -> None:
    report = json.loads((small / "report.json").read_text())
    assert report["seeds"] == "tuning"
    rows = {row["name"]: row for row in report["summary"]["conditions"]}
    assert rows["1,000 leukocytes per run"]["sensitivity"]["value"] >= 0.85
    assert rows["CTCs in pairs"]["sensitivity"]["value"] >= 0.85
    for row in rows.values():
        assert row["precision"]["value"] >= 0.95
        assert row["invalid"] == 0
    (blank,) = report["summary"]["blanks"]
    assert blank["specimens"] == 20
    assert blank["false_ctc"]["value"] <= 0.05
    bright = rows["CK-bright, HER2 0"]
    assert bright["scored_high"]["value"] == 0


def test_the_report_says_what_it_is(small: Path) -> None:
    text = (small / "report.md").read_text()
    report = json.loads((small / "report.json").read_text())
    assert text == markdown(report)
    assert "no evidence" in text and report["lock"] in text and "2%" in text
    for name in report["pictures"]:
        with Image.open(small / name) as picture:
            assert picture.size[0] > 400
        assert f"({name})" in text


def test_the_same_evaluation_gives_the_same_report_on_other_processors(small: Path, tmp_path: Path) -> None:
    evaluate(tmp_path, tuning=True, share=0.02, only=SMALL, workers=2)
    assert (tmp_path / "report.json").read_text() == (small / "report.json").read_text()


def test_whatever_progress_raises_ends_the_evaluation(tmp_path: Path) -> None:
    def stop(what: str, share: float | None) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        evaluate(tmp_path, tuning=True, share=0.02, only=("CTCs in pairs",), workers=2, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_condition_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No condition"):
        evaluate(tmp_path, only=("no such condition",))


def test_figures_say_what_is_reached() -> None:
    estimate = {"value": 0.985, "lower": 0.97, "upper": 0.99, "method": ""}
    row = summary._row("x", estimate, ">=", 0.98)
    assert (row["reached"], row["sure"]) == (True, False)
    assert summary._row("x", estimate, "<=", 0.98)["reached"] is False
