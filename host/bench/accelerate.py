"""The emulator's compiled core, compiled again for the Python that runs it.

rp2040py's wheel carries its core built for Python's limited API, which looks up a method by name on every
bus access, and beside it the C sources. The same sources compiled without that restriction run three to
four times as fast and give the same cycle for cycle. `python -m host.bench.accelerate` compiles them once
into a cache; a bench uses what it finds there, and the wheel's own core otherwise.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from host.bench.registry import BenchError

PACKAGE = "rp2040py.native"
FLAGS = ("-O2", "-fPIC", "-shared", "-w")
COMPILE_TIMEOUT_S = 600


def _sources() -> list[Path]:
    package = importlib.util.find_spec("rp2040py")
    places = package.submodule_search_locations if package is not None else None
    return sorted((Path(places[0]) / "native").glob("_*.c")) if places else []


def cache() -> Path:
    """Return the folder of the compiled core: one for each state of the sources and each Python."""
    digest = hashlib.sha256(sys.version.encode())
    for source in _sources():
        digest.update(source.name.encode() + str(source.stat().st_size).encode())
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "ctc-reader" / f"rp2040py-{digest.hexdigest()[:16]}"


def build() -> Path:
    """Compile what is missing; return the folder.

    Raises:
        BenchError: no compiler, no Python headers, or the compiler failed.
    """
    folder = cache()
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None:
        raise BenchError(f"No C compiler '{compiler}' was found; install gcc, or name one in CC.")
    folder.mkdir(parents=True, exist_ok=True)
    for source in _sources():
        target = folder / f"{source.stem}{suffix}"
        if target.exists():
            continue
        draft = target.with_suffix(f".{os.getpid()}")
        command = [compiler, *FLAGS, f"-I{sysconfig.get_paths()['include']}", str(source), "-o", str(draft)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_TIMEOUT_S, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise BenchError(f"{source.name} does not compile ({last}); python3-dev may be missing.")
        draft.replace(target)
    return folder


class _Finder:
    """Finds the core's modules in the cache; everything else is left to Python."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        package, _, module = name.rpartition(".")
        if package != PACKAGE:
            return None
        file = self._folder / f"{module}{sysconfig.get_config_var('EXT_SUFFIX')}"
        if not file.exists():
            return None
        return importlib.util.spec_from_file_location(name, file, loader=ExtensionFileLoader(name, str(file)))


def use() -> bool:
    """Take the core from the cache if all of it is there; call it before rp2040py is imported."""
    folder = cache()
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    sources = _sources()
    if not sources or not all((folder / f"{source.stem}{suffix}").exists() for source in sources):
        return False
    finder: Any = _Finder(folder)
    sys.meta_path.insert(0, finder)
    return True


if __name__ == "__main__":
    try:
        print(build())
    except BenchError as error:
        sys.exit(str(error))
