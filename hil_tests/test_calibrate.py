"""Beads under the sensor, MESF in the reader: accepted, refused, and kept over a power cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rigs import Rig

from host.calibration import CalibrationRefused
from host.calibration.lot import load
from host.cli.errors import code_of
from host.specimen import save
from host.specimen.standards import bead_specimen

LOT = Path(__file__).parents[1] / "host" / "calibration" / "virtual-beads.toml"

pytestmark = pytest.mark.needs("port", "specimen", "power")


@pytest.fixture
def lot(tmp_path: Path) -> Path:
    """The virtual lot without its level 2: 24 beads of the other levels fit one field."""
    text = LOT.read_text()
    begin = text.index('[[level]]\nname = "2"')
    path = tmp_path / "lot.toml"
    path.write_text(text[:begin] + text[text.index("[[level]]", begin + 1) :])
    return path


def place(rig: Rig, lot: Path) -> None:
    if not hasattr(rig, "place_file"):
        pytest.skip("this bench lacks: a specimen of its own")
    rig.place_file(save(bead_specimen(load(lot), seed=1, fields=1, per_level=24), lot.with_suffix(".npz")))


@pytest.fixture
def own_settings(host_json: Callable[..., Any]) -> Any:
    """The reader begins with its built-in settings, and has them again afterwards."""
    host_json("settings", "reset")
    yield
    host_json("settings", "reset")


def test_beads_that_are_accepted(
    rig: Rig, host_json: Callable[..., Any], lot: Path, tmp_path: Path, own_settings: None
) -> None:
    place(rig, lot)
    done = host_json("calibrate", "beads", "--lot", str(lot), "--fields", "1", "-o", str(tmp_path))
    assert all(check["ok"] for check in done["checks"])
    assert [Path(file).exists() for file in done["files"]] == [True, True]
    shown = host_json("settings", "show")
    assert shown["calibration"] == done["calibration"]
    assert shown["calibration"].startswith("VIRTUAL1-")
    assert shown["provisional"], "the cut-offs still are"
    (run,) = [entry for entry in host_json("results", "list") if entry["sequence"] == done["sequence"]]
    assert run["status"] == "INVALID", "beads have no status"

    rig.power(False)
    rig.power(True)
    assert host_json("settings", "show")["sha256"] == shown["sha256"]


def test_beads_that_are_refused(
    rig: Rig, host: Callable[..., Any], host_json: Callable[..., Any], lot: Path, tmp_path: Path,
    own_settings: None,
) -> None:  # fmt: skip
    """A lot file with a wrong value: the reason in one sentence, and nothing is changed or written."""
    place(rig, lot)
    before = host_json("settings", "show")
    lot.write_text(lot.read_text().replace("mesf = 200000", "mesf = 280000"))
    refused = host("calibrate", "beads", "--lot", str(lot), "--fields", "1", "-o", str(tmp_path / "none"))
    assert refused.returncode == code_of(CalibrationRefused("")), refused.stderr
    assert "off the line" in refused.stderr and len(refused.stderr.splitlines()) == 1
    assert not (tmp_path / "none").exists()
    assert host_json("settings", "show") == before


def test_settings_sent_are_settings_used(
    rig: Rig, host: Callable[..., Any], host_json: Callable[..., Any], tmp_path: Path, own_settings: None
) -> None:
    """A cut-off that no cell reaches: the positive specimen has no 3+ then; a bad file changes nothing."""
    text = (Path(LOT.parents[1]) / "settings" / "cellsearch-2.toml").read_text()
    group = text[text.index("[cutoffs]") : text.index("[calibration]")]
    file = tmp_path / "cutoffs.toml"
    file.write_text("format = 1\n" + group.replace("PROVISIONAL-2", "none-3+").replace("7000", "4000000"))
    sent = host_json("settings", "send", str(file))
    assert (sent["gate_set"], sent["cutoffs"]) == ("cellsearch-2", "none-3+")
    rig.place("positive")
    result = host_json("run", "--sample", "HIL-CUTOFF", "--fields", "1")
    assert result["tally"]["3+"] == 0
    assert result["ctc"] > 0
    file.write_text(file.read_text().replace("900 MESF", "90 grey"))
    bad = host("settings", "send", str(file))
    assert bad.returncode == 27, bad.stderr
    assert json.loads(host("settings", "show", "--json").stdout)["sha256"] == sent["sha256"]
