"""Other people's clients, unmodified: smpmgr, smpclient in both framings on both ports, mpremote."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from rigs import Rig
from smpclient import SMPClient
from smpclient.generics import success
from smpclient.requests.os_management import EchoWrite, MCUMgrParametersRead, OSApplicationInfoRead
from smpclient.transport.serial import SMPSerialRawTransport, SMPSerialTransport

from host.device.deadline import Deadline
from host.device.errors import NoReader, PortLost

pytestmark = pytest.mark.needs("port")

BIN = Path(sys.executable).parent
SECONDS = 240


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_smpmgr_echo(rig: Rig) -> None:
    done = run(
        str(BIN / "smpmgr"),
        "--port",
        str(Path(rig.port()).resolve()),
        "--timeout",
        "120",
        "os",
        "echo",
        "ctc-42",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ctc-42" in done.stdout


@pytest.mark.parametrize("framing", ["console", "raw"])
@pytest.mark.parametrize("which", ["usb", pytest.param("uart", marks=pytest.mark.needs("uart"))])
def test_smpclient(rig: Rig, which: str, framing: str) -> None:
    port = rig.port() if which == "usb" else rig.uart()
    transport = SMPSerialTransport() if framing == "console" else SMPSerialRawTransport()

    async def talk() -> tuple[str, str, int]:
        async with SMPClient(transport, port) as client:
            echo = await client.request(EchoWrite(d="x" * 100))
            info = await client.request(OSApplicationInfoRead(format="a"))
            parameters = await client.request(MCUMgrParametersRead())
            assert success(echo), echo
            assert success(info), info
            assert success(parameters), parameters
            return echo.r, info.output, parameters.buf_size

    echo, info, size = asyncio.run(asyncio.wait_for(talk(), SECONDS))
    assert echo == "x" * 100
    assert info.startswith("CTC_READER ")
    assert "MicroPython" in info
    assert size >= 256


def test_mpremote_on_a_development_build(rig: Rig) -> None:
    with rig.link() as link:
        if link.info().mode != "open":
            pytest.skip("a locked reader has no REPL")
    done = run(
        str(BIN / "mpremote"), "connect", str(Path(rig.port()).resolve()), "exec",
        "import ctc_core, sys; print(ctc_core.WIDTH * ctc_core.HEIGHT, sys.implementation.name)",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["79056", "micropython"]
    run(str(BIN / "mpremote"), "connect", str(Path(rig.port()).resolve()), "reset")
    assert echo_after_a_restart(rig) == "back"


def echo_after_a_restart(rig: Rig) -> str:
    """What the reader answers once it is back; mpremote does not wait until it has gone."""
    deadline = Deadline(SECONDS)
    while True:
        try:
            with rig.link() as link:
                return link.echo("back")
        except (NoReader, PortLost):
            deadline.sleep(0.2)
