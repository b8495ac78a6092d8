"""The study checked against itself: classes, numbers, and that the method finds what it claims to find."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from host.stats import cox
from host.stats.paper import categorical, findings, hazard, models, study, survival
from host.stats.paper.check import check, summary
from host.stats.paper.hazard import Events, implied_events, wald_p
from host.stats.paper.rounding import Printed
from host.stats.paper.row import CLASSES, DISCREPANCY, MISMATCH, Row
from host.stats.paper.study import Hazard


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return check()


def test_every_row_has_its_declared_class(rows: list[Row]) -> None:
    assert [row.item for row in rows if not row.as_declared] == []
    assert {row.outcome for row in rows} == set(CLASSES)
    assert summary(rows)[MISMATCH] == 0


def test_items_are_unique_and_json_is_strict(rows: list[Row]) -> None:
    assert len({(row.section, row.item) for row in rows}) == len(rows)
    text = json.dumps({"rows": [row.to_json() for row in rows]}, allow_nan=False)
    assert set(json.loads(text)["rows"][0]) >= {"item", "printed", "recomputed", "method", "class", "remark"}


@pytest.mark.parametrize(
    ("item", "test", "p"),
    [
        ("ER and/or PR: P", "Pearson", 0.013569661654),
        ("metastatic sites: P", "Pearson", 0.662738711095),
        ("DFS: P", "Pearson", 0.111489707577),
        ("treatment option: P", "Pearson", 0.096462807787),
        ("number of metastases: P", "Fisher", 0.237583599156),
        ("systemic therapy line: P", "Fisher", 0.092441328034),
        ("discordance by interval, cut at 1 year: P", "Fisher", 0.043042852884),
    ],
)
def test_the_seven_p_values(rows: list[Row], item: str, test: str, p: float) -> None:
    row = next(row for row in rows if row.item == item)
    assert row.method.startswith(test)
    assert row.recomputed == pytest.approx(p, rel=1e-10)
    assert row.outcome == "match"


def test_no_printed_number_is_its_own_output(rows: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    """Change a printed percentage and a printed P: the recomputed value stays, the row loses its class."""
    first = study.TABLE_1[0]
    level = dataclasses.replace(first.levels[0], percent_negative=Printed("77.7"))
    changed = dataclasses.replace(first, levels=(level, first.levels[1]), p=Printed("0.5"))
    monkeypatch.setattr(study, "TABLE_1", (changed, *study.TABLE_1[1:]))
    after = {row.item: row for row in check()}
    for item in ("ER and/or PR, positive: CTC HER2-negative, %", "ER and/or PR: P"):
        before = next(row for row in rows if row.item == item)
        assert after[item].recomputed == pytest.approx(before.recomputed)
        assert not after[item].as_declared


def test_a_changed_p_of_table_2_is_noticed() -> None:
    line = models.line_of("CTC HER2")
    result = hazard.fit(line)
    assert not Printed("0.0031", 4).overlaps(result.wald.low, result.wald.high)
    assert result.profile is not None
    assert not Printed("0.0031", 4).overlaps(result.profile.low, result.profile.high)


def test_the_interval_table_is_recovered() -> None:
    assert categorical.interval_table() == [[29, 12], [7, 10]]


@pytest.mark.parametrize(("one", "two"), [(3.0, 41.0), (12.0, 32.0), (22.0, 22.0), (1.0, 13.0)])
def test_limits_give_back_the_events(one: float, two: float) -> None:
    events = implied_events(*Events(one, two).limits())
    assert events is not None
    assert (events.compared, events.reference) == pytest.approx((one, two), rel=1e-6)


def test_symmetric_limits_leave_events_undetermined() -> None:
    assert implied_events(0.02, 0.02) is None


@pytest.mark.parametrize("compared", [15, 30, 58])
@pytest.mark.parametrize("seed", range(3))
def test_implied_events_against_cox_models(compared: int, seed: int) -> None:
    """The method on data whose events are known: P is right to 2 %, and events are never overstated.

    So "more events than patients" cannot come from the approximation.
    """
    rng = np.random.default_rng(seed)
    group = np.repeat([1.0, 0.0], [compared, 101 - compared])
    time = rng.weibull(1.28, 101) * 6
    censoring = rng.uniform(3, 30, 101)
    event = (time <= censoring).astype(int)
    fit = cox.fit(np.ceil(2 * np.minimum(time, censoring)) / 2, event, group[:, None])
    low, high = fit.profile_limits(0)
    coef, se = float(fit.coef[0]), float(fit.se[0])
    events = implied_events(coef - low, high - coef)
    assert events is not None
    assert events.se == pytest.approx(se, rel=0.005)
    assert wald_p(coef, events.se) == pytest.approx(wald_p(coef, se), rel=0.02)
    assert 0.6 * event[:compared].sum() < events.compared < 1.01 * event[:compared].sum()
    assert 0.6 * event[compared:].sum() < events.reference < 1.01 * event[compared:].sum()


def test_an_honest_line_is_not_called_a_misprint() -> None:
    """The finding of the swapped cut-offs needs the printed order: turned right, nothing is found."""
    row = findings.swapped_cut_offs()
    assert row.outcome == DISCREPANCY
    one, five = study.CTC_COUNT
    right = tuple(
        dataclasses.replace(here, hr=there.hr, lower=there.lower, upper=there.upper, p=there.p)
        for here, there in ((one, five), (five, one))
    )
    results = [hazard.fit(line) for line in right]
    assert results[0].reference is not None
    assert results[0].reference.high <= 43


def test_the_treatment_line_turned_round_fits_its_groups() -> None:
    line = models.line_of("treatment option")

    def inverse(number: Printed) -> Printed:
        return Printed(f"{1 / number.value:.3f}")

    turned = Hazard(
        line.item,
        line.model,
        inverse(line.hr),
        inverse(line.upper),
        inverse(line.lower),
        line.p,
        line.labels,
        15,
        43,
    )
    result = hazard.fit(turned)
    assert result.compared is not None
    assert result.reference is not None
    assert result.compared.value == pytest.approx(10.9, abs=0.2)
    assert result.reference.value == pytest.approx(32, abs=1.5)


def test_one_patient_is_a_maximum_with_two_limits() -> None:
    b, se, low, high = findings.one_patient(57, 13)
    assert low < b < high
    # With one event before it among n others the estimate is sqrt(n (n - 1)): a closed form.
    assert findings.one_patient(30, 1)[0] == pytest.approx(0.5 * math.log(30 * 29))
    assert 1.0 < se < 1.1


def test_weibull_shape() -> None:
    assert survival.weibull_shape(0.321, (8.5, 3.5)) == pytest.approx(1.2806, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "decimals", "value", "agrees"),
    [
        ("51.8", None, 51.85185, False),
        ("51.9", None, 51.85185, True),
        ("0.62", 3, 0.6249, False),
        ("0.62", 3, 0.6204, True),
        ("<0.001", None, 0.00058, True),
        ("<0.001", None, 0.0011, False),
    ],
)
def test_rounding(text: str, decimals: int | None, value: float, agrees: bool) -> None:
    assert Printed(text, decimals).agrees(value) is agrees


def test_a_row_that_strays_ends_with_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from host.cli import cli

    monkeypatch.setattr(study, "INTERVAL_P", Printed("0.035"))
    done = CliRunner().invoke(cli, ["cohort", "paper"])
    assert done.exit_code == 26
    assert "discordance by interval" in done.stderr
    assert "Traceback" not in done.output


def test_figure(tmp_path: Path) -> None:
    from host.cli.cohort.paper import paper

    figure = tmp_path / "paper.svg"
    assert CliRunner().invoke(paper, ["--only", "findings", "--figure", str(figure)]).exit_code == 0
    assert figure.read_text().count("of 43") >= 1


def test_command() -> None:
    from host.cli.cohort.paper import paper

    done = CliRunner().invoke(paper, ["--json"])
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["rows"]) > 100
    people = CliRunner().invoke(paper, ["--only", "findings"])
    assert people.exit_code == 0
    assert "swapped" in people.stdout
