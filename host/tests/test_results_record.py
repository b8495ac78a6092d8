"""A record is believed only when all of it agrees."""

from __future__ import annotations

import binascii
import itertools
import string
from typing import Any

import cbor2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host import core
from host.results import Record, RecordError
from host.results.cells import GATES, ROW, SCORES
from host.results.export import CELL_COLUMNS
from host.tests import format1_builder
from host.tests.results_builder import CELL, READER, SIGNAL, Parts, crop, encode, record, row, values


def test_summary_has_what_the_run_command_prints() -> None:
    assert Record.decode(record()).summary() == {
        "status": "POSITIVE",
        "rule": "her2-3plus-gt-30pct",
        "ctc": 5,
        "tally": {"0": 1, "1+": 1, "2+": 1, "3+": 2},
        "share_3plus": 0.4,
        "share": 0.4,
        "interval": [0.0527, 0.8534],
        "fields": 2,
        "flags": ["LOW COUNT", "UNCERTAIN", "PROVISIONAL"],
        "sample": "S-1",
        "sequence": 7,
        "reader": READER,
        "utc": "2026-03-01T09:30:00Z",
        "kind": "simulated",
        "fault": None,
    }


def test_cells_are_in_micrometres_and_grey_levels() -> None:
    cells = Record.decode(record([2], rejected=1, fields=1)).cells()
    first, second = cells
    expected = {
        "field": 0,
        "x_um": 10.0,
        "y_um": 20.0,
        "ctc": True,
        "score": "2+",
        "score_low": "2+",
        "score_high": "2+",
        "rejected_by": None,
        "dapi": 90.0,
        "ck": 80.0,
        "cd45": 1.0,
        "her2": 45.0,
        "her2_mesf_um2": 4500,
        "her2_se": 0.3125,
        "cd45_low": 1.0,
        "area_um2": 120.0,
        "outline_um2": 130.0,
        "equivalent_diameter_um": 12.3608,
        "perimeter_um": 44.0,
        "p2a": 14.8923,
        "eccentricity": 0.0,
        "nucleus_um2": 70.0,
        "nucleus_inside": 1.0,
        "nucleus_to_cell": 0.5833,
        "focus": 0.6,
        "overlap_ck": 1.0,
        "overlap_cd45": 0.0,
        "overlap_her2": 1.0,
        "edge": False,
        "saturated": False,
        "split": False,
        "borderline": False,
        "no_ring": False,
        "out_of_range": False,
        "crop": False,
        "her2_mass": 5850.0,
        "her2_snr": 48.0,
        "her2_max": 120,
        "her2_median": 60,
        "her2_sd": 3.0,
        "her2_background": 20.0,
        "her2_saturated_share": 0.0,
        "dapi_mass": 6300.0,
    }
    assert {key: first[key] for key in expected} == expected
    assert list(first) == CELL_COLUMNS[3:]
    assert (second["ctc"], second["score"], second["score_low"], second["rejected_by"]) == (
        False,
        None,
        None,
        "ck",
    )


def test_edge_and_saturation_are_told_apart() -> None:
    chunk = row(0, 1, flags=2) + row(0, 1, flags=4)
    cells = Record.decode(record([1, 1], rejected=0, fields=1, cells=[chunk])).cells()
    assert [(cell["edge"], cell["saturated"]) for cell in cells] == [(True, False), (False, True)]


@pytest.mark.parametrize("gate", range(1, len(GATES)))
def test_every_gate_has_its_name(gate: int) -> None:
    data = record([], rejected=1, fields=1, cells=[row(0, None, gate=gate)])
    assert [cell["rejected_by"] for cell in Record.decode(data).cells()] == [GATES[gate]]


def test_no_ctc_has_no_share_and_is_not_negative() -> None:
    summary = Record.decode(record([])).summary()
    assert (summary["status"], summary["share_3plus"], summary["ctc"]) == ("NO CTC", None, 0)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(0, 20), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_any_sound_record_comes_back(scores: list[int], rejected: int, fields: int) -> None:
    data = record(scores, rejected=rejected, fields=fields)
    decoded = Record.decode(data)
    assert decoded.raw == data
    assert decoded.tally == [scores.count(n) for n in range(4)]
    assert sorted(cell["score"] for cell in decoded.cells() if cell["ctc"]) == sorted(
        SCORES[s] for s in scores
    )
    assert decoded.status != "POSITIVE" or 10 * scores.count(3) > 3 * len(scores)


@pytest.mark.parametrize(("limit", "length"), [(1 << 16, 3), (1 << 32, 5)])
def test_the_crc_may_be_a_number_of_any_length(limit: int, length: int) -> None:
    """CBOR shortens a small number, so look for a record whose CRC-32 happens to be below ``limit``."""
    body = encode(values(timing={"aaaa": 1}))[:-9]
    name = body.index(b"aaaa")
    before, behind = binascii.crc32(body[:name]), body[name + 4 :]
    for letters in itertools.product(string.ascii_letters.encode(), repeat=4):
        checksum = binascii.crc32(bytes(letters) + behind, before)
        if checksum < limit:
            break
    else:
        pytest.fail("no such record")
    data = body[:name] + bytes(letters) + behind + cbor2.dumps("crc") + cbor2.dumps(checksum)
    assert len(data) == len(body) + 4 + length
    assert Record.decode(data).crc == checksum


def test_every_flipped_bit_is_detected() -> None:
    data = bytearray(record([3, 0], rejected=1, fields=1))
    Record.decode(bytes(data))
    for n in range(len(data)):
        for bit in range(8):
            data[n] ^= 1 << bit
            with pytest.raises(RecordError):
                Record.decode(bytes(data))
            data[n] ^= 1 << bit


def test_every_truncation_and_any_tail_is_detected() -> None:
    data = record()
    for n in range(len(data)):
        with pytest.raises(RecordError):
            Record.decode(data[:n])
    for tail in (b"\x00", b"\xff", data):
        with pytest.raises(RecordError):
            Record.decode(data + tail)


@given(st.binary(max_size=400))
def test_anything_else_is_a_record_error(data: bytes) -> None:
    with pytest.raises(RecordError):
        Record.decode(data)


def _swapped() -> dict[str, Any]:
    sound = values()
    return {key: sound[key] for key in sorted(sound)}


def two_fields() -> list[bytes]:
    """Rows and crops of the fields of ``values()``: three CTCs and two other objects; two and one"""
    return [part for rows in values()["cells"] for part in (rows, b"")]


def with_crops(crops: bytes) -> dict[str, Any]:
    """That record with crops in its first field."""
    first, _, *rest = two_fields()
    return values(cells=Parts([first, crops, *rest]))


COUNTED = {"field": 0, "leukocytes": 5, "hot": 2}
LIES: list[tuple[str, dict[str, Any], str]] = [
    ("tally", values(tally=[1, 1, 2, 1]), "differs from its cell table"),
    ("rejected", values(rejected=3) | {"rejected": 4}, "differs from its cell table"),
    ("status against the rule", values([3, 0, 0, 0], status="POSITIVE"), "is NEGATIVE by its rule"),
    (
        "3 of 10 is not more than 30 %",
        values([3] * 3 + [0] * 7, status="POSITIVE"),
        "is NEGATIVE by its rule",
    ),
    ("no CTC called negative", values([], status="NEGATIVE"), "is NO CTC by its rule"),
    ("fault without INVALID", values(fault="LED her2 dark"), "must be INVALID"),
    ("reason without INVALID", values(flags=["PROVISIONAL", "LOW COUNT", "LED her2"]), "must be INVALID"),
    ("unknown flag without INVALID", values(flags=["LOW COUNT", "WHATEVER"]), "must be INVALID"),
    ("INVALID without a reason", values(status="INVALID"), "gives no reason"),
    ("a field is missing", values() | {"fields_planned": 4}, "a field is missing"),
    ("a field's quality is missing", values(quality=[], leukocytes=0), "a field is missing"),
    ("more fields than planned", values() | {"fields_planned": 1}, "not planned"),
    ("low count unsaid", values(flags=["UNCERTAIN", "PROVISIONAL"]), "LOW COUNT"),
    ("another format", values(format=3), "update the host"),
    ("format as text", values(format="2"), "update the host"),
    ("format true", values(format=True), "update the host"),
    ("format 1 with the keys of 2", values(format=1), "not of format 1"),
    ("interval of another tally", values(interval=[527, 8535]), "is not that of its tally"),
    ("interval upside down", values(interval=[8534, 527]), "interval"),
    ("interval beyond 100 %", values(interval=[527, 10001]), "interval"),
    ("borderline tally without rows", values(tally_high=[0, 1, 1, 3]), "tally_low or tally_high"),
    ("leukocytes of other fields", values(leukocytes=11), "leukocytes"),
    ("leukocytes uncounted in a field", values(leukocytes=None), "leukocytes"),
    (
        "warning without cause",
        values(flags=["LOW COUNT", "UNCERTAIN", "BORDERLINE", "PROVISIONAL"]),
        "flags are",
    ),
    ("warning unsaid", values(flags=["LOW COUNT", "PROVISIONAL"]), "flags are"),
    ("provisional unsaid", values(flags=["LOW COUNT", "UNCERTAIN"]), "flags are"),
    ("provisional for calibrated cells", values(calibration="C-1", cutoffs="K-1"), "flags are"),
    ("by another rule", values([0, 0, 3], rule=CELL, status="NEGATIVE"), "is POSITIVE by its rule"),
    ("settings", values(settings="abc"), "settings"),
    ("cells as one table", values(cells=b""), "cells"),
    ("rows without crops", values(cells=Parts([*two_fields()[:3]])), "cells"),
    ("a field's cells are missing", values([3], cells=Parts([row(0, 3), b""]), rejected=0), "cells of 1"),
    ("cells of a field too many", values(cells=Parts([*two_fields(), b"", b""])), "cells of 3"),
    ("rows in another field's place", values([3], rejected=0, cells=[b"", row(0, 3)]), "order"),
    ("half a crop", with_crops(crop(0)[:-1]), "whole number"),
    ("crop of an object beyond the field", with_crops(crop(5)), "does not have"),
    ("a crop twice", with_crops(crop(0) * 2), "order"),
    ("crop of no CTC", with_crops(crop(3)), "no CTC"),
    ("a crop broken off in a sound run", with_crops(crop(0) + b"\xff" * len(crop(0))), "does not have"),
    ("field without its counts", values(quality=[{"field": 0}] * 2), "quality"),
    ("true is no number", values(boots=True), "boots"),
    ("sequence 0", values(sequence=0), "sequence"),
    ("unknown kind", values(kind="research"), "kind"),
    ("unknown rule", values(rule="her2-any"), "rule"),
    ("unknown status", values(status="PROBABLY"), "status"),
    ("no sample", values(sample=""), "names no sample"),
    ("no field", values([], rejected=0, fields=0), "a field is missing"),
    (
        "a chunk broken off in a sound run",
        values([0], rejected=0, cells=[row(), b"\xff" * ROW.itemsize]),
        "row 1",
    ),
    (
        "half a row in a run that broke off",
        values(flags=["BOUND"], status="INVALID", cells=[b"\xff" * 23]),
        "whole number",
    ),
    ("sample with a control character", values(sample="a\nb"), "sample"),
    ("sample too long", values(sample="a" * 33), "sample"),
    ("reader id", values(reader="none"), "reader"),
    ("time", values(utc="yesterday"), "utc"),
    ("area", values(imaged_mm2=float("nan")), "imaged_mm2"),
    ("five scores", values(tally=[1, 1, 1, 2, 0]), "tally"),
    ("negative tally", values(tally=[-1, 1, 1, 2]), "tally"),
    ("table as text", values(cells="x"), "cells"),
    ("quality of an unknown channel", values(quality=[{**COUNTED, "uv": [0] * 6}] * 2), "quality"),
    ("quality with five figures", values(quality=[{**COUNTED, "ck": [0] * 5}] * 2), "quality"),
    ("timing", values(timing={"dapi": -1}), "timing"),
    ("half a row", values(cells=[row()[:23]]), "whole number"),
    ("score without a CTC", values([], rejected=1, cells=[row(0, 0)[:1] + b"\x00" + row(0, 0)[2:]]), "row 0"),
    ("CTC without a score", values([0], rejected=0, cells=[row(0, 255)]), "row 0"),
    ("rejected CTC", values([0], rejected=0, cells=[row(0, 0, gate=3)]), "row 0"),
    ("unknown gate", values([], rejected=1, cells=[row(0, None, gate=len(GATES))]), "row 0"),
    ("range beside the score", values([1], rejected=0, cells=[row(0, 1, reach=(2, 2))]), "row 0"),
    ("range beyond 3+", values([3], rejected=0, cells=[row(0, 3, flags=16, reach=(3, 4))]), "row 0"),
    ("open range without its flag", values([1], rejected=0, cells=[row(0, 1, reach=(1, 2))]), "row 0"),
    ("unknown row flag", values([0], rejected=0, cells=[row(0, 0, flags=128)]), "row 0"),
    ("fields out of order", values([0, 0], rejected=0, cells=[row(1, 0) + row(0, 0)]), "order"),
    ("field beyond the plan", values([0], rejected=0, cells=[row(2, 0)]), "not planned"),
    ("keys in another order", _swapped(), "another order"),
    ("key missing", {key: value for key, value in values().items() if key != "git"}, "lacks ['git']"),
    ("unknown key", values() | {"patient": "Name"}, "unknown ['patient']"),
]


@pytest.mark.parametrize(("lie", "says"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_a_record_that_contradicts_itself_is_refused(lie: dict[str, Any], says: str) -> None:
    """The CRC-32 is right in all of these: only the content is wrong."""
    with pytest.raises(RecordError) as refused:
        Record.decode(encode(lie))
    message = str(refused.value)
    assert says.lower() in message.lower()
    assert "\n" not in message and len(message) < 300


@pytest.mark.parametrize("fault", ["LID OPENED", "STOPPED", "LED her2", "DARK LEVEL", "BOUND", "POWER LOST"])
def test_an_invalid_run_keeps_its_reason(fault: str) -> None:
    data = record(status="INVALID", flags=["PROVISIONAL", fault], fault=fault, fields=2)
    summary = Record.decode(data).summary()
    assert (summary["status"], summary["fault"]) == ("INVALID", fault)


def test_a_run_stopped_before_its_first_field_is_a_record() -> None:
    changes = values(
        [],
        rejected=0,
        status="INVALID",
        flags=["STOPPED"],
        fault="stopped",
        quality=[],
        cells=[],
        leukocytes=0,
    )
    assert Record.decode(encode(changes | {"fields": 0})).fields == 0


def test_what_a_broken_off_chunk_lacks_is_no_object() -> None:
    changes = {"status": "INVALID", "flags": ["FAULT", "PROVISIONAL"], "fault": "ValueError: \u00b5\nno rows"}
    cut = Record.decode(
        record([3], rejected=0, fields=1, cells=[row(0, 3) + b"\xff" * 2 * ROW.itemsize], **changes)
    )
    assert (cut.tally, len(cut.cells())) == ([0, 0, 0, 1], 1)


def test_crops_come_back_as_pixels_of_their_cells() -> None:
    found = Record.decode(encode(with_crops(crop(0, 15) + crop(2, 3))))
    assert found.crops is not None
    assert [one.row for one in found.crops] == [0, 2]
    assert [cell["crop"] for cell in found.cells()] == [True, False, True, False, False, False, False, False]
    first, second = (one.pixels for one in found.crops)
    assert first.shape == (4, 24, 24)
    inside = np.zeros((24, 24), np.uint8)
    inside[8:16, 8:16] = 15
    assert (first == inside).all() and (second == inside // 5).all()
    grey = found.crops[1].grey(found.rows["signal"][2])
    assert grey.min() == 20.0 and grey.max() == 20.0 + 3 * (120 - 20) / 15


def test_a_crop_keeps_the_order_of_pixels() -> None:
    packed = bytearray(crop(0, 0))
    packed[2 + 288 + 12 : 2 + 288 + 14] = b"\x1f\x20"  # ck, second row
    found = Record.decode(encode(with_crops(bytes(packed))))
    assert found.crops is not None
    pixels = found.crops[0].pixels
    assert list(pixels[1, 1, :4]) == [1, 15, 2, 0] and pixels.sum() == 18


def test_crops_of_an_invalid_run_that_broke_off() -> None:
    """A field begun but not done, and a chunk filled up with 255, are no fault where it is INVALID."""
    first, _, *rest = two_fields()
    parts = Parts([first, crop(1) + b"\xff" * 2 * len(crop(0)), *rest, b"\xff" * 3 * ROW.itemsize, b""])
    lost = values(cells=parts, status="INVALID", flags=["STOPPED"], fault="stopped")
    found = Record.decode(encode(lost | {"fields_planned": 3}))
    assert found.crops is not None and [one.row for one in found.crops] == [1]


def test_a_run_whose_job_was_lost_with_the_power_is_a_record() -> None:
    """The reader hands out each sequence once and gives every interrupted run its record."""
    flags = ["POWER LOST", "PROVISIONAL"]
    lost = record(
        [],
        rejected=0,
        fields=0,
        sample="",
        status="INVALID",
        flags=flags,
        fault="the power failed",
        utc=None,
        leukocytes=None,
    )
    assert Record.decode(lost).summary()["status"] == "INVALID"


def test_each_rule_decides_and_is_named() -> None:
    """One CTC of five at 3+ and three with signal: only the study's rule says no."""
    scores = [3, 1, 2, 0, 0]
    found = {rule: Record.decode(record(scores, rule=rule)).summary() for rule in core.RULES}
    assert [found[rule]["status"] for rule in core.RULES] == ["NEGATIVE", "POSITIVE", "POSITIVE"]
    assert [found[rule]["share"] for rule in core.RULES] == [0.2, 0.6, 0.2]
    assert [found[rule]["share_3plus"] for rule in core.RULES] == [0.2] * 3
    assert [found[rule]["rule"] for rule in core.RULES] == list(core.RULES)
    assert found[SIGNAL]["interval"] == [0.1466, 0.9473]
    assert found[CELL]["flags"] == ["LOW COUNT", "PROVISIONAL"]


def test_calibrated_cut_offs_end_the_provisional() -> None:
    settled = record([0] * 20, calibration="BEADS-7", cutoffs="LINES-1", flags=[])
    assert Record.decode(settled).flags == []


def test_uncounted_leukocytes_are_unknown_not_none() -> None:
    quality = [{**entry, "leukocytes": None, "hot": None} for entry in values()["quality"]]
    assert Record.decode(record(quality=quality, leukocytes=None)).leukocytes is None


def test_format_1_stays_readable() -> None:
    old = Record.decode(format1_builder.record())
    summary = Record.decode(record()).summary()
    assert old.summary() == {**summary, "flags": ["PROVISIONAL", "LOW COUNT"]}
    assert (old.cutoffs, old.tally_low, old.leukocytes, old.interval) == (None, None, None, [527, 8534])
    (cell, *_) = old.cells()
    assert (cell["score"], cell["ck"], cell["her2"], cell["area_um2"]) == ("3+", 80.0, 110.0, 120.0)


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (format1_builder.values(tally=[1, 1, 2, 1]), "differs from its cell table"),
        (format1_builder.values([3, 0, 0, 0], status="POSITIVE"), "is NEGATIVE by its rule"),
        (format1_builder.values(flags=["PROVISIONAL"]), "LOW COUNT"),
        (format1_builder.values(rule=CELL), "rule"),
        (format1_builder.values(cells=[b"\0" * 24]), "row 0"),
        (format1_builder.values(cells=[format1_builder.row()[:23]]), "whole number"),
    ],
)
def test_format_1_is_checked_as_ever(lie: dict[str, Any], says: str) -> None:
    with pytest.raises(RecordError) as refused:
        Record.decode(encode(lie))
    assert says.lower() in str(refused.value).lower()


def test_duplicate_keys_are_refused() -> None:
    doubled = encode(values())
    body = b"\xb8\x21" + cbor2.dumps("git") + cbor2.dumps("x") + doubled[2:-9]
    data = body + cbor2.dumps("crc") + b"\x1a" + binascii.crc32(body).to_bytes(4, "big")
    with pytest.raises(RecordError):
        Record.decode(data)


def test_deep_nesting_is_refused() -> None:
    nested: Any = 0
    for _ in range(300):
        nested = [nested]
    with pytest.raises(RecordError):
        Record.decode(record(timing=nested))
