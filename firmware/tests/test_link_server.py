"""The server against smp's own messages, in both framings and both versions, and against bad ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader.link.framing import PACKET
from reader.link.reader_group import CHUNK
from reader.link.server import Server
from smp import os_management as smp_os
from smp import packet as smp_packet
from smp.header import Version

from firmware.tests.link_services import MemoryServices

READ, WRITE = 0, 2


class Port:
    """Both ends of a line, in memory."""

    def __init__(self) -> None:
        self.to_reader = bytearray()
        self.from_reader = bytearray()
        self.drained = 0

    def read(self, buf: bytearray, n: int) -> int:
        data = self.to_reader[:n]
        del self.to_reader[:n]
        buf[: len(data)] = data
        return len(data)

    def write(self, data: memoryview) -> None:
        self.from_reader += data

    def drain(self) -> None:
        self.drained = len(self.from_reader)


class Rig:
    def __init__(self, services: Any = None, **options: Any) -> None:
        self.port = Port()
        self.services = services or MemoryServices()
        self.server = Server([self.port], self.services, **options)

    def exchange(self, data: bytes) -> bytes:
        self.port.to_reader += data
        for _ in range(20):
            assert self.server.poll() is None
        answer = bytes(self.port.from_reader)
        self.port.from_reader.clear()
        return answer

    def raw(self, op: int, group: int, command: int, body: Any, version: int = 1, sequence: int = 7) -> Any:
        data = body if isinstance(body, bytes) else cbor2.dumps(body)
        head = bytes(
            [op | version << 3, 0, *len(data).to_bytes(2, "big"), *group.to_bytes(2, "big"), sequence]
        )
        answer = self.exchange(head + bytes([command]) + data)
        assert answer[0] == op + 1 | version << 3
        assert answer[1] == 0 and answer[4:6] == head[4:6] and answer[6:8] == bytes([sequence, command])
        assert int.from_bytes(answer[2:4], "big") == len(answer) - 8 <= PACKET - 8
        return cbor2.loads(answer[8:])

    def smp(self, request: Any, response: Any, console: bool) -> Any:
        sent = b"".join(smp_packet.encode(request.BYTES)) if console else request.BYTES
        answer = self.exchange(sent)
        if console:
            decoder = smp_packet.decode()
            next(decoder)
            with pytest.raises(StopIteration) as stop:
                for line in answer.splitlines(keepends=True):
                    decoder.send(line)
            answer = stop.value.value
        loaded = response.loads(answer)
        assert loaded.sequence == request.sequence
        return loaded


@pytest.fixture
def rig() -> Iterator[Rig]:
    yield Rig()


@pytest.mark.parametrize("console", [False, True])
@pytest.mark.parametrize("version", [Version.V1, Version.V2])
def test_os_group_with_smps_messages(rig: Rig, console: bool, version: Version) -> None:
    echo = rig.smp(
        smp_os.EchoWriteRequest(d="grüße" * 50, version=version), smp_os.EchoWriteResponse, console
    )
    assert echo.r == "grüße" * 50
    params = rig.smp(
        smp_os.MCUMgrParametersReadRequest(version=version), smp_os.MCUMgrParametersReadResponse, console
    )
    assert (params.buf_size, params.buf_count) == (PACKET, 2)
    kernel = rig.smp(
        smp_os.OSApplicationInfoReadRequest(version=version), smp_os.OSApplicationInfoReadResponse, console
    )
    assert kernel.output == "CTC_READER"
    rig.smp(
        smp_os.DateTimeWriteRequest(datetime="2026-05-04T03:02:01", version=version),
        smp_os.DateTimeWriteResponse,
        console,
    )
    clock = rig.smp(smp_os.DateTimeReadRequest(version=version), smp_os.DateTimeReadResponse, console)
    assert clock.datetime == "2026-05-04T03:02:01"
    rig.smp(smp_os.ResetWriteRequest(version=version), smp_os.ResetWriteResponse, console)
    assert rig.services.done == ["reset"]


def test_info_formats(rig: Rig) -> None:
    facts = rig.services.facts
    assert rig.raw(READ, 0, 7, {"format": "a"})["output"] == (
        "CTC_READER e661640843123456 0.1.0 1 0123abc 2026-01-01T00:00:00Z "
        "armv6m rp2040 CTC_READER MicroPython 1.25.0"
    )
    assert rig.raw(READ, 0, 7, {"format": "rn"})["output"] == "e661640843123456 0.1.0"
    assert json.loads(rig.raw(READ, 0, 7, {"format": "c"})["output"]) == facts
    assert rig.raw(READ, 0, 7, {"format": "sx"}) == {"err": {"group": 0, "rc": 2}}
    assert rig.raw(READ, 0, 7, {"format": "sx"}, version=0) == {"rc": 3}
    assert rig.raw(READ, 0, 7, {"format": 5}) == {"err": {"group": 0, "rc": 2}}


def test_clock(rig: Rig) -> None:
    assert rig.raw(READ, 0, 4, {}) == {"err": {"group": 0, "rc": 4}}
    assert rig.raw(WRITE, 0, 4, {"datetime": "yesterday, about noon"}) == {"rc": 3}
    assert rig.raw(WRITE, 0, 4, {}) == {"rc": 3}


def test_reset_waits_for_the_answer_and_spares_a_run(rig: Rig) -> None:
    rig.services.steps = 5
    rig.raw(WRITE, 64, 1, {"sample": "S", "kind": "patient"})
    assert rig.raw(WRITE, 0, 5, {}) == {"rc": 10}
    assert rig.raw(WRITE, 64, 8, {}) == {"err": {"group": 64, "rc": 2}}
    assert rig.services.done == []
    assert rig.raw(WRITE, 0, 5, {"force": 1}) == {}
    assert rig.services.done == ["reset"]
    assert rig.port.drained > 0


def test_bootloader(rig: Rig) -> None:
    assert rig.raw(WRITE, 64, 8, {}) == {}
    assert rig.services.done == ["bootloader"]


def test_a_run_and_its_result() -> None:
    data = bytes(range(256)) * 9
    rig = Rig(MemoryServices([data]))
    started = rig.raw(WRITE, 64, 1, {"sample": "S 1", "kind": "patient", "fields": 2, "operator": "AB"})
    assert started == {"seq": 1}
    assert rig.services.started == ("S 1", "patient", 2, "AB", None)
    assert rig.services.every_ctc  # there is a host
    assert rig.raw(WRITE, 64, 1, {"sample": "S", "kind": "patient"}) == {"err": {"group": 64, "rc": 2}}
    assert rig.raw(WRITE, 64, 1, {"sample": "S", "kind": "patient"}, version=0) == {"rc": 10}
    while rig.raw(READ, 64, 0, {})["state"] == "running":
        pass
    (entry,) = rig.raw(READ, 64, 3, {})["results"]
    assert entry == {"seq": 1, "len": len(data), "sha": hashlib.sha256(data).digest()}
    got = b""
    while len(got) < entry["len"]:
        part = rig.raw(READ, 64, 4, {"seq": 1, "off": len(got)})
        assert part["off"] == len(got) and part["len"] == len(data) and part["data"]
        got += part["data"]
    assert got == data
    assert rig.raw(WRITE, 64, 5, {"seq": 1, "sha": bytes(32)}) == {"err": {"group": 64, "rc": 6}}
    assert rig.raw(WRITE, 64, 5, {"seq": 1, "sha": entry["sha"]}) == {}
    assert rig.raw(READ, 64, 3, {"after": 0}) == {"results": []}
    assert rig.raw(READ, 64, 4, {"seq": 1, "off": 0}) == {"err": {"group": 64, "rc": 5}}
    assert rig.raw(WRITE, 64, 2, {}) == {"err": {"group": 64, "rc": 8}}


def test_screen(rig: Rig) -> None:
    first = rig.raw(READ, 64, 6, {"off": 0})
    assert (first["width"], first["height"], len(first["palette"]), first["len"]) == (160, 128, 48, 10240)
    got = first["data"]
    assert len(got) == CHUNK
    while len(got) < first["len"]:
        got += rig.raw(READ, 64, 6, {"off": len(got)})["data"]
    assert len(got) == 10240


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sample": "S"},
        {"kind": "patient"},
        {"sample": "", "kind": "patient"},
        {"sample": "x" * 33, "kind": "patient"},
        {"sample": "é", "kind": "patient"},
        {"sample": 5, "kind": "patient"},
        {"sample": "S", "kind": "martian"},
        {"sample": "S", "kind": ["patient"]},
        {"sample": "S", "kind": "patient", "fields": 0},
        {"sample": "S", "kind": "patient", "fields": True},
        {"sample": "S", "kind": "patient", "fields": 17},
        {"sample": "S", "kind": "patient", "operator": "x" * 33},
        {"sample": "S", "kind": "patient", "crops": "few"},
        {"sample": "S", "kind": "patient", "crops": True},
    ],
)
def test_start_refuses_bad_values(rig: Rig, body: dict[str, Any]) -> None:
    assert rig.raw(WRITE, 64, 1, body) == {"err": {"group": 64, "rc": 4}}
    assert rig.raw(WRITE, 64, 1, body, version=0) == {"rc": 3}
    assert rig.services.started == ()


@pytest.mark.parametrize(("crops", "every_ctc"), [("all", True), ("some", False)])
def test_start_says_which_crops_to_keep(crops: str, every_ctc: bool) -> None:
    rig = Rig(MemoryServices([b""]))
    rig.services.every_ctc = not every_ctc
    assert rig.raw(WRITE, 64, 1, {"sample": "S", "kind": "patient", "crops": crops}) == {"seq": 1}
    assert rig.services.every_ctc == every_ctc


@pytest.mark.parametrize(
    ("op", "group", "command", "body", "rc"),
    [
        (READ, 1, 0, {}, 8),  # no such group
        (READ, 64, 99, {}, 8),  # no such command
        (WRITE, 64, 0, {}, 8),  # a read-only one
        (READ, 64, 1, {}, 8),  # a write-only one
        (READ, 64, 0, b"\xff", 3),  # no CBOR
        (READ, 64, 0, b"\xa0\xa0", 3),  # too much
        (READ, 64, 0, b"\x80", 3),  # no map
        (READ, 64, 0, b"\x81" * 60, 3),  # deep
        (READ, 64, 0, b"\x80" * 900, 3),
        (READ, 64, 0, b"\xa1\x61a\x98\xc8" + b"\x80" * 200, 3),  # many
        (WRITE, 0, 0, {"d": 5}, 3),
        (WRITE, 0, 0, {}, 3),
    ],
)
@pytest.mark.parametrize("version", [0, 1])
def test_malformed(rig: Rig, op: int, group: int, command: int, body: Any, rc: int, version: int) -> None:
    assert rig.raw(op, group, command, body, version) == {"rc": rc}


def test_no_body_counts_as_an_empty_map(rig: Rig) -> None:
    assert rig.raw(READ, 64, 0, b"")["state"] == "ready"


def test_unknown_version_and_wrong_length(rig: Rig) -> None:
    def console(packet: bytes) -> Any:
        answer = rig.exchange(b"".join(smp_packet.encode(packet)))
        decoder = smp_packet.decode()
        next(decoder)
        with pytest.raises(StopIteration) as stop:
            decoder.send(answer)
        return cbor2.loads(stop.value.value[8:])

    assert console(bytes([0x10, 0, 0, 1, 0, 64, 1, 0, 0xA0])) == {"rc": 13}
    assert console(bytes([0x08, 0, 0, 9, 0, 64, 1, 0, 0xA0])) == {"rc": 3}


def test_answers_are_not_answered(rig: Rig) -> None:
    for op in (1, 3, 4, 5, 6, 7):
        packet = bytes([op, 0, 0, 1, 0, 64, 1, 0, 0xA0])
        assert rig.exchange(b"".join(smp_packet.encode(packet))) == b""


def test_pipelined_requests_are_answered_in_order(rig: Rig) -> None:
    requests = [smp_os.EchoWriteRequest(d=str(n)) for n in range(5)]
    answer = rig.exchange(b"".join(request.BYTES for request in requests))
    for request in requests:
        size = 8 + int.from_bytes(answer[2:4], "big")
        response = smp_os.EchoWriteResponse.loads(answer[:size])
        assert (response.sequence, response.r) == (request.sequence, request.d)
        answer = answer[size:]
    assert answer == b""


class Broken(MemoryServices):
    def status(self) -> dict[str, Any]:
        raise RuntimeError("a fault of ours")

    def screen(self, off: int, n: int) -> tuple[int, int, bytes, int, bytes]:
        return 1, 1, bytes(48), PACKET, bytes(PACKET)

    def results(self, after: int) -> list[Any]:
        return [object()]

    def abort(self) -> None:
        raise MemoryError


def test_a_fault_in_the_application_becomes_an_answer() -> None:
    rig = Rig(Broken())
    assert rig.raw(READ, 64, 0, {}) == {"rc": 1}
    assert isinstance(rig.server.last_error, RuntimeError)
    assert rig.raw(READ, 64, 6, {"off": 0}) == {"rc": 7}
    assert rig.raw(READ, 64, 3, {}) == {"rc": 1}
    assert rig.raw(WRITE, 64, 2, {}) == {"rc": 2}


def test_repl_takes_over_with_what_follows_untouched() -> None:
    rig = Rig(development=True)
    rig.port.to_reader += smp_os.EchoWriteRequest(d="\r\x03").BYTES + b"\r\x03\r\x01"
    assert rig.server.poll() == "repl"
    assert rig.port.from_reader
    assert rig.port.to_reader == b"\x03\r\x01"


@given(st.binary(max_size=400), st.booleans())
def test_noise_never_raises_and_the_link_recovers(noise: bytes, wrap: bool) -> None:
    rig = Rig()
    rig.exchange(b"".join(smp_packet.encode(noise)) if wrap else noise)
    for _, receiver in rig.server._links:
        receiver.silent(0, lambda later, earlier: later - earlier)
        receiver.silent(1000, lambda later, earlier: later - earlier)
    assert rig.smp(smp_os.EchoWriteRequest(d="still here"), smp_os.EchoWriteResponse, True).r == "still here"


commands = st.sampled_from([(READ, 64, c) for c in range(9)] + [(WRITE, 64, c) for c in range(9)])
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.text(max_size=40), st.binary(max_size=40)
)
names = st.sampled_from(["sample", "kind", "fields", "operator", "seq", "off", "after", "sha", "d", "format"])


@given(commands, st.dictionaries(names, values, max_size=5), st.integers(0, 1))
def test_any_well_formed_request_gets_one_answer(
    command: tuple[int, int, int], body: dict[str, Any], version: int
) -> None:
    rig = Rig()
    assert isinstance(rig.raw(*command, body, version), dict)
    assert rig.server.last_error is None
