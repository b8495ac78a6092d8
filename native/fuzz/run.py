"""Fuzz the core: ``python native/fuzz/run.py --seconds 600``.

With clang's libFuzzer where there is one, else with the deterministic driver ``drive.c`` and gcc's
sanitizers. Inputs that found something new are kept in ``build/fuzz/corpus``; one that breaks the core is
named and stays in ``build/fuzz``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NATIVE = HERE.parent
CORPUS = HERE / "corpus"
COMPILERS = ("clang-14", "clang")
INPUT_MAX = 344
"""Bytes: what draw.h reads at most."""
ALL_RUNS = 2**31 - 1


def sources(*names: str) -> list[str]:
    return [str(HERE / name) for name in names] + sorted(str(path) for path in (NATIVE / "src").glob("*.c"))


def build(compiler: str, sanitizers: str, names: tuple[str, ...], program: Path) -> str:
    """Compile ``program``; return what the compiler says when it fails, else nothing."""
    words = [compiler, "-std=c99", "-g", "-O1", "-Wall", "-Wextra", "-Werror", f"-fsanitize={sanitizers}"]
    words += ["-fno-sanitize-recover=all", f"-I{NATIVE / 'include'}", f"-I{NATIVE / 'src'}"]
    done = subprocess.run(
        [*words, "-o", str(program), *sources(*names)], capture_output=True, text=True, timeout=300
    )
    return done.stderr if done.returncode else ""


def fuzzer(program: Path) -> bool:
    """Build the libFuzzer target; False when there is no clang with libFuzzer."""
    found = next(filter(None, map(shutil.which, COMPILERS)), None)
    return found is not None and not build(
        found, "fuzzer,address,undefined", ("fuzz_core.c", "draw.c"), program
    )


def fuzzer_words(program: Path, seconds: int, kept: Path) -> list[str]:
    kept.mkdir(parents=True, exist_ok=True)
    words = [
        str(program),
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_MAX}",
        "-seed=1",
        "-timeout=120",
        "-verbosity=0",
    ]
    return [*words, "-print_final_stats=1", str(kept), str(CORPUS)]


def driver(program: Path) -> None:
    """Build the driver of our own.

    Raises:
        RuntimeError: it does not compile.
    """
    failed = build("gcc", "address,undefined", ("fuzz_core.c", "draw.c", "drive.c"), program)
    if failed:
        raise RuntimeError(failed)


def driver_words(program: Path, seconds: int, runs: int) -> list[str]:
    return [str(program), str(seconds), str(runs), *sorted(str(path) for path in CORPUS.iterdir())]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long (600)")
    seconds = parser.parse_args().seconds
    folder = NATIVE.parent / "build" / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    if fuzzer(folder / "fuzz_core"):
        words = fuzzer_words(folder / "fuzz_core", seconds, folder / "corpus")
    else:
        print("No clang with libFuzzer (Debian: clang-14, libclang-rt-14-dev): drive.c and gcc's sanitizers")
        try:
            driver(folder / "drive")
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        words = driver_words(folder / "drive", seconds, ALL_RUNS)
    done = subprocess.run(words, cwd=folder)
    if done.returncode:
        print(f"The core broke: the input is in {folder} (crash-* or last-input).", file=sys.stderr)
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
