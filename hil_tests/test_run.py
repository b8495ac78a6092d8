"""A specimen in, a status out: what a technician does, seen from the port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rigs import Rig
from rigs.base import SPECIMENS

pytestmark = pytest.mark.needs("port", "specimen")


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_status_is_the_specimens(rig: Rig, host_json: Callable[..., Any], name: str) -> None:
    specimen = SPECIMENS[name]
    rig.place(name)
    result = host_json("run", "--sample", f"HIL-{name}", "--fields", str(specimen.fields))
    assert result["status"] == specimen.status, result
    assert result["ctc"] == sum(result["tally"].values())
    assert result["fields"] == specimen.fields
    assert "PROVISIONAL" in result["flags"]
    assert abs(result["ctc"] - specimen.ctc) <= 1
    if specimen.ctc:
        assert result["share_3plus"] == pytest.approx(result["tally"]["3+"] / result["ctc"])
    else:
        assert result["share_3plus"] is None

    shown = host_json("results", "show", str(result["sequence"]))
    cells = [cell for cell in shown["cells"] if cell["ctc"]]
    assert len(cells) == result["ctc"]
    assert all(cell["rejected_by"] is None for cell in cells)
    assert all(cell["rejected_by"] for cell in shown["cells"] if not cell["ctc"])


def test_a_result_survives_a_power_cut_and_is_stored_once(
    rig: Rig, host: Callable[..., Any], host_json: Callable[..., Any]
) -> None:
    if "power" not in rig.features:
        pytest.skip("this bench lacks: power")
    rig.place("positive")
    with rig.link() as link:
        sequence = link.start("HIL-CUT", "simulated", fields=1)
        while link.status().state == "running":
            link.deadline.sleep(0.3)
    rig.power(False)
    rig.power(True)
    first = host_json("pull")
    again = host_json("pull")
    listed = [entry["sequence"] for entry in host_json("results", "list")]
    assert listed.count(sequence) == 1, (first, again, listed)
    assert host_json("results", "show", str(sequence))["status"] == "POSITIVE"
    with rig.link() as link:
        assert sequence not in [kept.seq for kept in link.results()]


def test_the_sequence_never_repeats(rig: Rig, host_json: Callable[..., Any]) -> None:
    rig.place("blank")
    first = host_json("run", "--sample", "HIL-SEQ", "--fields", "1")["sequence"]
    second = host_json("run", "--sample", "HIL-SEQ", "--fields", "1")["sequence"]
    assert second > first
