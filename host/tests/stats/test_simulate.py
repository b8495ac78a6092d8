"""The synthetic cohort has every margin the study prints, with any seed, and says that it is simulated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from host.cli.cohort.simulate import simulate as command
from host.stats.km import kaplan_meier
from host.stats.longitudinal import Change, simulate_draws
from host.stats.paper import study
from host.stats.rules import SHIPPED, TALLY
from host.stats.simulate import Truth, simulate

COLUMNS = {
    "er_pr": "ER and/or PR",
    "metastases": "number of metastases",
    "sites": "metastatic sites",
    "dfs": "DFS",
    "line": "systemic therapy line",
    "treatment": "treatment option",
}


@pytest.fixture(scope="module", params=[0, 1, 2, 3, 12345])
def drawn(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, Truth]:
    return simulate(request.param)


def test_counts(drawn: tuple[pd.DataFrame, Truth]) -> None:
    frame, _ = drawn
    seen = frame[frame["ctc"] > 0]
    assert (len(frame), len(seen)) == (101, 58)
    assert (seen["ctc"].min(), seen["ctc"].max(), seen["ctc"].mean()) == (1, 323, 23.0)
    assert int(seen["ctc"].between(1, 10).sum()) == 36
    assert frame["ctc_status"].value_counts().to_dict() == {"NO CTC": 43, "NEGATIVE": 36, "POSITIVE": 22}
    assert frame["patient"].is_unique
    assert set(frame["specimen_kind"]) == {"simulated"}


def test_statuses_follow_from_the_tallies(drawn: tuple[pd.DataFrame, Truth]) -> None:
    frame, _ = drawn
    tallies = frame[list(TALLY)].to_numpy()
    assert (tallies.sum(axis=1) == frame["ctc"]).all()
    assert ((frame["ctc_status"] == "POSITIVE") == SHIPPED.decide(tallies)).all()


def test_cross_tables(drawn: tuple[pd.DataFrame, Truth]) -> None:
    frame, _ = drawn
    for column, name in COLUMNS.items():
        printed = next(item for item in study.TABLE_1 if item.name == name)
        for level in printed.levels:
            text = level.name.replace("≥ ", ">=").replace("≤ ", "<=").replace("> ", ">")
            found = frame[frame[column] == text]["ctc_status"].value_counts()
            assert (found["POSITIVE"], found["NEGATIVE"]) == (level.positive, level.negative)
    above = frame[frame["interval_years"] > 1]["ctc_status"].value_counts()
    below = frame[frame["interval_years"] < 1]["ctc_status"].value_counts()
    assert (above["NEGATIVE"], above["POSITIVE"], below["NEGATIVE"], below["POSITIVE"]) == (29, 12, 7, 10)


def test_ages(drawn: tuple[pd.DataFrame, Truth]) -> None:
    frame, _ = drawn
    status = frame["ctc_status"]
    for line, part in (
        (study.AGE_ENROLLED, frame),
        (study.AGE_TOTAL, frame[status != "NO CTC"]),
        (study.AGE_POSITIVE, frame[status == "POSITIVE"]),
        (study.AGE_NEGATIVE, frame[status == "NEGATIVE"]),
    ):
        ages = part["age"]
        assert (len(ages), ages.median(), ages.min(), ages.max()) == (
            line.patients,
            line.median,
            line.youngest,
            line.oldest,
        )


def test_follow_up(drawn: tuple[pd.DataFrame, Truth]) -> None:
    frame, truth = drawn
    assert frame["pfs_months"].max() <= 24
    assert truth.shape == pytest.approx(1.2806, abs=1e-3)
    seen = frame[frame["ctc"] > 0]
    assert (int(frame["progressed"].sum()), int(seen["progressed"].sum())) == (77, 44)
    for status, median in (("POSITIVE", 8.5), ("NEGATIVE", 3.5), ("NO CTC", 6.0)):
        part = frame[frame["ctc_status"] == status]
        found = kaplan_meier(part["pfs_months"], part["progressed"]).median()
        assert found == pytest.approx(median, abs=0.51)


def test_one_seed_one_cohort() -> None:
    pd.testing.assert_frame_equal(simulate(4)[0], simulate(4)[0])
    assert not simulate(4)[0].equals(simulate(5)[0])


def test_draws_keep_the_first_and_end_with_follow_up() -> None:
    cohort, truth = simulate(1)
    followed, draws = simulate_draws(cohort, truth)
    first = draws[draws["months"] == 0].set_index("patient")
    assert (first.loc[cohort["patient"], "ctc"].to_numpy() == cohort["ctc"].to_numpy()).all()
    last = draws.groupby("patient")["months"].max()
    assert (last < followed.set_index("patient")["pfs_months"]).all()
    assert set(draws["specimen_kind"]) == {"simulated"}
    assert int(followed["progressed"].sum()) == 77


def test_without_change_the_hazard_ratio_is_the_truth() -> None:
    """No switching: follow-up of many cohorts together has the truth's medians."""
    cohort, truth = simulate(1)
    times = {"POSITIVE": [], "NEGATIVE": []}
    for seed in range(30):
        from dataclasses import replace

        followed, _ = simulate_draws(cohort, replace(truth, seed=seed), Change(loss=0, gain=0))
        for status, found in times.items():
            found.append(followed[followed["ctc_status"] == status][["pfs_months", "progressed"]])
    medians = {}
    for status, found in times.items():
        part = pd.concat(found)
        medians[status] = kaplan_meier(part["pfs_months"], part["progressed"]).median()
    assert medians["NEGATIVE"] == pytest.approx(3.5, rel=0.1)
    assert medians["POSITIVE"] == pytest.approx(8.5, rel=0.15)


def test_command_writes_labelled_files(tmp_path: Path) -> None:
    file, rows = tmp_path / "cohort.csv", tmp_path / "draws.csv"
    done = CliRunner().invoke(command, [str(file), "--draws", str(rows), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["simulated"] is True
    assert set(pd.read_csv(file)["specimen_kind"]) == set(pd.read_csv(rows)["specimen_kind"]) == {"simulated"}
    truth = json.loads((tmp_path / "cohort.csv.truth.json").read_text())
    assert truth["specimen_kind"] == "simulated"
    assert truth["hr"] == 0.321
    assert CliRunner().invoke(command, [str(file)]).stdout.startswith("SIMULATED DATA")


@pytest.mark.parametrize("command", ["km", "cox", "table1", "discordance"])
def test_every_table_and_figure_of_it_says_so(tmp_path: Path, command: str) -> None:
    from host.cli.cohort import cohort

    file, figure = tmp_path / "cohort.csv", tmp_path / "f.svg"
    frame, _ = simulate(1)
    frame.assign(tissue="POSITIVE").to_csv(file, index=False)
    follow = ["--time", "pfs_months", "--event", "progressed"]
    options = {
        "km": [*follow, "--group", "ctc_status", "--figure", str(figure)],
        "cox": [*follow, "--covariate", "age", "--figure", str(figure)],
        "table1": ["--group", "ctc_status", "--characteristic", "er_pr"],
        "discordance": ["--tissue", "tissue", "--ctc", "ctc_status", "--figure", str(figure)],
    }[command]
    done = CliRunner().invoke(cohort, [command, str(file), *options])
    assert done.exit_code == 0, done.exception
    assert "SIMULATED DATA" in done.stdout
    assert not figure.exists() or "SIMULATED DATA" in figure.read_text()


def test_parquet_keeps_the_table(tmp_path: Path) -> None:
    file = tmp_path / "cohort.parquet"
    assert CliRunner().invoke(command, [str(file)]).exit_code == 0
    assert np.array_equal(pd.read_parquet(file)["ctc"], simulate(1)[0]["ctc"])


def test_an_unwritable_place_is_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(tmp_path / "none" / "cohort.csv")])
    assert "cannot be written" in str(done.exception)
