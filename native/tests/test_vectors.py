"""The shared vectors: the same bytes through both bindings, on both machines."""

import subprocess
import sys
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[1]
VECTORS = NATIVE / "vectors"
FILES = ("scenes.py", "settings.py", "run_vectors.py")
EXPECTED = (VECTORS / "expected.txt").read_text()

sys.path.insert(0, str(NATIVE / "bench"))
import device  # noqa: E402


def test_host() -> None:
    done = subprocess.run(
        [sys.executable, VECTORS / "run_vectors.py"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=NATIVE.parent,
    )
    assert done.stdout.splitlines() == EXPECTED.splitlines()


@pytest.mark.timeout(900)
@pytest.mark.skipif(not device.IMAGE.exists(), reason="no image: make firmware")
def test_reader() -> None:
    with device.reader() as repl:
        repl.mount({name: (VECTORS / name).read_bytes() for name in FILES})
        printed = repl.exec("import ctc_core, run_vectors\nrun_vectors.run(ctc_core, ctc_core)")
    assert printed.splitlines() == EXPECTED.splitlines()
