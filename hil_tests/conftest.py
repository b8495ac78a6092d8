"""Hardware-in-the-loop tests: what a test needs, what the bench has, and one reader for all of them.

pytest hil_tests                    the virtual bench (has everything)
pytest hil_tests --port DEVICE      a reader on a port: port and screen
pytest hil_tests --rig FILE.toml    a rig that moves lid, specimen and power by commands (docs/bench.md)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rigs import CommandRig, PortRig, Rig, VirtualRig
from rigs.base import FEATURES

from host.device.link import Link

HOST_SECONDS = 600
LACKING: Counter[str] = Counter()
BROKEN: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hil", "hardware in the loop")
    group.addoption("--port", help="a reader on this serial port, nothing else around it")
    group.addoption("--rig", type=Path, help="a rig described by this TOML file")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*features): what of the bench the test uses")


def make_rig(config: pytest.Config, folder: Path) -> Rig:
    """Return the rig that the options name."""
    if file := config.getoption("--rig"):
        return CommandRig(file)
    if port := config.getoption("--port"):
        return PortRig(port)
    return VirtualRig(folder)


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = [feature for mark in item.iter_markers("needs") for feature in mark.args]
    unknown = set(needs) - set(FEATURES)
    assert not unknown, f"no bench has {unknown}"
    config = item.config
    has = CommandRig(config.getoption("--rig")).features if config.getoption("--rig") else (
        PortRig.features if config.getoption("--port") else VirtualRig.features
    )  # fmt: skip
    if missing := sorted(set(needs) - has):
        LACKING.update(missing)
        pytest.skip(f"this bench lacks: {', '.join(missing)}")
    if BROKEN and "rig" in getattr(item, "fixturenames", ()):
        pytest.fail(f"the reader was left broken by {BROKEN[0]}", pytrace=False)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if LACKING:
        counted = ", ".join(f"{name} ({count})" for name, count in sorted(LACKING.items()))
        terminalreporter.write_line(f"hil: skipped for want of {counted}")


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The rig, for the whole session."""
    rig = make_rig(request.config, tmp_path_factory.mktemp("hil"))
    rig.start()
    yield rig
    rig.stop()


@pytest.fixture
def rig(bench: Rig, request: pytest.FixtureRequest) -> Iterator[Rig]:
    """The rig with a reader that is ready; a reader that cannot be made so again ends the later tests."""
    settle(bench)
    yield bench
    try:
        settle(bench)
    except Exception as error:
        BROKEN.append(f"{request.node.nodeid} ({error})")


def settle(rig: Rig) -> None:
    """Bring the reader back to `ready`, whatever the test before left.

    A result stays on the display until its cartridge has been taken out: the lid opened and closed. Each
    movement waits until the reader has noticed the one before; a lid that is open for less than the contact
    takes to settle was never open.
    """
    has_lid = "lid" in rig.features
    if has_lid:
        rig.lid(open_=False)
    with rig.link() as link:
        if has_lid:
            wait_for_lid(link, "closed")
        if link.status().state == "running":
            link.abort()
            wait_while(link, "running")
        if (shown := link.status().state) in ("result", "fault") and has_lid:
            rig.lid(open_=True)
            wait_for_lid(link, "open")
            rig.lid(open_=False)
            wait_while(link, shown)


def wait_for_lid(link: Link, position: str) -> None:
    """Wait until the reader says that its lid is `open` or `closed`, or the link's deadline passes."""
    while link.status().lid != position:
        link.deadline.sleep(0.1)


def wait_while(link: Link, state: str) -> None:
    """Wait until the reader is in another state, or the link's deadline passes."""
    while link.status().state == state:
        link.deadline.sleep(0.3)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A result file of this test's own."""
    return tmp_path / "results.sqlite"


@pytest.fixture
def host(bench: Rig, store: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the `host` command against this reader, with a result file of this test's own."""

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        ours = {"CTC_RESULTS": str(store), "CTC_TIMEOUT": str(HOST_SECONDS - 60)}
        return subprocess.run(
            [str(Path(sys.executable).with_name("host")), *words],
            env=os.environ | bench.environment() | ours | environment,
            capture_output=True, text=True, timeout=HOST_SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    return run


@pytest.fixture
def host_json(host: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., Any]:
    """Run a `host` command that must succeed, with --json; return what it prints."""

    def run(*words: str) -> Any:
        done = host(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
