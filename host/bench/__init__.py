"""The virtual bench: readers emulated with every part on their board, each behind a real serial port.

`Bench` starts one and is its remote control; `benches()` lists what is running. Device time passes as
`host.bench.pace` says; what each part does is in `host.bench.parts`.
"""

from __future__ import annotations

from host.bench.bench import Bench
from host.bench.registry import BenchError, Entry, benches, find

__all__ = ["Bench", "BenchError", "Entry", "benches", "find"]
