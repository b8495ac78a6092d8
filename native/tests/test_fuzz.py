"""Any bytes, as rows, tallies, names and frames: libFuzzer under the sanitizers, for a bounded time."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[1]
CLANG = shutil.which("clang-14") or shutil.which("clang")
SECONDS = os.environ.get("CTC_FUZZ_SECONDS", "20")
"""For longer: CTC_FUZZ_SECONDS=600 make test PYTEST_ARGS='-k fuzz'."""


@pytest.mark.timeout(900)
@pytest.mark.skipif(CLANG is None, reason="no clang: make deps")
def test_any_bytes(tmp_path: Path) -> None:
    program = tmp_path / "fuzz_core"
    target = str(NATIVE / "tests" / "fuzz" / "fuzz_core.c")
    sources = [str(path) for path in sorted((NATIVE / "src").glob("*.c"))]
    words = [str(CLANG), "-std=c99", "-Wall", "-Wextra", "-Werror", "-g", "-O2", f"-I{NATIVE / 'include'}"]
    words += ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-o", str(program)]
    built = subprocess.run([*words, target, *sources], capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name, seed in seeds().items():
        (corpus / name).write_bytes(seed)
    limits = ["-seed=1", "-runs=200000", f"-max_total_time={SECONDS}", "-max_len=1024", "-timeout=60"]
    done = subprocess.run(
        [str(program), *limits, f"-artifact_prefix={tmp_path}/", str(corpus)],
        capture_output=True, text=True, timeout=float(SECONDS) + 300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Done " in done.stderr


def seeds() -> dict[str, bytes]:
    """Return one input of each kind that says something: a tally, rows, a name, a field with a cell."""
    dark, end = b"\x10\0", b"\0"
    cell = bytes([20]) + bytes([60, 60, 12, 12, 201]) + end
    return {
        "tally": b"\0" + b"".join(n.to_bytes(4, "little") for n in (7, 0, 0, 3, 1, 7, 0, 0, 3, 7, 0, 0, 3)),
        "rows": b"\1" + bytes([0, 1, 3, 0]) + bytes(64),
        "name": b"\2her2-3plus-gt-30pct",
        "field": b"\3" + dark + cell + cell + bytes([20, 0]) + cell,
    }
