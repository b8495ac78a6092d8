"""Take the pictures of the display's pages, from the glass of a virtual bench (``make pictures``)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from host.bench.bench import Bench
from host.board import ROOT
from host.device import Deadline, Link
from host.device.link import wait_until_it_answers
from host.specimen import prepare

FOLDER = ROOT / "docs" / "pictures"
SCALE = 3
SPECIMENS = {
    "result-positive": {"simulate": 12, "ctc": 12, "her2": 0.6},
    "result-negative": {"simulate": 13, "ctc": 12, "her2": 0.0},
    "result-no-ctc": {"simulate": 11, "ctc": 0, "her2": 0.0},
}


def take(bench: Bench, name: str) -> None:
    """Save what the glass shows, each pixel SCALE x SCALE."""
    seen = bench.screen()
    picture = Image.frombytes("RGB", (seen.width, seen.height), seen.rgb)
    picture.resize((SCALE * seen.width, SCALE * seen.height), Image.Resampling.NEAREST).save(
        FOLDER / f"{name}.png", optimize=True
    )
    print(FOLDER / f"{name}.png")


def run(link: Link, sample: str, rule: str | None = None) -> None:
    """Run one field to its end."""
    link.start(sample, "simulated", 1, rule=rule)
    wait_while(link, "running")


def wait_while(link: Link, state: str) -> None:
    """Wait until the reader is in another state, and has drawn its page."""
    while link.status().state == state:
        link.deadline.sleep(0.5)
    link.deadline.sleep(1.0)
    link.status()


def main() -> None:
    """Take every page."""
    FOLDER.mkdir(exist_ok=True)
    deadline = Deadline(900)
    with (
        tempfile.TemporaryDirectory() as folder,
        Bench("pictures", firmware=ROOT / "build" / "ctc-reader.uf2") as bench,
    ):
        wait_until_it_answers(bench.port, deadline, 120)
        bench.clock("2026-11-22T09:30:00")
        with Link(bench.port, deadline) as link:
            link.deadline.sleep(1.0)
            bench.lid(is_open=True)
            wait_while(link, "ready")
            take(bench, "lid-open")
            bench.lid(is_open=False)
            wait_while(link, "lid open")
            take(bench, "ready")
            for name, options in SPECIMENS.items():
                bench.specimen(prepare(Path(folder) / f"{name}.npz", fields=1, **options))
                run(link, "S-0042")
                take(bench, name)
            bench.specimen(prepare(Path(folder) / "rule.npz", fields=1, **SPECIMENS["result-negative"]))
            run(link, "S-0042", "her2-signal-ge-50pct")
            take(bench, "result-rule")
            link.start("S-0042", "simulated", 1)
            while link.status().step != "ck":
                link.deadline.sleep(0.05)
            take(bench, "running")
            bench.fault(led="led_470", factor=0.0)
            wait_while(link, "running")
            take(bench, "result-invalid")


if __name__ == "__main__":
    main()
