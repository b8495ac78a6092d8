"""``make evaluate``: the evaluation on the command line, for who tunes the core."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from host.board import ROOT
from host.cli.options import progress
from host.evaluate import evaluate
from host.evaluate.report import figures_table


def main() -> int:
    """Run the evaluation and print the figures."""
    parser = argparse.ArgumentParser(prog="host.evaluate", description=__doc__)
    parser.add_argument("only", nargs="*", help="parts of names of conditions (all)")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "evaluation")
    parser.add_argument("--tuning", action="store_true", help="tuning seeds: no evidence")
    parser.add_argument("--share", type=float, default=1.0, help="of the specimens of each condition")
    parser.add_argument("--workers", type=int, default=None)
    options = parser.parse_args()
    start = time.monotonic()
    with progress() as show:
        result = evaluate(
            options.out,
            tuning=options.tuning,
            share=options.share,
            only=tuple(options.only),
            workers=options.workers,
            progress=show,
        )
    print(figures_table(result["figures"]))
    took = time.monotonic() - start
    print(f"\n{result['specimens']} specimens in {took:.0f} s; {options.out / 'report.md'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
