"""The core as C: no warning on either compiler, and its unit tests clean under the sanitizers."""

import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[1]
SOURCES = sorted(str(path) for path in (NATIVE / "src").glob("*.c"))
UNITS = sorted(path.stem for path in (NATIVE / "tests" / "unit").glob("test_*.c"))
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wstrict-prototypes", "-Wcast-align=strict"]
WARNINGS += ["-Werror"]
COMMON = ["-std=c99", "-pedantic", f"-I{NATIVE / 'include'}", f"-I{NATIVE / 'src'}"]


def compiled(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_units_under_sanitizers(level: str, unit: str, tmp_path: Path) -> None:
    program = tmp_path / unit
    sanitizers = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    test = str(NATIVE / "tests" / "unit" / f"{unit}.c")
    compiled("gcc", *COMMON, *WARNINGS, level, *sanitizers, "-o", str(program), test, *SOURCES, "-lm")
    done = subprocess.run([program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no arm-none-eabi-gcc: make deps")
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: Path(path).name)
def test_no_warning_for_the_reader(source: str, tmp_path: Path) -> None:
    chip = ["-mcpu=cortex-m0plus", "-mthumb", "-O2", "-DCTC_HOT_SECTION=.time_critical.ctc"]
    compiled("arm-none-eabi-gcc", *COMMON, *WARNINGS, *chip, "-c", "-o", str(tmp_path / "o"), source)


def test_no_state_and_no_allocation(tmp_path: Path) -> None:
    """No writable data, and nothing called from outside but the memory functions."""
    library = tmp_path / "core.o"
    compiled("gcc", *COMMON, "-O2", "-fno-pie", "-r", "-nostdlib", "-o", str(library), *SOURCES)
    symbols = subprocess.run(["nm", library], capture_output=True, text=True, check=True).stdout.splitlines()
    kinds = {line.split()[-1]: line.split()[-2] for line in symbols}
    assert not [name for name, kind in kinds.items() if kind in "bBdDC"]
    undefined = {name for name, kind in kinds.items() if kind == "U"}
    assert undefined <= {"memset", "memcpy", "memmove", "__stack_chk_fail"}
