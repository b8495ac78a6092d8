"""`host settings` and `host calibrate` at the command line, against the firmware's server on a pty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from host import board, core
from host.calibration import frames as files
from host.cli import cli
from host.imaging import Optics
from host.settings import dump
from host.specimen.geometry import geometry
from host.tests.pty_reader import MemoryServices, PtyReader

LINES = replace(core.Config.default(), cutoffs="lines-1", score_min=(1000, 3000, 8000))


@pytest.fixture
def reader() -> Iterator[PtyReader]:
    with PtyReader(MemoryServices()) as reader:
        yield reader


def host(reader: PtyReader | None, *words: str) -> Result:
    port = ["--port", reader.path] if reader else []
    return CliRunner().invoke(cli, [*words, *port])


def table(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_show_send_and_reset(reader: PtyReader, tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(dump(LINES))
    assert table(host(reader, "settings", "show", "--json"))["sha256"] == ""
    assert "cut-offs lines-1" in host(reader, "settings", "send", str(file)).stdout
    assert reader.services.blob == LINES.pack()
    again = tmp_path / "again.toml"
    assert host(reader, "settings", "show", "-o", str(again)).exit_code == 0
    assert again.read_text() == dump(LINES)
    assert table(host(reader, "settings", "reset", "--json"))["cutoffs"] == "PROVISIONAL-2"
    assert reader.services.blob == b""


def test_a_part_leaves_the_rest_as_it_is(reader: PtyReader, tmp_path: Path) -> None:
    reader.services.blob = LINES.pack()
    text = dump(replace(core.Config.default(), gate_set="gates-9"))
    file = tmp_path / "gates.toml"
    file.write_text(text[: text.index("# No cut-off")])
    assert host(reader, "settings", "send", str(file)).exit_code == 0
    kept = core.Config.unpack(reader.services.blob)
    assert (kept.gate_set, kept.cutoffs, kept.score_min) == ("gates-9", "lines-1", (1000, 3000, 8000))


def test_check_and_built_in(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    assert host(None, "settings", "show", "--built-in", "-o", str(file)).exit_code == 0
    assert "is good" in host(None, "settings", "check", str(file)).stdout
    file.write_text(file.read_text().replace(' grey"', ' gray"', 1))
    bad = host(None, "settings", "check", str(file))
    assert bad.exit_code == 27
    assert bad.stdout == "" and len(bad.stderr.splitlines()) == 1
    assert host(None, "settings", "check", str(tmp_path / "none.toml")).exit_code == 24


def test_a_bad_file_never_reaches_the_reader(reader: PtyReader, tmp_path: Path) -> None:
    reader.services.blob = LINES.pack()
    file = tmp_path / "bad.toml"
    file.write_text(dump(LINES).replace("3000", "9000"))
    assert host(reader, "settings", "send", str(file)).exit_code == 27
    assert reader.services.blob == LINES.pack()


def test_settings_of_another_version(reader: PtyReader) -> None:
    reader.services.blob = b"x" * 500
    result = host(reader, "settings", "show")
    assert result.exit_code == 27
    assert "another version" in result.stderr


def flat_frames(path: Path, count: int) -> Path:
    size = geometry()
    light = Optics.of(board.load(), "A").uneven
    frames = np.full((count, 5, core.HEIGHT, core.WIDTH), 16, np.uint8)
    frames[:, 1:, :, : size.width] = np.rint(16 + 110 * light)
    files.save(path, frames)
    return path


def test_flat_accepted_and_refused(reader: PtyReader, tmp_path: Path) -> None:
    reader.services.blob = LINES.pack()
    few = flat_frames(tmp_path / "few.npz", 2)
    out = tmp_path / "out"
    refused = host(reader, "calibrate", "flat", str(few), "-o", str(out))
    assert refused.exit_code == 28
    assert "2 frames" in refused.stderr and refused.stdout == ""
    assert not out.exists() and reader.services.blob == LINES.pack()

    good = flat_frames(tmp_path / "good.npz", 4)
    done = table(host(reader, "calibrate", "flat", str(good), "-o", str(out), "--json"))
    kept = core.Config.unpack(reader.services.blob)
    assert kept.calibration == done["calibration"] and kept.calibration.startswith("PROVISIONAL-")
    assert (kept.cutoffs, kept.line_slope) == ("lines-1", LINES.line_slope)
    assert kept.flat != LINES.flat
    assert sorted(file.suffix for file in out.iterdir()) == [".json", ".png"]


def test_what_is_no_lot_or_no_frames(reader: PtyReader, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("nothing")
    assert host(reader, "calibrate", "flat", str(file)).exit_code == 27
    assert host(reader, "calibrate", "beads", "--lot", str(file)).exit_code == 27
