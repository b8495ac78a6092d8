"""How deep the core's calls go on the reader: the compiler's own figures along the deepest chain."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[1]
SOURCES = sorted((NATIVE / "src").glob("*.c"))
LIMIT = 2048
"""Bytes of stack: MicroPython's main stack on the reader is 8 KB, and Python frames are below the core's."""
CALL = re.compile(r"R_ARM_THM_(?:CALL|JUMP24)\s+(\S+)|\sbl\s+[0-9a-f]+ <([^>+]+)>")
FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
LEAVES = {"memcmp", "memcpy", "memmove", "memset"}
"""Of the C library, and the compiler's own __aeabi functions: a few words each."""
LEAF = 64


def plain(name: str) -> str:
    """A function's name without the number that the compiler gives its clones."""
    return re.sub(r"\.\d+$", "", name)


def compiled(level: str, folder: Path) -> tuple[dict[str, int], dict[str, set[str]]]:
    """Bytes of stack of every function, and what it calls. Of functions of one name, the most and all."""
    chip = ["-std=c99", "-mcpu=cortex-m0plus", "-mthumb", "-fstack-usage", level, "-c"]
    includes = [f"-I{NATIVE / 'include'}", f"-I{NATIVE / 'src'}"]
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for source in SOURCES:
        out = folder / f"{source.stem}.o"
        subprocess.run(["arm-none-eabi-gcc", *chip, *includes, "-o", out, source], check=True, timeout=120)
        for line in out.with_suffix(".su").read_text().splitlines():
            place, size, kind = line.split("\t")
            assert kind == "static", f"{place}: its stack is not known when it is compiled"
            name = plain(place.rsplit(":", 1)[1])
            frames[name] = max(frames.get(name, 0), int(size))
        words = ["arm-none-eabi-objdump", "-dr", out]
        shown = subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout
        function = ""
        for line in shown.splitlines():
            assert not re.search(r"\sblx\s+r", line), f"{function} calls what only shows at run time"
            if start := FUNCTION.match(line):
                function = plain(start[1])
            elif call := CALL.search(line):
                calls.setdefault(function, set()).add(plain(call[1] or call[2]))
    return frames, calls


@pytest.mark.skipif(shutil.which("arm-none-eabi-gcc") is None, reason="no arm-none-eabi-gcc: make deps")
@pytest.mark.parametrize("level", ["-O2", "-Os"])
def test_deepest_chain_of_calls(level: str, tmp_path: Path) -> None:
    frames, calls = compiled(level, tmp_path)

    def depth(name: str, above: tuple[str, ...]) -> int:
        assert name not in above, f"{name} calls itself"
        if name not in frames:
            assert name in LEAVES or name.startswith("__"), (
                f"{name} is called, and nothing is known of its stack"
            )
            return LEAF
        return frames[name] + max(
            (depth(callee, (*above, name)) for callee in calls.get(name, ())), default=0
        )

    deepest = {name: depth(name, ()) for name in frames}
    print(level, sorted(deepest.items(), key=lambda item: -item[1])[:6])
    assert deepest["ctc_analyse"] > frames["ctc_analyse"]
    assert max(deepest.values()) <= LIMIT
