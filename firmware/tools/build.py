"""Build the reader's image: ``python -m firmware.tools.build`` (``make firmware``).

Writes ``ctc-reader.uf2``, ``ctc-reader.elf`` and the manifest ``ctc-reader.json`` (versions, revision, sizes,
hashes of every input) into the output folder. Does nothing when they are already those of the present inputs.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from host.board import load

from . import generate, sources
from .errors import BuildError
from .inputs import REPOSITORY, Inputs, collect

NAME = "ctc-reader"
BUILD_SECONDS = 1800


def main() -> int:
    parser = argparse.ArgumentParser(prog="firmware.tools.build", description=__doc__)
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build", help="output folder (build/)")
    parser.add_argument("--production", action="store_true", help="a locked reader's image: no REPL")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        with (out / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            build(out, options.production)
    except BuildError as error:
        print(f"firmware: {error}", file=sys.stderr)
        return 1
    return 0


def build(out: Path, production: bool) -> None:
    """Bring the three output files up to date.

    Raises:
        BuildError: a source is missing or differs, a tool is missing, or the compiler refuses.
    """
    if " " in f"{REPOSITORY}{out}{sources.cache_dir()}":
        raise BuildError(
            "MicroPython's build does not take a path with a space in it: "
            f"move {REPOSITORY}, {out} or {sources.cache_dir()}."
        )
    inputs = collect(production)
    if current(out, inputs):
        print(f"firmware: {out / NAME}.uf2 is up to date (build {inputs.build})")
        return
    files = sources.provide()
    tree = sources.unpack(files)
    work = out / "firmware"
    generate.write(work, inputs)
    environment = os.environ | {
        "SOURCE_DATE_EPOCH": str(inputs.epoch),
        "MICROPY_GIT_TAG": "v" + next(s.version for s in sources.pinned()[1] if s.package == "micropython"),
        "MICROPY_GIT_HASH": inputs.git,
    }
    log = out / "firmware.log"
    with log.open("w") as record:

        def run(*words: str | Path, folder: Path = REPOSITORY) -> None:
            try:
                subprocess.run(
                    [str(word) for word in words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                    stdout=record, stderr=subprocess.STDOUT, timeout=BUILD_SECONDS, check=True,
                )  # fmt: skip
            except FileNotFoundError as error:
                raise BuildError(f"{words[0]} is not installed: run `make deps`.") from error
            except subprocess.SubprocessError as error:
                record.flush()
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
                raise BuildError(f"{words[0]} failed; the end of {log}:\n{tail}") from error

        micropython = tree / "micropython"
        jobs = f"-j{os.cpu_count() or 1}"
        with (tree / ".lock").open("w") as lock:  # clones share the tree; mpy-cross is built in it once
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (micropython / "mpy-cross" / "build" / "mpy-cross").exists():
                run("make", jobs, "-C", micropython / "mpy-cross")
        run(
            "cmake", "-G", "Ninja", "-S", micropython / "ports" / "rp2", "-B", work,
            "-DPICO_BUILD_DOCS=0", "-DMICROPY_BOARD=" + generate.BOARD,
            f"-DMICROPY_BOARD_DIR={REPOSITORY / 'boards' / generate.BOARD}",
            f"-DUSER_C_MODULES={REPOSITORY / 'native' / 'bindings' / 'micropython' / 'micropython.cmake'}",
            f"-DPICO_SDK_PATH_OVERRIDE={tree / 'pico-sdk'}", f"-DMICROPY_MANIFEST_GENERATED_DIR={work}",
        )  # fmt: skip
        run("ninja", "-C", work)
        size = (work / "firmware.bin").stat().st_size
        limit = load(generate.BOARD)["flash"]["base"]["size"]
        if size > limit:
            raise BuildError(f"The image has {size} bytes, the base region {limit}: make it smaller.")
        run(
            sys.executable, micropython / "tools" / "uf2conv.py", "-f", "RP2040", "-b", "0x10000000", "-c",
            "-o", work / "firmware.uf2", work / "firmware.bin",
        )  # fmt: skip
    for kind in ("uf2", "elf"):
        shutil.copyfile(work / f"firmware.{kind}", out / f"{NAME}.{kind}")
    (out / f"{NAME}.json").write_text(json.dumps(manifest(out, inputs, size), indent=1) + "\n")
    print(f"firmware: {out / NAME}.uf2, {size} of {limit} bytes, build {inputs.build}, revision {inputs.git}")


def manifest(out: Path, inputs: Inputs, image_bytes: int) -> dict[str, object]:
    """Return the manifest of an image that has just been built."""
    return {
        "version": inputs.version,
        "git": inputs.git,
        "build": inputs.build,
        "mode": "production" if inputs.production else "development",
        "core": inputs.core,
        "board": generate.BOARD,
        "compiler": inputs.compiler,
        "source_date_epoch": inputs.epoch,
        "image_bytes": image_bytes,
        "sources": {s.package: {"version": s.version, "file": s.name} for s in sources.pinned()[1]},
        "outputs": {
            f"{NAME}.{kind}": {
                "bytes": (out / f"{NAME}.{kind}").stat().st_size,
                "sha256": sources.sha256(out / f"{NAME}.{kind}"),
            }
            for kind in ("uf2", "elf")
        },
        "inputs": dict(sorted(inputs.files.items())),
    }


def current(out: Path, inputs: Inputs) -> bool:
    """Tell whether the output folder holds exactly the image of these inputs."""
    try:
        there = json.loads((out / f"{NAME}.json").read_text())
        return there["build"] == inputs.build and all(
            sources.sha256(out / name) == entry["sha256"] for name, entry in there["outputs"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    sys.exit(main())
