"""What is judged is fixed before the specimens that judge it exist.

Test seeds are made from the hash of everything that decides a result: the core's sources, its settings and
the plan of the evaluation. Whoever changes the core, a gate or a cut-off gets other specimens, so nothing can
be tuned on the ones that count. Tuning seeds do not depend on the settings, so that two settings can be
compared on equal specimens. The two kinds cannot meet: tuning seeds are below 2^31, test seeds from 2^62 on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache

from host import core
from host.board import ROOT

TUNING_BELOW = 1 << 31
TEST_FROM = 1 << 62


def digest(config: core.Config, plan: object) -> str:
    """Return the hash of the core's sources, its settings and the plan, hexadecimal.

    Args:
        config: what the core is set to.
        plan: the conditions and their numbers, anything JSON can hold.
    """
    whole = {"core": core.VERSION, "sources": _sources(), "settings": asdict(config), "plan": plan}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@cache
def _sources() -> dict[str, str]:
    """Return the SHA-256 of every source file of the core."""
    native = ROOT / "native"
    files = [*native.glob("include/ctc/*.h"), *native.glob("src/*.[ch]")]
    return {
        file.relative_to(native).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
    }


def seeds(lock: str | None, condition: str, count: int) -> list[int]:
    """Return the seeds of a condition's specimens.

    Args:
        lock: the digest, for test seeds; None for tuning seeds.
        condition: its name.
        count: how many; the first of them are always the same.
    """
    return [_seed(lock, condition, number) for number in range(count)]


def _seed(lock: str | None, condition: str, number: int) -> int:
    text = f"{lock or 'tuning'} {condition} {number}"
    value = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return value % TUNING_BELOW if lock is None else TEST_FROM | value % TEST_FROM
