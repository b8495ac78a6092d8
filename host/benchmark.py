"""``make bench``: the figures of the reader and the host, beside their peers, in one run.

Prints a table and writes ``out/bench.json``. Device figures come from the image on a virtual bench and are
exact in device time (flash cache misses are not modelled: they compare, they are no promise about silicon);
the others are wall time on this machine, with every peer measured in the same run.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from host.board import ROOT

Row = dict[str, Any]
"""``name``, ``value``, ``unit``, and where there is one ``limit``, ``peer`` and ``peer_value``."""


def row(name: str, value: float, unit: str, **more: Any) -> Row:
    """Return one figure."""
    return {"name": name, "value": value, "unit": unit} | more


def reader_figures() -> list[Row]:
    """Figures that the reader itself gives in one run of one field, on a virtual bench."""
    from host.bench.bench import Bench
    from host.device import Deadline, Link
    from host.device.link import wait_until_it_answers
    from host.specimen import prepare

    image = ROOT / "build" / "ctc-reader.uf2"
    with tempfile.TemporaryDirectory() as folder, Bench("figures", firmware=image) as bench:
        deadline = Deadline(600)
        wait_until_it_answers(bench.port, deadline, 300)
        bench.specimen(prepare(Path(folder) / "specimen.npz", simulate=1, fields=1))
        with Link(bench.port, deadline) as link:
            booted = link.status()
            start = time.perf_counter()
            link.start("BENCH", "simulated", 1)
            while (status := link.status()).state == "running":
                deadline.sleep(0.2)
            took = time.perf_counter() - start
    return [
        row("boot to ready", booted.boot_ms, "ms of device time", limit=2000),
        row("free RAM after boot", booted.free / 1024, "KB", limit=80),
        row("largest free block", booted.largest / 1024, "KB", limit=32),
        row("heap taken in the frame loop", status.frame_bytes, "bytes", limit=0),
        row("five frames of a field, exposures included", status.frame_ms, "ms of device time", limit=600),
        row("run of one field on the virtual bench", took, "s of wall time"),
    ]


def core_on_reader() -> list[Row]:
    """Cycles per pixel of the core on the emulated RP2040 (native/bench/measure.py)."""
    measure = _script("native/bench/measure.py")
    with measure.reader(None, ROOT / "build" / "ctc-reader.uf2") as repl:
        figures = measure.measure(repl, ("usual", "crowd"))
    rows = []
    for scene, cycles in figures.items():
        rows.append(row(f"histogram and background ({scene})", cycles["dark"], "cycles/pixel", limit=12,
                        peer="byte loop in C, histogram alone", peer_value=15.05))  # fmt: skip
        rows.append(row(f"whole analysis ({scene})", cycles["field"], "cycles/pixel/frame", limit=15))
    return rows


def core_on_host() -> list[Row]:
    """One realistic field through the core on this machine, and through its peers on the same frames."""
    from host.evaluate import peers

    times = peers.measure()
    ours = times["core"]
    return [
        row("core, one field, all features", ours, "ms", peer="scipy.ndimage, fewer features",
            peer_value=times["scipy"]),
        row("core, times as fast as OpenCV", times["opencv"] / ours, "x", limit=peers.OPENCV_FACTOR,
            peer="threshold, components, sums, ms", peer_value=times["opencv"]),
        row("core, times as fast as scikit-image", times["scikit-image"] / ours, "x",
            limit=peers.SKIMAGE_FACTOR, peer="regionprops_table, ms", peer_value=times["scikit-image"]),
    ]  # fmt: skip


def _script(path: str) -> ModuleType:
    """Import a script that is no part of the package."""
    file = ROOT / path
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def cohort() -> list[Row]:
    """Figures of the cohort statistics."""
    from host.stats import benchmark

    return benchmark.cox_figures() + benchmark.criteria_figures()


GROUPS: dict[str, Callable[[], list[Row]]] = {
    "reader": reader_figures,
    "core-reader": core_on_reader,
    "core-host": core_on_host,
    "cohort": cohort,
}


def text(rows: list[Row]) -> str:
    """Return the rows as a table."""
    lines = [f"{'figure':48}{'value':>12} {'unit':22}{'limit':>8}  peer"]
    for entry in rows:
        peer = f"{entry['peer_value']:.4g} ({entry['peer']})" if entry.get("peer") else ""
        limit = "" if entry.get("limit") is None else f"{entry['limit']:g}"
        lines.append(f"{entry['name'][:47]:48}{entry['value']:12.4g} {entry['unit']:22}{limit:>8}  {peer}")
    return "\n".join(lines)


def main() -> int:
    """Measure the groups named, or all."""
    parser = argparse.ArgumentParser(prog="host.benchmark", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help=f"of: {', '.join(GROUPS)} (all)")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "bench.json")
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.groups or GROUPS:
        print(f"measuring: {name}", file=sys.stderr)
        rows += [entry | {"group": name} for entry in GROUPS[name]()]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"figures": rows}, indent=1) + "\n")
    print(text(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
