"""The link under use: asked without pause, refused what would break a run, answered before a restart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import serial
from rigs import Rig
from smpclient.requests.os_management import ResetWrite

from host.device.errors import ReaderCode, ReaderRefused
from host.device.link import wait_until_it_answers
from host.device.messages import Kept
from host.results import Record

pytestmark = pytest.mark.needs("port")


@pytest.mark.needs("specimen")
def test_a_run_that_is_asked_without_pause_ends_as_any_other(rig: Rig) -> None:
    rig.place("positive")
    with rig.link(600) as link:
        sequence = link.start("HIL-ASKED", "simulated", fields=1)
        steps = []
        while (status := link.status()).state == "running":
            steps.append(status.step)
            if status.step == "capture" and steps.count("capture") == 1:
                breaking: list[Callable[[], object]] = [
                    link.bootloader,
                    link.reset,
                    link.selftest,
                    lambda: link.start("HIL-SECOND", "simulated"),
                    lambda: link.acknowledge(Kept(seq=sequence, len=1, sha=bytes(32))),
                ]
                for command in breaking:
                    with pytest.raises(ReaderRefused) as refused:
                        command()
                    assert refused.value.code == ReaderCode.BUSY
        (kept,) = [entry for entry in link.results(after=sequence - 1) if entry.seq == sequence]
        record = Record.decode(link.record(kept)).summary()
    assert (record["status"], record["fault"]) == ("POSITIVE", None)
    assert {"capture", "dapi", "ck", "cd45", "her2"} <= set(steps)


def test_a_restart_is_answered_before_it_happens(rig: Rig) -> None:
    for _ in range(3):
        with rig.link() as link:
            link.request(ResetWrite())  # PortLost if the answer went with the port
        wait_until_it_answers(rig.port(), link.deadline, link.deadline.left())


def test_a_locked_reader_has_no_prompt(rig: Rig) -> None:
    """Of a production build (make firmware PRODUCTION=1, or --port to a reader that has one)."""
    with rig.link() as link:
        if link.info().mode != "locked":
            pytest.skip("a development build has a prompt")
    with serial.Serial(rig.port(), timeout=2) as port:
        for keys in (b"\x03", b"\r", b"\x03\x03\r\x01", b"\x04", b"print(1)\r\n"):
            port.write(keys)
        assert port.read(100) == b""
    with rig.link() as link:
        assert link.echo("still here") == "still here"
        assert link.status().mode == "locked"
