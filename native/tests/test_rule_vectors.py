"""Rules and intervals on the reader: the same words as on the host, and in how much device time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from host import core

NATIVE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(NATIVE / "bench"), str(NATIVE / "vectors")]
import device  # noqa: E402
import rules  # noqa: E402

SLOWEST_US = 100_000
"""Of an interval or of the flags of 2000 cells: unnoticed at the end of a run."""
REFUSED = """
try:
    ctc_core.rule("her2")
except ctc_core.Error as error:
    print(error.args[0])
"""


@pytest.mark.timeout(600)
@pytest.mark.skipif(not device.IMAGE.exists(), reason="no image: make firmware")
def test_reader(capsys: pytest.CaptureFixture[str]) -> None:
    with device.reader() as repl:
        repl.mount({"rules.py": (NATIVE / "vectors" / "rules.py").read_bytes()})
        printed = repl.exec("import ctc_core, rules\nrules.run(ctc_core)")
        took = repl.exec("import time\nrules.slowest(ctc_core, time.ticks_us, time.ticks_diff)")
        refused = repl.exec(REFUSED)
    rules.run(core)
    assert printed.splitlines() == capsys.readouterr().out.splitlines()
    assert int(refused) == core.ERROR_ARGUMENT
    times = [line.split() for line in took.splitlines()]
    assert len(times) == 6
    assert all(int(microseconds) < SLOWEST_US for *_, microseconds in times), took
