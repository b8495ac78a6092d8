"""The application's side of the link, kept in memory: what reader.services is to the server, without
hardware.

It follows docs/architecture.md and nothing else. host/tests use it too, to have a whole reader behind a port.
"""

from __future__ import annotations

import hashlib
from typing import Any

from reader.link.errors import (
    BAD_VALUE,
    BUSY,
    HASH_DIFFERS,
    LID_OPEN,
    NO_SUCH_RESULT,
    NOT_RUNNING,
    SETTINGS_REFUSED,
    Refused,
)

from host import core

WIDTH, HEIGHT = 160, 128


class MemoryServices:
    """A reader whose runs take `steps` calls of status() and yield the records it was given."""

    def __init__(self, records: list[bytes] | None = None, steps: int = 2) -> None:
        self.supply = list(records or [])
        self.kept: dict[int, bytes] = {}
        self.sequence = 0
        self.steps = steps
        self.left = 0
        self.lid = "closed"
        self.sample = ""
        self.clock: str | None = None
        self.done: list[str] = []
        self.blob = self.arriving = b""
        self.started: tuple[Any, ...] = ()
        self.every_ctc = False
        self.facts = {
            "firmware": "0.1.0",
            "core": "1",
            "gate_set": "cellsearch-1",
            "git": "0123abc",
            "build": "2026-01-01T00:00:00Z",
            "micropython": "1.25.0",
            "board": "CTC_READER",
            "reader": "e661640843123456",
            "mode": "open",
        }

    def status(self) -> dict[str, Any]:
        if self.left:
            self.left -= 1
            if not self.left:
                self.kept[self.sequence] = self.supply.pop(0)
        running = self.left > 0
        return {
            "state": "running" if running else "lid open" if self.lid == "open" else "ready",
            "step": "expose" if running else "",
            "field": 0,
            "fields": 4,
            "channel": "dapi",
            "percent": 50 if running else 100,
            "sample": self.sample,
            "kept": len(self.kept),
            "last": max(self.kept, default=0),
            "fault": "",
            "mode": "open",
            "lid": self.lid,
            "ms": 1000,
            "boot_ms": 900,
            "free": 100000,
            "largest": 50000,
        }

    def start(
        self,
        sample: str,
        kind: str,
        fields: int | None,
        operator: str | None,
        rule: str | None,
        every_ctc: bool,
    ) -> int:
        if self.left:
            raise Refused(BUSY)
        if self.lid == "open":
            raise Refused(LID_OPEN)
        if fields is not None and fields > 16:
            raise Refused(BAD_VALUE)
        if rule is not None and rule not in core.RULES:
            raise Refused(BAD_VALUE)
        self.started = (sample, kind, fields, operator, rule)
        self.every_ctc = every_ctc
        self.sample = sample
        self.sequence += 1
        self.left = self.steps
        return self.sequence

    def abort(self) -> None:
        if not self.left:
            raise Refused(NOT_RUNNING)
        self.left = 1

    def results(self, after: int) -> list[dict[str, Any]]:
        listed = sorted(seq for seq in self.kept if seq > after)[:8]
        return [
            {"seq": s, "len": len(self.kept[s]), "sha": hashlib.sha256(self.kept[s]).digest()} for s in listed
        ]

    def record(self, seq: int, off: int, n: int) -> tuple[int, bytes]:
        if seq not in self.kept:
            raise Refused(NO_SUCH_RESULT)
        data = self.kept[seq]
        if off > len(data):
            raise Refused(BAD_VALUE)
        return len(data), data[off : off + n]

    def acknowledge(self, seq: int, sha: bytes) -> None:
        if seq not in self.kept:
            raise Refused(NO_SUCH_RESULT)
        if hashlib.sha256(self.kept[seq]).digest() != sha:
            raise Refused(HASH_DIFFERS)
        del self.kept[seq]

    def screen(self, off: int, n: int) -> tuple[int, int, bytes, int, bytes]:
        palette = bytes(range(48))
        picture = bytes((x + y) & 15 | ((x + y) & 15) << 4 for y in range(HEIGHT) for x in range(WIDTH // 2))
        return WIDTH, HEIGHT, palette, len(picture), picture[off : off + n]

    def selftest(self) -> tuple[bool, list[dict[str, Any]]]:
        return True, [{"name": "lid", "ok": True, "value": 1, "limit": 1}]

    def settings(self, off: int, n: int) -> dict[str, Any]:
        sha = hashlib.sha256(self.blob).digest() if self.blob else b""
        ids = {"gate_set": "cellsearch-2", "calibration": "PROVISIONAL-2", "cutoffs": "PROVISIONAL-2"}
        rest = {"provisional": True, "fault": "", "sha": sha}
        return {**ids, **rest, "len": len(self.blob), "data": self.blob[off : off + n]}

    def settings_piece(self, off: int, data: bytes) -> int:
        if self.left:
            raise Refused(BUSY)
        if off == 0:
            self.arriving = b""
        if off != len(self.arriving) or off + len(data) > 2000:
            raise Refused(BAD_VALUE)
        self.arriving += data
        return len(self.arriving)

    def settings_commit(self, length: int, sha: bytes) -> None:
        if self.left:
            raise Refused(BUSY)
        blob = self.arriving if length else b""
        if len(blob) != length or hashlib.sha256(blob).digest() != sha:
            raise Refused(HASH_DIFFERS)
        if blob.startswith(b"bad"):
            raise Refused(SETTINGS_REFUSED)
        self.blob = blob

    def bootloader(self) -> None:
        self.done.append("bootloader")

    def reset(self) -> None:
        self.done.append("reset")

    def datetime_get(self) -> str | None:
        return self.clock

    def datetime_set(self, value: str) -> None:
        if value[4:5] != "-":
            raise ValueError("datetime")
        self.clock = value

    def info(self) -> dict[str, str]:
        return self.facts
