"""The fuzz target for a bounded time, under AddressSanitizer and UndefinedBehaviorSanitizer.

``make fuzz`` runs it for longer.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fuzz"))
import run

SECONDS = 8
"""Of libFuzzer; reached on any machine, whatever it gets done in that time."""
RUNS = 400
SLOWEST_S = 200
"""How long the driver of our own may take for its RUNS: seconds of a machine that is very busy."""


def check(words: list[str], folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SLOWEST_S + 60)
    assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-6000:]}"
    return done.stdout + done.stderr


def test_mutations_of_the_corpus(tmp_path: Path) -> None:
    run.driver(tmp_path / "drive")
    printed = check(run.driver_words(tmp_path / "drive", SLOWEST_S, RUNS), tmp_path)
    assert int(printed.split()[0]) == RUNS + len(list(run.CORPUS.iterdir()))


def test_libfuzzer(tmp_path: Path) -> None:
    if not run.fuzzer(tmp_path / "fuzz_core"):
        pytest.skip("no clang with libFuzzer: make deps")
    printed = check(run.fuzzer_words(tmp_path / "fuzz_core", SECONDS, tmp_path / "corpus"), tmp_path)
    runs = next(line for line in printed.splitlines() if line.startswith("stat::number_of_executed_units"))
    assert int(runs.split()[1]) >= len(list(run.CORPUS.iterdir()))
