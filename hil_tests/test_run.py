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


def positive(tally: dict[str, int], rule: str) -> bool:
    """What the rules' words say of a tally with CTCs."""
    ctcs = sum(tally.values())
    return {
        "her2-3plus-gt-30pct": 10 * tally["3+"] > 3 * ctcs,
        "her2-signal-ge-50pct": 2 * (ctcs - tally["0"]) >= ctcs,
        "her2-3plus-ge-1cell": tally["3+"] >= 1,
    }[rule]


@pytest.mark.timeout(900)  # three runs, and a machine that may be busy
def test_the_rule_can_be_chosen_and_is_told(
    rig: Rig, host: Callable[..., Any], host_json: Callable[..., Any]
) -> None:
    for name, rule in (
        ("negative", "her2-signal-ge-50pct"),
        ("positive", "her2-3plus-ge-1cell"),
        ("positive", "her2-3plus-gt-30pct"),
    ):
        rig.place(name)
        result = host_json("run", "--sample", "HIL-RULE", "--fields", "1", "--rule", rule)
        assert result["rule"] == rule
        assert result["status"] == ("POSITIVE" if positive(result["tally"], rule) else "NEGATIVE"), result
        assert result["interval"][0] <= result["share"] <= result["interval"][1]
        shown = host("results", "show", str(result["sequence"])).stdout
        assert (f"{result['status']} by {rule}" in shown) == (rule != "her2-3plus-gt-30pct")
    unknown = host("run", "--sample", "HIL-RULE", "--rule", "her2-any")
    assert unknown.returncode == 2 and "her2-3plus-gt-30pct" in unknown.stderr


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
