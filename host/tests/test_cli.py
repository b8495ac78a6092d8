"""The command as a user meets it: words, exit codes, no traceback; readers are real servers on real ptys."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from host.bench import registry
from host.board import ROOT
from host.cli import COMMANDS, cli, draw, errors
from host.device import link, ports
from host.flash import drive
from host.tests.pty_reader import MemoryServices, PtyReader
from host.tests.results_builder import READER, record

Host = Callable[..., Result]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    for name in ("CTC_PORT", "CTC_READER", "CTC_TIMEOUT", "CTC_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CTC_BENCH_DIR", str(tmp_path / "benches"))
    monkeypatch.setenv("CTC_RESULTS", str(tmp_path / "results.sqlite"))
    monkeypatch.setattr(ports.list_ports, "comports", list)
    monkeypatch.setattr(drive, "mounted", list)
    runner = CliRunner()
    return lambda *words: runner.invoke(cli, [str(word) for word in words])


@pytest.fixture
def reader() -> Iterator[PtyReader]:
    with PtyReader(MemoryServices([record(sequence=1), record(sequence=2)])) as reader:
        reader.services.facts["reader"] = READER
        yield reader


def failed(result: Result, key: str) -> str:
    """Check that a command failed as it should and return its sentence."""
    assert result.exit_code == errors.Failure(key, "").code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("host: ") and lines[0].endswith("."), result.stderr
    return lines[0]


def test_help_of_every_command(host: Host) -> None:
    assert host("--help").exit_code == 0
    for name in cli.list_commands(None):  # type: ignore[arg-type]
        assert host(name, "--help").exit_code == 0, name
    assert host("--version").exit_code == 0
    assert host("nonsense").exit_code == errors.USAGE
    assert set(cli.list_commands(None)) <= set(COMMANDS)  # type: ignore[arg-type]


def test_every_failure_has_one_code_and_is_documented() -> None:
    codes = [kind.code for kind in errors.KINDS]
    assert len(set(codes)) == len(codes) == len({kind.key for kind in errors.KINDS})
    for kind in errors.KINDS:
        for path in kind.classes:
            module, _, name = path.rpartition(".")
            assert issubclass(getattr(importlib.import_module(module), name), BaseException)
    page = (ROOT / "docs" / "exit-codes.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(str(kind.code), kind.name) for kind in errors.KINDS]


def test_every_library_error_has_a_code() -> None:
    for module, base in (
        ("host.device.errors", "DeviceError"),
        ("host.flash.errors", "FlashError"),
        ("host.results.errors", "ResultError"),
    ):
        top = getattr(importlib.import_module(module), base)
        waiting = [top]
        while waiting:
            kind = waiting.pop()
            waiting += kind.__subclasses__()
            if kind is not top:
                why = kind.__new__(kind)
                assert errors.code_of(why) is not None, kind


def test_devices(host: Host, reader: PtyReader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert host("devices").stdout == "No reader in sight.\n"
    assert json.loads(host("devices", "--json").stdout) == {"readers": [], "boot_drives": []}


def test_info(host: Host, reader: PtyReader) -> None:
    assert READER in host("info", "--port", reader.path).stdout
    table = json.loads(host("info", "--port", reader.path, "--json").stdout)
    assert (table["reader"], table["clock"], table["status"]["state"]) == (READER, None, "ready")


def test_run_pull_and_show(host: Host, reader: PtyReader) -> None:
    words = ("run", "--port", reader.path, "--sample", "S-1", "--fields", 2, "--kind", "simulated")
    ran = host(*words, "--json")
    assert ran.exit_code == 0, ran.output
    table = json.loads(ran.stdout)
    assert {
        "status", "rule", "ctc", "tally", "share_3plus", "fields", "flags", "sample", "sequence", "reader",
        "utc",
    } <= set(table)  # fmt: skip
    assert table["tally"] == {"0": 1, "1+": 1, "2+": 1, "3+": 2} and table["sequence"] == 1
    assert reader.services.started == ("S-1", "simulated", 2, None)
    assert "clock was not set" in ran.stderr and reader.services.clock is not None
    shown = host(*words)
    assert shown.exit_code == 0 and "POSITIVE" in shown.stdout and "3+: 2" in shown.stdout
    reader.services.kept = {1: record(sequence=1), 3: record(sequence=3)}
    pulled = json.loads(host("pull", "--port", reader.path, "--json").stdout)
    assert [one["sequence"] for one in pulled["stored"]] == [3] and pulled["known"] == [1]
    assert host("pull", "--port", reader.path).stdout == "The reader has no new results.\n"
    assert [one["sequence"] for one in json.loads(host("results", "list", "--json").stdout)] == [1, 2, 3]


def test_screen(host: Host, reader: PtyReader, tmp_path: Path) -> None:
    out = tmp_path / "new" / "s.png"
    done = host("screen", "--port", reader.path, "-o", out, "--scale", 2)
    assert done.exit_code == 0 and done.output == ""
    with Image.open(out) as image:
        assert image.size == (320, 256)
        assert image.getpixel((0, 0)) == (0, 1, 2) and image.getpixel((4, 0)) == (3, 4, 5)
    assert host("screen", "--port", reader.path).exit_code == errors.USAGE
    (tmp_path / "file").touch()
    failed(host("screen", "--port", reader.path, "-o", tmp_path / "file" / "s.png"), "file")


def test_half_blocks() -> None:
    rgb = bytes([255, 0, 0] * 2 + [0, 0, 255] * 2 + [9, 9, 9] * 2)
    text = draw.half_blocks(2, 3, rgb)
    assert text == (
        "\x1b[38;2;255;0;0;48;2;0;0;255m\u2580\u2580\x1b[0m\n\x1b[38;2;9;9;9;48;2;0;0;0m\u2580\u2580\x1b[0m"
    )


def test_selftest_abort_reset(host: Host, reader: PtyReader) -> None:
    assert json.loads(host("selftest", "--port", reader.path, "--json").stdout)["passed"] is True
    bad = [{"name": "led dapi", "ok": False, "value": 3, "limit": 100}]
    reader.services.selftest = lambda: (False, bad)
    result = host("selftest", "--port", reader.path)
    assert result.exit_code == errors.Failure("selftest", "").code
    assert "FAIL  led dapi" in result.stdout and "led dapi" in result.stderr
    assert "not running" in failed(host("abort", "--port", reader.path), "refused")
    assert host("reset", "--port", reader.path, "--json").exit_code == 0
    assert host("console", "--port", reader.path).exit_code == errors.USAGE  # no terminal here


@pytest.mark.parametrize("command", ["info", "abort", "pull", "selftest", "reset", "flash", "run --sample S"])
def test_no_reader(host: Host, command: str, tmp_path: Path) -> None:
    words: list[Any] = command.split()
    if command == "flash":
        words.append(sound_image(tmp_path))
    assert "plug one in" in failed(host(*words), "no_reader")
    if command != "flash":
        assert "host devices" in failed(host(*words, "--port", tmp_path / "none"), "no_reader")
    assert "not in sight" in failed(host(*words, "--reader", "abc"), "no_reader")
    assert not list(tmp_path.glob("*.sqlite-*"))


def test_two_readers_and_no_choice(host: Host, reader: PtyReader, monkeypatch: pytest.MonkeyPatch) -> None:
    with PtyReader() as other:
        about = ports.board.load()["board"]
        entries = [
            registry.Entry(name, 1, "", "", "", path, serial, about["vid"], about["pid"])
            for name, path, serial in (("a", reader.path, READER), ("b", other.path, "ffff"))
        ]
        monkeypatch.setattr(registry, "benches", lambda: entries)
        sentence = failed(host("info"), "several")
        assert READER in sentence and "ffff" in sentence and "--reader" in sentence
        assert host("info", "--reader", "b").exit_code == 0
        monkeypatch.setenv("CTC_PORT", "/dev/none")
        assert host("info", "--reader", READER).exit_code == 0  # the command line beats the environment
        monkeypatch.setenv("CTC_PORT", reader.path)
        assert READER in host("info").stdout


def test_silence_and_deadline(host: Host, reader: PtyReader, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.stop_answering()
    assert "--timeout" in failed(host("info", "--port", reader.path, "--timeout", 0.3), "timeout")
    monkeypatch.setattr(link, "ANSWER_S", 0.3)
    monkeypatch.setattr(link.Link.request, "__defaults__", (0.3,))
    assert "does not answer" in failed(host("info", "--port", reader.path), "silent")


class StopsInTheMiddle(MemoryServices):
    """A reader that runs, and in the middle of sending its record does something else."""

    then: Callable[[], None]

    def record(self, seq: int, off: int, n: int) -> tuple[int, bytes]:
        if off:
            threading.Thread(target=self.then, daemon=True).start()
        return super().record(seq, off, 64)


@pytest.mark.parametrize(("how", "key"), [("stop_answering", "silent"), ("unplug", "lost")])
def test_it_stops_in_the_middle(host: Host, how: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link.Link.request, "__defaults__", (5.0,))
    with PtyReader(StopsInTheMiddle([record(sequence=1)])) as reader:
        reader.services.facts["reader"] = READER
        reader.services.then = getattr(reader, how)
        result = host("run", "--port", reader.path, "--sample", "S")
        assert result.exit_code in (errors.Failure(key, "").code, errors.Failure("silent", "").code)
        assert result.stdout == "" and "Traceback" not in result.stderr
        assert list(reader.services.kept) == [1]
        assert json.loads(host("results", "list", "--json").stdout or "[]") == []


class Unplugged(MemoryServices):
    """A reader that is pulled out while its host waits before the next question."""

    unplug: Callable[[], None]

    def status(self) -> dict[str, Any]:
        threading.Timer(0.3, self.unplug).start()
        return super().status()


def test_nothing_but_the_sentence_is_said(tmp_path: Path) -> None:
    """In a process of its own: pytest's log capture hides what a library logs."""
    host = "from host.cli import main; main()"
    with PtyReader(Unplugged(steps=10**6)) as reader:
        reader.services.unplug = reader.unplug
        done = subprocess.run(
            [sys.executable, "-c", host, "run", "--sample", "S", "--port", reader.path, "--timeout", "60"],
            capture_output=True, text=True, timeout=120, check=False,
            env=os.environ | {"CTC_BENCH_DIR": str(tmp_path), "CTC_RESULTS": str(tmp_path / "r.sqlite")},
        )  # fmt: skip
    assert done.returncode == errors.Failure("lost", "").code
    assert len(done.stderr.splitlines()) == 1 and "unplugged" in done.stderr


def test_a_run_longer_than_the_deadline_goes_on(host: Host) -> None:
    with PtyReader(MemoryServices([record(sequence=1)], steps=10**6)) as reader:
        result = host("run", "--port", reader.path, "--sample", "S", "--timeout", 4)
        assert "host pull" in failed(result, "timeout")
        assert reader.services.left > 0


def test_a_specimen_of_more_fields_than_a_run_says_so(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = registry.Entry("b", 1, "", "", "")
    monkeypatch.setattr(registry, "benches", lambda: [entry])
    monkeypatch.setattr("host.bench.bench.Remote.specimen", lambda self, path: 12)
    many = host("bench", "specimen", tmp_path / "cells.npz", "--json")
    assert many.exit_code == 0 and json.loads(many.stdout)["fields"] == 12
    assert many.stderr.startswith("A run images 4 of these 12 fields") and "--fields 12" in many.stderr
    monkeypatch.setattr("host.bench.bench.Remote.specimen", lambda self, path: 4)
    assert host("bench", "specimen", tmp_path / "cells.npz").stderr == ""


def test_refusals(host: Host, reader: PtyReader, tmp_path: Path) -> None:
    reader.services.lid = "open"
    assert "lid" in failed(host("run", "--port", reader.path, "--sample", "S"), "refused")
    reader.services.lid, reader.services.left = "closed", 1000
    assert "host abort" in failed(host("reset", "--port", reader.path), "refused")
    assert "host abort" in failed(host("flash", "--port", reader.path, sound_image(tmp_path)), "refused")
    reader.services.left = 0
    assert host("run", "--port", reader.path, "--sample", "é").exit_code == errors.USAGE
    assert host("run", "--port", reader.path, "--sample", "x" * 33).exit_code == errors.USAGE
    assert host("run", "--port", reader.path, "--sample", "S", "--kind", "cat").exit_code == errors.USAGE


def test_a_damaged_record(host: Host, reader: PtyReader) -> None:
    bad = bytearray(record(sequence=1))
    bad[50] ^= 1
    reader.services.kept = {1: bytes(bad)}
    failed(host("pull", "--port", reader.path), "bad_record")
    assert list(reader.services.kept) == [1]


def test_a_results_file_that_is_none(host: Host, reader: PtyReader, tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 10)
    failed(host("pull", "--port", reader.path), "store")


def sound_image(folder: Path) -> Path:
    from host.tests.test_flash import uf2

    path = folder / "image.uf2"
    path.write_bytes(uf2())
    return path


def test_bad_images(host: Host, tmp_path: Path) -> None:
    from host.tests.test_flash import RP2350, block

    failed(host("flash", tmp_path / "none.uf2"), "no_image")
    text = tmp_path / "text.uf2"
    text.write_text("not an image\n" * 100)
    failed(host("flash", text), "bad_image")
    foreign = tmp_path / "foreign.uf2"
    foreign.write_bytes(block(0, 1, family=RP2350))
    assert "RP2350" in failed(host("flash", foreign), "foreign_image")


def test_a_fault_of_ours_is_not_hidden(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ports, "find", broken)
    assert isinstance(host("devices").exception, ZeroDivisionError)
