"""What an image is made of: the files that go into it, their hashes, the revision, the build id."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError
from .sources import pinned, sha256

REPOSITORY = Path(__file__).resolve().parents[2]

FOLDERS = (
    "boards/CTC_READER",
    "firmware/boot",
    "firmware/port",
    "firmware/reader",
    "firmware/tools",
    "native/include",
    "native/src",
    "native/bindings/micropython",
)
FILES = ("host/board.py",)
COMPILER = "arm-none-eabi-gcc"


@dataclass(frozen=True)
class Inputs:
    """Everything that decides the bytes of an image."""

    version: str
    core: str
    git: str
    epoch: int
    production: bool
    compiler: str
    files: dict[str, str]

    @property
    def build(self) -> str:
        """The build id: 12 hexadecimal digits of the SHA-256 over every input."""
        lines = [self.version, self.git, str(self.epoch), str(self.production), self.compiler]
        lines += [f"{name} {digest}" for name, digest in sorted(self.files.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def collect(production: bool) -> Inputs:
    """Read the inputs of an image from the working tree.

    The revision is the last commit that changed one of them, so that a change of the documents alone makes no
    new image; ``-dirty`` is added when the tree differs from that commit.
    """
    files = {}
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(REPOSITORY).as_posix()] = sha256(path)
    for name in FILES:
        files[name] = sha256(REPOSITORY / name)
    for source in pinned()[1]:
        files[source.name] = source.sha256
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    git, epoch = _revision()
    return Inputs(version, _core_version(), git, epoch, production, _compiler(), files)


def _revision() -> tuple[str, int]:
    paths = ["--", *FOLDERS, *FILES]

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        found = git("log", "-1", "--format=%h %ct", "--abbrev=10", *paths)
        dirty = "-dirty" if git("status", "--porcelain", *paths) else ""
    except FileNotFoundError:
        found = ""
    if not found:
        return "unknown", 0
    revision, epoch = found.split()
    return revision + dirty, int(epoch)


def _core_version() -> str:
    for header in sorted((REPOSITORY / "native" / "include").rglob("*.h")):
        if found := re.search(r'#define\s+CTC_VERSION\s+"([^"]+)"', header.read_text()):
            return found.group(1)
    raise BuildError("native/include has no CTC_VERSION: the checkout is incomplete.")


def _compiler() -> str:
    try:
        done = subprocess.run(
            [COMPILER, "-dumpfullversion"], capture_output=True, text=True, timeout=60, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise BuildError(f"{COMPILER} is not installed: run `make deps`.") from error
    return f"{COMPILER} {done.stdout.strip()}"
