"""The commands: the JSON others rely on, every bad input as one sentence, and figures that are pictures."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from host.cli import cli
from host.results import Store
from host.stats import reference
from host.tests.results_builder import record

DATA_ERROR = 25
FOLLOW = ("--time", "time", "--event", "status")


def run(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["cohort", *map(str, args)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def answer(*args: object) -> dict:
    code, out, err = run(*args, "--json")
    assert code == 0, err
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@pytest.fixture(scope="module")
def veteran(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("data") / "veteran.csv"
    reference.dataset("veteran").to_csv(path, index=False)
    return path


def table(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def patients(n: int = 40) -> list[dict[str, object]]:
    rng = np.random.default_rng(4)
    return [
        {
            "patient": f"P{i}",
            "time": round(float(rng.exponential(6)), 1) + 0.1,
            "status": int(rng.random() < 0.7),
            "ctc": "positive" if i % 3 == 0 else "negative",
            "age": int(rng.integers(30, 70)),
        }
        for i in range(n)
    ]


def test_cox_json(veteran):
    found = answer(
        "cox", veteran, *FOLLOW, "--covariate", "age", "--covariate", "celltype", "--ref", "celltype=large"
    )
    assert (found["ties"], found["ci"]) == ("breslow", "profile")
    keys = [
        "term",
        "level",
        "reference",
        "n",
        "events",
        "missing",
        "coef",
        "se",
        "hr",
        "lower",
        "upper",
        "p",
        "p_lr",
        "p_score",
    ]
    for part in ("univariate", "multivariate"):
        assert [set(keys) <= set(row) for row in found[part]] == [True] * 4
        assert [(row["term"], row["level"], row["reference"]) for row in found[part]] == [
            ("age", None, None),
            ("celltype", "adeno", "large"),
            ("celltype", "smallcell", "large"),
            ("celltype", "squamous", "large"),
        ]
    assert found["univariate"][0]["hr"] == pytest.approx(math.exp(found["univariate"][0]["coef"]))


def test_km_json(veteran):
    found = answer("km", veteran, *FOLLOW, "--group", "trt")
    assert [g["median"] for g in found["groups"]] == [103.0, 52.5]
    assert [(g["lower"], g["upper"]) for g in found["groups"]] == [(54.0, 126.0), (43.0, 90.0)]
    assert set(found["logrank"]) == {"chi2", "df", "p"}


def test_km_gives_null_where_a_limit_is_not_reached(tmp_path):
    rows = [{**row, "status": int(i < 10)} for i, row in enumerate(patients())]
    found = answer("km", table(tmp_path / "t.csv", rows), *FOLLOW, "--group", "ctc")
    assert [group["upper"] for group in found["groups"]] == [None, None]


def test_table1_json(veteran):
    found = answer(
        "table1", veteran, "--group", "trt", "--characteristic", "celltype", "--characteristic", "age"
    )
    row = found["rows"][0]
    assert set(["characteristic", "level", "counts", "median", "min", "max", "missing", "test", "p"]) <= set(
        row
    )
    assert row["counts"] == {"1": 9, "2": 18} and row["level"] == "adeno" and row["test"] == "chi2"
    assert found["rows"][-1]["level"] is None and found["rows"][-1]["median"] == 62


def test_missing_values_are_counted_per_model(tmp_path):
    rows = patients()
    rows[0]["age"] = rows[1]["age"] = ""
    rows[2]["time"] = "NA"
    found = answer(
        "cox", table(tmp_path / "t.csv", rows), *FOLLOW, "--covariate", "age", "--covariate", "ctc"
    )
    assert [(row["n"], row["missing"]) for row in found["univariate"]] == [(37, 2), (39, 0)]
    assert {(row["n"], row["missing"]) for row in found["multivariate"]} == {(37, 2)}
    assert any("no follow-up: 1 of 40 patients" in note for note in found["notes"])
    whole = answer("missing", tmp_path / "t.csv")
    assert {row["column"]: row["missing"] for row in whole["rows"]}["age"] == 2
    assert whole["complete"] == 37


def test_parquet_separators_and_options_from_toml_give_the_same(tmp_path, veteran):
    frame = pd.read_csv(veteran)
    frame.to_parquet(tmp_path / "v.parquet")
    frame.to_csv(tmp_path / "v.txt", sep=";", decimal=",", index=False, encoding="utf-8-sig")
    (tmp_path / "c.toml").write_text(
        'time = "time"\nevent = "status"\nunits = "days"\n[cox]\ncovariate = ["karno", "celltype:large"]\n'
    )
    by_toml = answer("cox", veteran, "--columns", tmp_path / "c.toml")
    for path, extra in ((tmp_path / "v.parquet", ()), (tmp_path / "v.txt", ("--decimal", ","))):
        direct = answer(
            "cox",
            path,
            *FOLLOW,
            "--units",
            "days",
            "--covariate",
            "karno",
            "--covariate",
            "celltype:large",
            *extra,
        )
        assert direct == by_toml
    (tmp_path / "c.toml").write_text('time = "time"\nevent = "status"\n[cox]\ncovariate = "karno"\n')
    assert answer("cox", veteran, "--columns", tmp_path / "c.toml")["univariate"][0]["term"] == "karno"
    for text, says in (
        ('tme = "time"', '"time"'),
        ("[kn]\ngroup = 1", '"km"'),
        ("[cox]\ncovariat = 1", '"covariate"'),
    ):
        (tmp_path / "c.toml").write_text(text + "\n")
        refused(f"(did you mean {says}?)", "cox", veteran, "--columns", tmp_path / "c.toml")
    (tmp_path / "c.toml").write_text("cox = 5\n")
    refused("under [cox]", "cox", veteran, "--columns", tmp_path / "c.toml")


def test_dates_make_the_times(tmp_path):
    rows = [
        {
            "patient": "a",
            "start": "2020-01-01",
            "pd": "2020-03-01",
            "died": "",
            "seen": "2020-03-01",
            "g": "x",
        },
        {
            "patient": "b",
            "start": "2020-01-01",
            "pd": "",
            "died": "2020-05-01",
            "seen": "2020-04-01",
            "g": "y",
        },
        {"patient": "c", "start": "2020-01-01", "pd": "", "died": "", "seen": "2020-12-31", "g": "x"},
        {"patient": "d", "start": "", "pd": "", "died": "", "seen": "2020-12-31", "g": "y"},
    ]
    path = table(tmp_path / "t.csv", rows)
    dates = (
        "--start",
        "start",
        "--progression",
        "pd",
        "--death",
        "died",
        "--last-visit",
        "seen",
        "--units",
        "days",
    )
    found = answer("km", path, *dates)
    assert found["groups"][0] | {"n": 3, "events": 2, "median": 121.0} == found["groups"][0]
    censored = answer("km", path, *dates, "--death-is", "censored")
    assert censored["groups"][0]["events"] == 1
    rows[0]["pd"] = "2019-12-01"
    code, _, err = run("km", table(path, rows), *dates)
    assert code == DATA_ERROR and "patient a" in err


def test_results_store_joined(tmp_path):
    rows = [{"patient": f"S-{i}", "time": i + 1.0, "status": 1, "tissue": "positive"} for i in range(5)]
    path, store = table(tmp_path / "t.csv", rows), tmp_path / "r.sqlite"
    with Store(store) as opened:
        opened.add(record((3, 3, 0), sample="S-0", kind="patient", sequence=1))
        opened.add(record((0, 0, 1), sample="S-1", kind="patient", sequence=2))
        opened.add(record((), sample="S-2", kind="patient", sequence=3))
        opened.add(record((3, 3, 3), sample="S-3", kind="control", sequence=4))
        opened.add(record((0, 0, 1), sample="elsewhere", kind="patient", sequence=5))
        lost = {"status": "INVALID", "flags": ["PROVISIONAL", "LED her2"], "fault": "strip dark"}
        opened.add(record((3, 3, 3), sample="S-4", kind="patient", sequence=8, **lost))
        opened.add(record((3, 3, 3), sample="S-4", kind="simulated", sequence=9))
    joined = ("--results", store, "--tissue", "tissue", "--ctc", "ctc_status")
    found = answer("discordance", path, *joined)
    assert found["n"] == 2 and found["overall"]["discordant"] == 1  # NO CTC is not negative
    assert found["excluded"] == {"no CTC": 1, "missing": 2}
    assert (
        "Not used: INVALID runs (1), control runs (1), runs of samples that are not in the table (1), "
        "simulated runs (1)." in found["notes"]
    )
    # Patients left out by a condition are in the table all the same.
    chosen = answer("discordance", path, *joined, "--where", "time<=2", "--where", "ctc_status!=NO CTC")
    assert chosen["n"] == 2 and "runs of samples that are not in the table (1)" in " ".join(chosen["notes"])
    with Store(store) as opened:
        opened.add(record((0, 0, 1), sample="S-0", kind="patient", sequence=6, utc="2026-04-01T09:30:00Z"))
    code, _, err = run("discordance", path, *joined)
    assert code == DATA_ERROR and "--pick" in err
    assert answer("discordance", path, *joined, "--pick", "last")["overall"]["discordant"] == 2


def test_separation_is_said_and_penalised(tmp_path):
    rows = [
        {**row, "never": int(i < 5), "status": 0 if i < 5 else row["status"]}
        for i, row in enumerate(patients())
    ]
    path = table(tmp_path / "t.csv", rows)
    found = answer("cox", path, *FOLLOW, "--covariate", "never")
    row = found["univariate"][0]
    assert row["method"] == "firth" and row["monotone"] and row["upper"] > row["hr"] > row["lower"] > 0
    assert any("Firth" in note for note in found["notes"])
    row = answer("cox", path, *FOLLOW, "--covariate", "never", "--firth", "never")["univariate"][0]
    assert [row[key] for key in ("coef", "hr", "lower", "upper", "p")] == [None] * 5


def test_perfect_separation_is_refused(tmp_path):
    """A covariate that is the outcome in other words gives no hazard ratio; a group without events does."""
    rows = [{**row, "again": row["status"], "early": -row["time"]} for row in patients()]
    path = table(tmp_path / "t.csv", rows)
    refused("Perfect separation: again alone", "cox", path, *FOLLOW, "--covariate", "again")
    refused("Perfect separation", "cox", path, *FOLLOW, "--covariate", "age", "--covariate", "again")
    refused("Perfect separation", "cox", path, *FOLLOW, "--covariate", "again", "--firth", "never")
    row = answer("cox", path, *FOLLOW, "--covariate", "again", "--firth", "always")["univariate"][0]
    assert row["method"] == "firth" and 1 < row["lower"] < row["hr"] < row["upper"]
    everybody = table(
        tmp_path / "e.csv", [{**row, "time": i, "early": -i, "status": 1} for i, row in enumerate(rows)]
    )
    refused("Perfect separation: early alone", "cox", everybody, *FOLLOW, "--covariate", "early")


def test_the_outcome_explains_nothing(veteran):
    refused("is the follow-up itself", "cox", veteran, *FOLLOW, "--covariate", "time")
    refused("is the follow-up itself", "km", veteran, *FOLLOW, "--group", "status")
    refused("no characteristic of it", "table1", veteran, "--group", "trt", "--characteristic", "trt")


def test_rows_are_chosen_before_patients_are_checked(tmp_path):
    rows = [{**row, "visit": visit, "Patient No.": row["patient"]} for row in patients() for visit in (1, 2)]
    for row in rows:
        del row["patient"]
    path = table(tmp_path / "t.csv", rows)
    refused('column "Patient No." more than once', "km", path, *FOLLOW)
    assert answer("km", path, *FOLLOW, "--where", "visit=2.0")["groups"][0]["n"] == 40
    assert answer("km", path, *FOLLOW, "--id", "none")["groups"][0]["n"] == 80


def test_the_length_of_a_month_and_the_endpoint_are_said(veteran, tmp_path):
    found = answer("km", veteran, *FOLLOW, "--time-in", "days", "--units", "months", "--days-per-month", "30")
    assert found["groups"][0]["median"] == pytest.approx(80 / 30)
    assert '"time" is in days. Times are in months of 30 days.' in found["notes"]
    rows = [
        {"patient": i, "a": "2020-01-01", "b": f"2020-02-{i + 1:02d}", "c": "2021-01-01"} for i in range(9)
    ]
    path = table(tmp_path / "d.csv", rows)
    dates = ("--start", "a", "--progression", "b", "--last-visit", "c")
    for more, said in (
        ((), 'from "a" to the event, "b"; without event it is censored at "c".'),
        (("--death", "c"), '"b" or else "c"; without'),
        (("--death", "c", "--death-is", "censored"), 'censored at "c" or else "c".'),
    ):
        notes = answer("km", path, *dates, *more)["notes"]
        assert any(said in note for note in notes) and "Times are in months of 30.4375 days." in notes


def test_a_group_without_status_is_no_negative_one(veteran, tmp_path):
    rows = [{**row, "ctc": ("POSITIVE", "NEGATIVE", "NO CTC")[i % 3]} for i, row in enumerate(patients())]
    path = table(tmp_path / "t.csv", rows)
    notes = answer("cox", path, *FOLLOW, "--covariate", "ctc:POSITIVE")["notes"]
    assert any("not POSITIVE includes NO CTC" in note for note in notes)
    few = answer("cox", path, *FOLLOW, "--covariate", "ctc:POSITIVE", "--where", "ctc!=NO CTC")
    assert few["univariate"][0]["reference"] == "NEGATIVE" and "NO CTC" not in str(few["notes"][1:])


def test_one_patient_is_not_certain(tmp_path):
    """A group of one has no spread, so its restricted mean has no interval and no P."""
    rows = [{**row, "ctc": "alone" if i == 7 else row["ctc"]} for i, row in enumerate(patients())]
    rows[7]["status"] = 1
    found = answer("km", table(tmp_path / "t.csv", rows), *FOLLOW, "--group", "ctc")
    alone = next(group for group in found["groups"] if group["group"] == "alone")
    assert alone["rmean"]["lower"] is None and alone["rmean"]["mean"] == found["horizon"]
    assert [d["p"] is None for d in found["rmean_differences"]] == [True, True, False]


def test_interaction_is_one_test(veteran):
    found = answer(
        "km", veteran, *FOLLOW, "--group", "trt", "--where", "celltype!=large", "--interaction", "prior"
    )
    item = found["interactions"][0]
    assert item["term"] == "trt" and item["df"] == 1 and 0 < item["p_lr"] < 1
    assert any("110 of 137" in note for note in found["notes"])


BAD = {
    "negative time": (lambda r: r[3].update(time=-1), "negative"),
    "event code": (lambda r: r[3].update(status=2), "--event-code"),
    "text in a number": (lambda r: r[3].update(age="4O"), '"4O"'),
    "no events": (lambda r: [row.update(status=0) for row in r], "event"),
    "constant covariate": (lambda r: [row.update(age=50) for row in r], "leave"),
    "duplicated patient": (lambda r: r[3].update(patient="P0"), "P0"),
    "no patient number": (lambda r: r[3].update(patient=""), "patient"),
    "infinite time": (lambda r: r[3].update(time="inf"), '"inf"'),
    "unlike spellings": (lambda r: r[0].update(ctc="Positive"), "alike"),
    "one group": (lambda r: [row.update(ctc="positive") for row in r], "positive"),
    "decimal comma": (lambda r: [row.update(age=f"{row['age']},5") for row in r[:3]], "--decimal ,"),
    "unit out of range": (lambda r: [row.update(age=f"{row['age']}e300") for row in r], "unit"),
    "no values": (lambda r: [row.update(age="") for row in r], "age"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_values(tmp_path, case):
    rows = patients()
    spoil, says = BAD[case]
    spoil(rows)
    refused(says, "cox", table(tmp_path / "t.csv", rows), *FOLLOW, "--covariate", "age", "--covariate", "ctc")


def refused(says: str, *args: object) -> None:
    """One sentence, no numbers, no traceback."""
    code, out, err = run(*args, "--json")
    assert code == DATA_ERROR and out == ""
    assert says in err and "Traceback" not in err and len(err.strip().splitlines()) == 1
    assert err.strip().endswith(".") or err.strip().endswith(").")


def test_unknown_column_names_the_nearest(veteran):
    refused(
        '(did you mean "status"?)',
        "cox",
        veteran,
        "--time",
        "time",
        "--event",
        "Status1",
        "--covariate",
        "age",
    )


def test_unknown_column_like_no_other_names_them(veteran):
    refused(
        "it has trt, celltype", "cox", veteran, "--time", "xyz", "--event", "status", "--covariate", "age"
    )


@pytest.mark.parametrize(
    ("says", "call"),
    [
        (
            "above 0",
            (
                "discordance",
                "--ctc",
                "trt",
                "--positive",
                "1",
                "--tissue-positive",
                "--interval",
                "age",
                "--cut",
                "-1",
            ),
        ),
        ("--time-in needs --units", ("km", *FOLLOW, "--time-in", "days")),
        ("both", ("km", *FOLLOW, "--start", "age")),
    ],
)
def test_unusable_choices(veteran, says, call):
    refused(says, call[0], veteran, *call[1:])


def test_every_command_shows_how_it_is_called():
    from host.cli.cohort import COMMANDS

    for name in set(COMMANDS) - {"power", "remark"}:
        code, out, _ = run(name, "--help")
        assert code == 0 and f"host cohort {name} " in out.split("Options:")[0].partition("\n")[2], name
        shown = {word for word in out.split("Options:")[0].split() if word.startswith("--")}
        described = out.split("Options:")[1]
        assert [word for word in shown if word not in described] == []


def test_one_group_only(tmp_path):
    path = table(tmp_path / "t.csv", [{**row, "ctc": "positive"} for row in patients()])
    refused("one group only", "km", path, *FOLLOW, "--group", "ctc")
    refused("one group only", "table1", path, "--group", "ctc", "--characteristic", "age")


def test_collinear_covariates(tmp_path):
    path = table(tmp_path / "t.csv", [{**row, "half": row["age"] / 2} for row in patients()])
    refused("determine one another", "cox", path, *FOLLOW, "--covariate", "age", "--covariate", "half")


FILES = {
    "empty": (b"", "is empty"),
    "header only": (b"time,status,age\n", "no patients"),
    "mixed encodings": ("time,status,age\n1,1,é\n".encode() + "2,1,é\n".encode("latin-1"), "mixes encodings"),
    "latin-1": ("time,status,age\n2,1,é\n".encode("latin-1"), "--encoding"),
    "ragged": (b"time,status,age\n1,1\n", "2 cells"),
    "two columns of a name": (b"time,time,age\n1,1,1\n", "two columns"),
    "binary": (b"time,status,age\n1,1,\x00\n", "zero bytes"),
    "no parquet": (b"PAR1 is not enough", "Parquet"),
}


@pytest.mark.parametrize("case", FILES)
def test_bad_files(tmp_path, case):
    data, says = FILES[case]
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    refused(says, "cox", path, *FOLLOW, "--covariate", "age")
    refused("There is no file", "cox", tmp_path / "none.csv", *FOLLOW, "--covariate", "age")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_figures(tmp_path, veteran, suffix):
    heads = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    calls = {
        "km": (*FOLLOW, "--group", "celltype", "--units", "days"),
        "cox": (*FOLLOW, "--covariate", "karno", "--covariate", "celltype"),
    }
    for command, options in calls.items():
        path = tmp_path / f"{command}.{suffix}"
        answer(command, veteran, *options, "--figure", path)
        first = path.read_bytes()
        assert first.startswith(heads[suffix]) and len(first) > 5000
        if suffix == "svg":  # the same numbers, the same picture
            answer(command, veteran, *options, "--figure", path)
            assert path.read_bytes() == first


def test_text_for_people(veteran):
    code, out, _ = run("cox", veteran, *FOLLOW, "--covariate", "celltype", "--ref", "celltype=large")
    assert code == 0 and "celltype: squamous vs. large" in out and "Breslow" in out
    code, out, _ = run("table1", veteran, "--group", "trt", "--characteristic", "celltype")
    assert code == 0 and "chi2" in out
