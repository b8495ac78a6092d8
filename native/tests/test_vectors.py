"""The shared vectors: the same bytes through both bindings, on both machines, and under the sanitizers."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from host import core

NATIVE = Path(__file__).resolve().parents[1]
VECTORS = NATIVE / "vectors"
FILES = ("scenes.py", "settings.py", "run_vectors.py")
EXPECTED = (VECTORS / "expected.txt").read_text()

sys.path[:0] = [str(NATIVE / "bench"), str(NATIVE / "fuzz"), str(VECTORS)]
import device  # noqa: E402
import run  # noqa: E402
import scenes  # noqa: E402


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


def recorded(canvas: scenes.Canvas, number: int, scene: Callable[[scenes.Canvas, int], bool | None]) -> bytes:
    """One field for replay.c."""
    settings = scenes.SETTINGS.get(scene.__name__, lambda: bytes(core.SETTINGS_BYTES))()
    frames, channels = b"", 0
    for channel in range(5):
        if not scene(canvas, channel):
            frames += bytes(canvas.frame)
            channels |= 1 << channel
    return settings + bytes([number, channels]) + frames


def answers() -> dict[str, list[str]]:
    """What is expected of each scene, in the words of replay.c; hashes of rows where there are many."""
    found: dict[str, list[str]] = {}
    for line in EXPECTED.splitlines():
        name, what, *rest = line.split(" ")
        if name == "rule":
            break
        if what.startswith("error="):
            found.setdefault(name, []).append(what.replace("=", " "))
        elif what.startswith("rows="):
            found[name].append("rows " + what.split(":")[1])
        else:
            found.setdefault(name, []).append(f"{rest[0]} {what}")
    return found


def test_under_sanitizers(tmp_path: Path) -> None:
    failed = run.build("gcc", "address,undefined", ("replay.c",), tmp_path / "replay")
    assert not failed, failed
    canvas = scenes.Canvas(memoryview(bytearray(core.WIDTH * core.HEIGHT)))
    fields = b"".join(recorded(canvas, number, scene) for number, scene in enumerate(scenes.SCENES))
    done = subprocess.run([tmp_path / "replay"], input=fields, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode()
    printed = iter(done.stdout.decode().splitlines())
    for name, lines in answers().items():
        for line in lines:
            said = next(printed).rstrip()
            if said.startswith("rows ") and len(said) > 5 + 2 * 20 * core.ROW_BYTES:
                said = "rows " + hashlib.sha256(bytes.fromhex(said[5:])).hexdigest()
            assert said == line.rstrip(), name
    assert next(printed, None) is None


@pytest.mark.timeout(900)
@pytest.mark.skipif(not device.IMAGE.exists(), reason="no image: make firmware")
def test_reader() -> None:
    with device.reader() as repl:
        repl.mount({name: (VECTORS / name).read_bytes() for name in FILES})
        printed = repl.exec("import ctc_core, run_vectors\nrun_vectors.run(ctc_core, ctc_core)")
    assert printed.splitlines() == EXPECTED.splitlines()
