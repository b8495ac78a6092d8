"""The image: built twice it is the same to the last bit, and its manifest says what is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.tools.build import NAME
from firmware.tools.inputs import REPOSITORY, collect
from firmware.tools.sources import sha256

BUILD = REPOSITORY / "build"


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((BUILD / f"{NAME}.json").read_text())


def test_manifest_hashes_every_input_and_output(manifest: dict) -> None:
    assert manifest["build"] == collect(production=False).build
    for name, entry in manifest["outputs"].items():
        path = BUILD / name
        assert (path.stat().st_size, sha256(path)) == (entry["bytes"], entry["sha256"])
    assert "native/src/label.c" in manifest["inputs"]
    assert "boards/CTC_READER/board.toml" in manifest["inputs"]
    assert "firmware/boot/_boot.py" in manifest["inputs"]


@pytest.mark.timeout(1200)
def test_a_second_build_elsewhere_is_bit_identical(manifest: dict, tmp_path: Path) -> None:
    clone = tmp_path / "a-clone-with-another-name"
    ignore = shutil.ignore_patterns("build", "out", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache")
    shutil.copytree(REPOSITORY, clone, ignore=ignore, symlinks=True)
    subprocess.run(
        [sys.executable, "-m", "firmware.tools.build"],
        cwd=clone, env=os.environ | {"PYTHONPATH": str(clone)},
        check=True, timeout=1200, capture_output=True,
    )  # fmt: skip
    again = json.loads((clone / "build" / f"{NAME}.json").read_text())
    assert again["outputs"] == manifest["outputs"]
