"""A real fluorescence image with hand-drawn nuclei, out of the wheel of PyPI's package ``stardist``.

Only two files of data are read from the wheel, nothing in it is installed or run. The wheel is fetched by pip
into a cache, checked against its SHA-256, and never part of this repository.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

VERSION = "0.9.1"
WHEEL = f"stardist-{VERSION}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
SHA256 = "1f2caf3a071c1ead1b0cbbf9614ff2c82967be1bd22764f097871fb9bbd2718f"
IMAGE, MASK = "stardist/data/images/img2d.tif", "stardist/data/images/mask2d.tif"

FETCH_SECONDS = 120.0


class ImageMissing(Exception):
    """The image cannot be had: one sentence."""


def cache_dir() -> Path:
    """Return the folder for what is fetched once."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctc-reader" / "images"


def load() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the image and its labels, both [512, 512]; fetch the wheel when the cache has none.

    Raises:
        ImageMissing: it is not in the cache and cannot be fetched, or is not the file that is pinned.
    """
    path = cache_dir() / WHEEL
    if not path.exists():
        _fetch(path)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ImageMissing(f"{path} is not the pinned file (SHA-256 differs): remove it and try again.")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        image, mask = (tifffile.imread(io.BytesIO(wheel.read(name))) for name in (IMAGE, MASK))
    return image.astype(np.float32), mask.astype(np.int32)


def _fetch(path: Path) -> None:
    """Let pip download the wheel, whatever this machine is: only its data are used."""
    wanted = [
        "--no-deps", "--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--abi=cp311",
        "--platform=manylinux2014_x86_64", "--platform=manylinux_2_17_x86_64", f"stardist=={VERSION}",
    ]  # fmt: skip
    place = f"put {WHEEL} into {path.parent} by hand"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
            done = subprocess.run(
                [*command, *wanted, "--dest", folder],
                capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
            )  # fmt: skip
            fetched = Path(folder) / WHEEL
            if done.returncode or not fetched.exists():
                reason = (done.stderr.strip().splitlines() or ["no such file"])[-1]
                raise ImageMissing(f"The image of real nuclei cannot be fetched ({reason}): {place}.")
            fetched.replace(path)
    except subprocess.TimeoutExpired:
        raise ImageMissing(f"The image of real nuclei was not fetched in time: {place}.") from None
    except OSError as why:
        raise ImageMissing(f"{path.parent} cannot be written ({why.strerror}): {place}.") from None
