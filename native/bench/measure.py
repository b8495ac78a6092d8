"""The core's speed on a reader: ``python native/bench/measure.py [--port PORT]``.

Cycles per pixel of one frame at 125 MHz, by channel; ``field`` is the mean over the five frames of a field.
Pixels are all 324 x 244. ``dark`` is histogram and background alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from device import IMAGE, ROOT, Repl, reader

CLOCK_MHZ = 125
PIXELS = 324 * 244
FRAMES = ("dark", "dapi", "ck", "cd45", "her2")
SCENES = ("empty", "cells", "usual", "crowd")
FILES = ("native/vectors/scenes.py", "native/vectors/settings.py", "native/bench/core_cycles.py")


def measure(repl: Repl, scenes: tuple[str, ...] = SCENES) -> dict[str, dict[str, float]]:
    """Return cycles per pixel by scene and frame, with ``field``, ``objects`` and ``milliseconds``.

    Raises:
        RuntimeError: the reader's core failed.
    """
    repl.mount({Path(name).name: (ROOT / name).read_bytes() for name in FILES})
    lines = repl.exec(f"import core_cycles\ncore_cycles.run({scenes!r})").split("\n")
    figures = {}
    for name, microseconds in map(json.loads, filter(None, lines)):
        total = sum(microseconds[frame] for frame in FRAMES) + microseconds["end"]
        figures[name] = {frame: microseconds[frame] * CLOCK_MHZ / PIXELS for frame in FRAMES}
        figures[name]["field"] = total * CLOCK_MHZ / PIXELS / len(FRAMES)
        figures[name]["objects"] = microseconds["objects"]
        figures[name]["milliseconds"] = total / 1000
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, default=IMAGE, help="what the virtual bench runs")
    parser.add_argument("--port", help="a reader's serial port; a virtual bench when left out")
    options = parser.parse_args()
    try:
        with reader(options.port, options.image) as repl:
            figures = measure(repl)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    columns = (*FRAMES, "field", "objects", "milliseconds")
    print(f"{'cycles/pixel':14}" + "".join(f"{column:>14}" for column in columns))
    for name, row in figures.items():
        print(f"{name:14}" + "".join(f"{row[column]:14.2f}" for column in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
