"""The time of a reader on a virtual bench, which is not ours: emulators are as fast as they can."""

from __future__ import annotations

from pathlib import Path

from host.bench import registry
from host.bench.control import ask
from host.bench.registry import BenchError


def own_seconds(address: str) -> float | None:
    """Return how long the reader behind a serial port has been powered, in its own time.

    None: it is no emulated reader, or its bench does not answer.
    """
    for entry in registry.benches():
        if any(_same(address, port) for port in (entry.port, entry.uart)):
            try:
                return float(ask(entry.control, "stats")["ms"]) / 1000
            except BenchError:
                return None
    return None


def _same(address: str, port: str | None) -> bool:
    return bool(port) and Path(address).resolve() == Path(str(port)).resolve()
