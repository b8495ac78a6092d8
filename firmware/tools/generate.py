"""The files that the build derives from ``board.toml`` and from the inputs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from host.board import constants

from .inputs import Inputs, collect

BOARD = "CTC_READER"


def write(folder: Path, inputs: Inputs) -> None:
    """Write ``board.py``, ``build_info.py`` and ``board_generated.h`` into the build folder."""
    flat = constants(BOARD)
    put(folder / "board.py", board_module(flat))
    put(folder / "build_info.py", build_info(inputs))
    put(folder / "board_generated.h", header(flat))


def board_module(flat: dict[str, Any]) -> str:
    """Return the text of the firmware's module ``board``."""
    lines = ["# Made from boards/CTC_READER/board.toml; edit that.", "from micropython import const", ""]
    for name, value in flat.items():
        lines.append(f"{name} = const({value})" if type(value) is int else f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


def build_info(inputs: Inputs) -> str:
    """Return the text of the firmware's module ``build_info``."""
    return (
        "# Made by firmware/tools/build.py.\n"
        f"VERSION = {inputs.version!r}\nGIT = {inputs.git!r}\nBUILD = {inputs.build!r}\n"
        f"DEVELOPMENT = {not inputs.production}\n"
    )


def header(flat: dict[str, Any]) -> str:
    """Return the text of the C header that ``mpconfigboard.h`` includes."""
    names = {
        "CTC_BOARD_VID": flat["BOARD_VID"],
        "CTC_BOARD_PID": flat["BOARD_PID"],
        "CTC_FLASH_BYTES": flat["BOARD_FLASH_BYTES"],
        "CTC_FLASH_BASE_SIZE": flat["FLASH_BASE_SIZE"],
    }
    lines = ["// Made from boards/CTC_READER/board.toml; edit that.", "#pragma once"]
    lines += [f"#define {name} ({value:#x})" for name, value in names.items()]
    lines += [f'#define CTC_BOARD_{key} "{flat["BOARD_" + key]}"' for key in ("MANUFACTURER", "PRODUCT")]
    return "\n".join(lines) + "\n"


def put(path: Path, text: str) -> None:
    """Write a file only when its text changes, so that nothing is compiled again without need."""
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":  # for the type checker: the modules that exist only in a build
    write(Path(sys.argv[1]), collect(production=False))
