"""The firmware under CPython: `reader` as the reader itself imports it, and the modules around it.

`board` is the text that is frozen into the image. `micropython` has nothing here but `const`, which is a hint
to MicroPython's compiler.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

TESTS = Path(__file__).resolve().parent
for folder in (TESTS.parents[1], TESTS.parent, TESTS):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from firmware.tools.generate import board_module  # noqa: E402
from host.board import constants  # noqa: E402


def module(name: str, text: str) -> None:
    """Make `text` importable as `name`."""
    made = types.ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), made.__dict__)
    sys.modules[name] = made


module("micropython", "def const(value):\n    return value\n")
module("board", board_module(constants()))
module(
    "build_info",
    "VERSION = '0.0.0'\nGIT = 'test'\nBUILD = 'test'\nDEVELOPMENT = True\n",
)
# The C core by its other binding: the same source, so the same constants and results.
from host import core  # noqa: E402

sys.modules["ctc_core"] = core
