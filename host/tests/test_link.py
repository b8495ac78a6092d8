"""The host's link, and other people's clients, against the firmware's server over a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from smpclient import SMPClient
from smpclient.generics import success
from smpclient.requests import os_management as os_group
from smpclient.transport.serial import BufferParams, SMPSerialRawTransport, SMPSerialTransport

from host.device import Deadline, Link, NoReader, ReaderCode, ReaderRefused, ReaderSilent, errors, link
from host.device.messages import StatusRead
from host.device.pull import kept, pull
from host.device.run import run
from host.results import RecordError, Store
from host.tests.pty_reader import MemoryServices, PtyReader
from host.tests.results_builder import READER, record


@pytest.fixture
def reader() -> Iterator[PtyReader]:
    with PtyReader(MemoryServices([record(sequence=1), record(sequence=2)])) as reader:
        reader.services.facts["reader"] = READER
        yield reader


@pytest.mark.parametrize("raw", [False, True])
def test_every_request(reader: PtyReader, raw: bool) -> None:
    with Link(reader.path, Deadline(20), raw=raw) as link:
        assert link.echo("hello") == "hello"
        assert link.info().reader == READER
        assert link.status().state == "ready"
        with pytest.raises(ReaderRefused):
            link.clock()
        link.set_clock("2026-05-04T03:02:01")
        assert link.clock() == "2026-05-04T03:02:01"
        assert link.selftest().passed
        screen = link.screen()
        assert (screen.width, screen.height, len(screen.pixels)) == (160, 128, 160 * 128)
        assert len(screen.rgb()) == 3 * 160 * 128
        assert screen.pixels[:4] == bytes([0, 0, 1, 1])
        with pytest.raises(ReaderRefused) as why:
            link.abort()
        assert why.value.code == ReaderCode.NOT_RUNNING
        link.bootloader()
        link.reset()
    end = time.monotonic() + 60  # what was asked for is done after the answer has left
    while len(reader.services.done) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert reader.services.done == ["bootloader", "reset"]


def test_run_stores_and_only_then_acknowledges(reader: PtyReader, tmp_path: Path) -> None:
    steps: list[str] = []
    with Store(tmp_path / "r.sqlite") as store, Link(reader.path, Deadline(20)) as link:
        done = run(link, store, "S-1", "patient", 2, "AB", lambda what, share: steps.append(what))
        assert done.new and done.record.sequence == 1
        assert reader.services.started == ("S-1", "patient", 2, "AB")
        assert reader.services.kept == {}
        assert any("dapi" in step for step in steps)
        assert store.get(1).raw == done.record.raw


def test_pull_twice_stores_once(reader: PtyReader, tmp_path: Path) -> None:
    data = {1: record(sequence=1), 2: record(sequence=2)}
    reader.services.kept = dict(data)
    with Store(tmp_path / "r.sqlite") as store, Link(reader.path, Deadline(20)) as link:
        assert [one.new for one in pull(link, store)] == [True, True]
        assert reader.services.kept == {}
        reader.services.kept = dict(data)  # as if the acknowledgement had been lost with the power
        assert [one.new for one in pull(link, store)] == [False, False]
        assert reader.services.kept == {}
        assert pull(link, store) == []


def test_more_results_than_fit_one_answer(reader: PtyReader, tmp_path: Path) -> None:
    reader.services.kept = {n: record(sequence=n) for n in range(1, 20)}
    with Store(tmp_path / "r.sqlite") as store, Link(reader.path, Deadline(30)) as link:
        assert [entry.seq for entry in kept(link)] == list(range(1, 20))
        assert len(pull(link, store)) == 19


def test_a_bad_record_stays_in_the_reader_and_the_others_come(reader: PtyReader, tmp_path: Path) -> None:
    bad = bytearray(record(sequence=1))
    bad[100] ^= 1
    reader.services.kept = {1: bytes(bad), 2: record(sequence=2)}
    with Store(tmp_path / "r.sqlite") as store, Link(reader.path, Deadline(20)) as link:
        with pytest.raises(RecordError):
            pull(link, store)
        assert list(reader.services.kept) == [1]
        assert [entry["sequence"] for entry in store.index()] == [2]


class ChangedOnTheWay(MemoryServices):
    """A log whose bytes are not those of its own hash."""

    def record(self, seq: int, off: int, n: int) -> tuple[int, bytes]:
        size, data = super().record(seq, off, n)
        return size, bytes([data[0] ^ 1]) + data[1:]


def test_wrong_hash_stores_nothing(tmp_path: Path) -> None:
    with PtyReader(ChangedOnTheWay()) as reader, Store(tmp_path / "r.sqlite") as store:
        reader.services.facts["reader"] = READER
        reader.services.kept = {1: record(sequence=1)}
        with Link(reader.path, Deadline(20)) as link, pytest.raises(errors.TransferFailed):
            pull(link, store)
        assert store.index() == [] and list(reader.services.kept) == [1]


def test_a_noisy_line(reader: PtyReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ATTEMPT_S", 0.2)
    count = 0

    def flip_every_third(data: bytes) -> bytes:
        nonlocal count
        count += 1
        if count % 3:
            return data
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    reader.port.noise = flip_every_third
    with Link(reader.path, Deadline(30)) as noisy:
        for _ in range(6):
            assert noisy.info().reader == READER
        assert len(noisy.screen().pixels) == 160 * 128
    assert count > 20


def test_silence_is_noticed_in_time(reader: PtyReader) -> None:
    with Link(reader.path, Deadline(20)) as link:
        link.info()
        reader.stop_answering()
        with pytest.raises(ReaderSilent):  # and no sooner: the link's own deadline would be TookTooLong
            link.request(os_group.EchoWrite(d="?"), 0.5)


def test_questions_become_rarer(reader: PtyReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ATTEMPT_S", 0.05)
    reader.stop_answering()
    with Link(reader.path, Deadline(20)) as silent:
        with pytest.raises(ReaderSilent):
            silent.request(os_group.MCUMgrParametersRead(), 1.0)
        asked = os.read(reader.port.fd, 1 << 16).count(b"\x06\x09")
    assert 1 < asked <= 5  # after 0, 0.05, 0.15, 0.35 and 0.75 s


class Slow(MemoryServices):
    """A reader that takes longer for its status than the tests below are willing to wait."""

    def status(self) -> dict[str, Any]:
        time.sleep(1.0)
        return super().status()


def test_an_emulated_reader_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "EMULATED_S", 0.1)
    with PtyReader(Slow()) as reader, Link(reader.path, Deadline(60)) as slow:
        monkeypatch.setattr(link, "own_seconds", lambda address: None)  # a real one
        with pytest.raises(ReaderSilent):
            slow.request(StatusRead(), 0.2)
        monkeypatch.setattr(link, "own_seconds", lambda address: 7.0)  # emulated, and its time stands still
        assert slow.request(StatusRead(), 0.2).state == "ready"
        passing = iter(range(1000))
        monkeypatch.setattr(link, "own_seconds", lambda address: float(next(passing)))
        with pytest.raises(ReaderSilent):
            slow.request(StatusRead(), 0.2)
        assert next(passing) == 2  # it is asked at the end of our patience and once more


def test_the_deadline_holds(reader: PtyReader) -> None:
    reader.stop_answering()
    with Link(reader.path, Deadline(0.5)) as link, pytest.raises(errors.TookTooLong):
        link.info()  # without it, ReaderSilent after 20 s


def test_a_write_is_never_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "ATTEMPT_S", 0.1)

    class Slow(MemoryServices):
        def start(self, *arguments: Any) -> int:
            time.sleep(0.5)
            return super().start(*arguments)

    with PtyReader(Slow(steps=100)) as reader, Link(reader.path, Deadline(10)) as slow:
        assert slow.start("S", "patient") == 1
        assert reader.services.sequence == 1


def test_unplugged_in_the_middle(reader: PtyReader) -> None:
    with Link(reader.path, Deadline(20)) as link:
        link.info()
        threading.Timer(0.3, reader.unplug).start()
        with pytest.raises((errors.PortLost, ReaderSilent)) as why:
            for _ in range(1000):
                link.info()
                time.sleep(0.01)
        assert isinstance(why.value, errors.PortLost)


def test_an_answer_that_went_with_the_port_is_an_answer_to_a_restart(reader: PtyReader) -> None:
    reader.port.write = lambda data: threading.Thread(target=reader.unplug).start()  # type: ignore[method-assign]
    with Link(reader.path, Deadline(60)) as link:
        link.reset()
        with pytest.raises(errors.PortLost):
            link.echo("gone")


def test_ports_that_cannot_be_opened(reader: PtyReader, tmp_path: Path) -> None:
    with pytest.raises(NoReader), Link(str(tmp_path / "none"), Deadline(5)):
        pass
    plain = tmp_path / "file"
    plain.touch()
    with pytest.raises(errors.PortUnusable), Link(str(plain), Deadline(5)):
        pass
    with Link(reader.path, Deadline(20)), pytest.raises(errors.PortUnusable), Link(reader.path, Deadline(5)):
        pass


def test_not_a_reader() -> None:
    class Other(MemoryServices):
        def info(self) -> dict[str, str]:
            return {"board": "SOMETHING"}

    with (
        PtyReader(Other()) as reader,
        Link(reader.path, Deadline(5)) as link,
        pytest.raises((errors.AnswerUnknown, ReaderRefused)),
    ):
        link.info()


# Other people's clients, unmodified


@pytest.mark.parametrize(
    "transport",
    [
        SMPSerialTransport,
        SMPSerialRawTransport,
        lambda: SMPSerialTransport(BufferParams(line_length=64, line_buffers=32)),
    ],
    ids=["console", "raw", "short lines"],
)
def test_smpclient(reader: PtyReader, transport: Any) -> None:
    async def talk() -> None:
        async with SMPClient(transport(), reader.path) as client:
            params = await client.request(os_group.MCUMgrParametersRead())
            assert success(params) and params.buf_size == 1024
            about = await client.request(os_group.OSApplicationInfoRead(format="a"))
            assert success(about) and about.output.startswith(f"CTC_READER {READER} ")
            await client.request(os_group.DateTimeWrite(datetime="2026-05-04T03:02:01"))
            clock = await client.request(os_group.DateTimeRead())
            assert success(clock) and clock.datetime == "2026-05-04T03:02:01"
            longest = "x" * 900 if transport is not SMPSerialRawTransport else "x" * 300
            echo = await client.request(os_group.EchoWrite(d=longest))
            assert success(echo) and echo.r == longest

    asyncio.run(talk())


def test_smpmgr(reader: PtyReader) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smpmgr", "--port", reader.path, "os", "echo", "hello there"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hello there" in done.stdout
