"""``python -m host.bench``: run one bench in this process (what ``host bench up`` starts)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from host.bench import accelerate
from host.bench.registry import BenchError


def main() -> int:
    """Run a bench until it is ended; 1 and a sentence on standard error when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m host.bench", description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--serial")
    parser.add_argument("--firmware", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--idle-timeout", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    accelerate.use()
    from host.bench.process import BenchProcess  # imports the emulator: after the choice of its core

    try:
        bench = BenchProcess(
            options.name,
            serial=options.serial,
            firmware=options.firmware,
            state=options.state,
            idle_timeout=options.idle_timeout,
            seed=options.seed,
        )
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    bench.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
