"""Landmarks: who counts, with which draw, and that the analysis is free of the bias it is there to avoid."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from host.cli.cohort.landmark import landmark as command
from host.stats import cox
from host.stats.errors import CohortError
from host.stats.landmark import landmarks
from host.stats.longitudinal import Change, join_draws, simulate_draws
from host.stats.patients import make_cohort
from host.stats.simulate import simulate


def tables(draws: list[tuple[str, float, int, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A cohort of five and draws (patient, month, CTCs below 3+, CTCs at 3+)."""
    cohort = pd.DataFrame({"patient": list("ABCDE"), "t": [1.0, 6.0, 7.0, 8.0, 9.0], "e": [1, 1, 0, 1, 1]})
    rows = pd.DataFrame(draws, columns=["patient", "months", "her2_0", "her2_3plus"])
    rows["her2_1plus"] = rows["her2_2plus"] = 0
    return cohort, rows


DRAWS = [
    ("A", 0, 0, 5),
    ("B", 0, 0, 5),
    ("B", 2, 5, 0),
    ("C", 0, 5, 0),
    ("C", 3, 0, 5),
    ("D", 0, 0, 0),
    ("E", 1, 7, 3),
    ("Z", 0, 1, 1),
]


def joined(draws: list[tuple[str, float, int, int]] = DRAWS):  # type: ignore[no-untyped-def]
    cohort, rows = tables(draws)
    return cohort, join_draws(make_cohort(cohort), make_cohort(rows, id="none"))


def test_who_counts_with_which_draw() -> None:
    cohort, draws = joined()
    assert draws.strangers == 1
    at = {one.at: one for one in landmarks(cohort["t"], cohort["e"], draws, [0, 2, 4])}
    sizes = {moment: [group["n"] for group in one.groups] for moment, one in at.items()}
    # At 0: A and B positive, C negative, D without CTCs, E not drawn yet.
    assert sizes[0] == [2, 1, 1]
    assert at[0].undrawn == 1
    # At 2: A has had the event; B has turned negative; 3 of 10 at 3+ is not more than 30 %.
    assert sizes[2] == [0, 3, 1]
    assert (at[2].at_risk, at[2].left) == (4, 1)
    assert at[2].note == "fewer than two groups at risk"
    # At 4: C has turned positive.
    assert sizes[4] == [1, 2, 1]
    assert at[4].moves["POSITIVE"]["NEGATIVE"] == 1
    assert at[4].moves["NEGATIVE"] == {"POSITIVE": 1, "NEGATIVE": 1, "NO CTC": 0}


def test_an_old_draw_does_not_count() -> None:
    cohort, draws = joined()
    one = landmarks(cohort["t"], cohort["e"], draws, [4], oldest=1.5)[0]
    assert [group["n"] for group in one.groups] == [1, 0, 0]
    assert one.undrawn == 3


def test_at_zero_it_is_the_plain_model() -> None:
    frame, truth = simulate(2)
    followed, rows = simulate_draws(frame, truth)
    draws = join_draws(make_cohort(followed), make_cohort(rows, id="none"))
    one = landmarks(followed["pfs_months"], followed["progressed"], draws, [0])[0]
    seen = followed[followed["ctc"] > 0]
    fit = cox.fit(seen["pfs_months"], seen["progressed"], (seen["ctc_status"] == "POSITIVE").astype(float))
    assert one.hr == pytest.approx(float(np.exp(fit.coef[0])))


def test_no_effect_means_no_landmark_effect_but_naive_comparison_has_one() -> None:
    """Hazard independent of status: "ever positive" looks protective since it takes time; the landmark does
    not.
    """
    from dataclasses import replace

    frame, truth = simulate(1)
    flat = replace(truth, hr=1.0)
    times, events, naive, statuses, at_risk = [], [], [], [], []
    for seed in range(12):
        followed, rows = simulate_draws(frame, replace(flat, seed=seed), Change(loss=0.02, gain=0.1))
        draws = join_draws(make_cohort(followed), make_cohort(rows, id="none"))
        ever = np.zeros(len(followed), dtype=bool)
        ever[draws.patient[draws.status == "POSITIVE"]] = True
        last = draws.last_before(4, len(followed))
        known = (followed["ctc"] > 0).to_numpy()
        times.append(followed["pfs_months"].to_numpy()[known])
        events.append(followed["progressed"].to_numpy()[known])
        naive.append(ever[known])
        statuses.append((draws.status[last] == "POSITIVE")[known])
        at_risk.append(
            (followed["pfs_months"].to_numpy() > 4)[known] & (draws.status[last] != "NO CTC")[known]
        )
    time, event = np.concatenate(times), np.concatenate(events)
    biased = cox.fit(time, event, np.concatenate(naive).astype(float))
    kept = np.concatenate(at_risk)
    fair = cox.fit(time[kept] - 4, event[kept], np.concatenate(statuses)[kept].astype(float))
    assert biased.coef[0] / biased.se[0] < -3
    assert abs(fair.coef[0] / fair.se[0]) < 2.5


@pytest.mark.parametrize(
    ("draws", "words"),
    [
        ([("A", 0, 1, 1), ("A", 0, 2, 1)], "two draws"),
        ([("A", -1, 1, 1)], "negative"),
        ([("A", np.nan, 1, 1)], "no time"),
        ([("Z", 0, 1, 1)], "No patient of the draws"),
        ([("A", 0, -1, 1)], "whole numbers"),
    ],
)
def test_bad_draws(draws: list[tuple[str, float, int, int]], words: str) -> None:
    with pytest.raises(CohortError, match=words):
        joined(draws)


def test_a_landmark_nobody_reaches() -> None:
    cohort, draws = joined()
    with pytest.raises(CohortError, match="Nobody is at risk at 9"):
        landmarks(cohort["t"], cohort["e"], draws, [9])
    with pytest.raises(CohortError, match="0 or more"):
        landmarks(cohort["t"], cohort["e"], draws, [-1])


def test_command_and_figures(tmp_path: Path) -> None:
    frame, truth = simulate(1)
    followed, rows = simulate_draws(frame, truth)
    file, drawn = tmp_path / "cohort.csv", tmp_path / "draws.csv"
    followed.to_csv(file, index=False)
    rows.to_csv(drawn, index=False)
    base = [str(file), "--draws", str(drawn), "--time", "pfs_months", "--event", "progressed"]
    done = CliRunner().invoke(command, [*base, "--at", "2", "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert result["simulated"] is True
    assert result["landmarks"][0]["at"] == 2
    for i, extra in enumerate(
        ([], ["--everyone", "--where", "ctc_status=POSITIVE"], ["--patient", "SIM-002"])
    ):
        figure = tmp_path / f"{i}.svg"
        done = CliRunner().invoke(command, [*base, *extra, "--figure", str(figure)])
        assert done.exit_code == 0, done.output
        assert "SIMULATED" in figure.read_text()
    done = CliRunner().invoke(command, [*base, "--patient", "SIM-02", "--figure", str(tmp_path / "x.png")])
    assert "did you mean" in str(done.exception)
