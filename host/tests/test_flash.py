"""Images checked before anything is touched, and the way of an image into a reader."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host import board
from host.bench import registry
from host.bench.registry import Entry
from host.device import Deadline, NoReader, ReaderRefused, SeveralReaders, ports
from host.device.ports import Port
from host.flash import (
    DriveMissing,
    FlashFailed,
    ImageDamaged,
    ImageForeign,
    ImageMissing,
    choose,
    drive,
    flash,
    load,
    manifest,
    program,
)
from host.tests.pty_reader import MemoryServices, PtyReader

RP2040, RP2350 = 0xE48BFF56, 0xE48BFF59
START = 0x10000000
BASE = board.load()["flash"]["base"]["size"]


def block(
    number: int, total: int, address: int | None = None, family: int = RP2040, flags: int = 0x2000
) -> bytes:
    address = START + 256 * number if address is None else address
    head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, address, 256, number, total, family)
    return head + bytes([number & 255]) * 476 + struct.pack("<I", 0x0AB16F30)


def uf2(blocks: int = 4) -> bytes:
    return b"".join(block(number, blocks) for number in range(blocks))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "image.uf2"


def test_a_sound_image(file: Path) -> None:
    file.write_bytes(uf2())
    image = load(file)
    assert (image.start, image.end) == (START, START + 4 * 256)
    assert manifest.beside(image) is None


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", ImageDamaged, "not a UF2"),
        (b"\x7fELF" + bytes(2000), ImageDamaged, "not a UF2"),
        (uf2()[:-1], ImageDamaged, "cut short"),
        (uf2()[:-512], ImageDamaged, "copy or build"),
        (uf2()[512:], ImageDamaged, "copy or build"),
        (block(0, 2) + block(0, 2), ImageDamaged, "copy or build"),
        (block(0, 2) + block(1, 2, START), ImageDamaged, "follow one another"),
        (block(0, 1, START + 4), ImageDamaged, "not one that an RP2040 writes"),
        (block(0, 1, flags=0x2001), ImageDamaged, "not one that an RP2040 writes"),
        (block(0, 1)[:-4] + bytes(4), ImageDamaged, "is damaged"),
        (block(0, 1, family=RP2350), ImageForeign, "RP2350"),
        (block(0, 1, family=0x12345678), ImageForeign, "0x12345678"),
        (block(0, 1, flags=0), ImageForeign, "no chip"),
        (block(0, 2) + block(1, 2, family=RP2350), ImageForeign, "RP2350"),
        (block(0, 2) + block(1, 2, START + BASE), ImageForeign, "outside the reader's base"),
        (block(0, 1, 0x20000000), ImageForeign, "outside the reader's base"),
        (block(0, 1, START + 0x1000), ImageForeign, "where the reader boots"),
    ],
)
def test_refused_images(file: Path, data: bytes, error: type[Exception], says: str) -> None:
    file.write_bytes(data)
    with pytest.raises(error, match=says):
        load(file)


def test_no_image(tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match="make firmware"):
        load(tmp_path / "none.uf2")
    with pytest.raises(ImageMissing):
        load(tmp_path)


@given(st.integers(0, 4 * 512 - 1), st.integers(0, 7))
def test_a_flipped_bit_outside_the_payload_is_found(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    data = bytearray(uf2())
    if 32 <= at % 512 < 508:
        return  # the payload: the manifest's hash is for that
    data[at] ^= 1 << bit
    file = tmp_path_factory.mktemp("uf2") / "image.uf2"
    file.write_bytes(data)
    if at % 512 in range(8, 12):
        return  # other flags may be set without harm; the two that matter are tested above
    with pytest.raises((ImageDamaged, ImageForeign)):
        load(file)


def write_manifest(file: Path, facts: dict[str, str]) -> None:
    sha = hashlib.sha256(file.read_bytes()).hexdigest()
    table = {key: facts[key] for key in ("git", "build")} | {"version": facts["firmware"]}
    file.with_suffix(".json").write_text(json.dumps(table | {"outputs": {file.name: {"sha256": sha}}}))


def test_a_manifest_of_another_image(file: Path) -> None:
    file.write_bytes(uf2())
    write_manifest(file, MemoryServices().facts)
    assert manifest.beside(load(file)) is not None
    file.write_bytes(uf2(5))
    with pytest.raises(ImageDamaged, match="manifest"):
        manifest.beside(load(file))
    file.with_suffix(".json").write_text("{")
    with pytest.raises(ImageDamaged, match="manifest"):
        manifest.beside(load(file))


class Bench:
    """The registry entry and boot drive of a bench around a reader on a pseudo-terminal."""

    def __init__(self, reader: PtyReader, folder: Path) -> None:
        about = board.load()["board"]
        self.reader, self.folder = reader, folder
        self.entry = Entry(
            name="b", pid=1, control="", uart="", boot=str(folder / "boot"), port=reader.path,
            serial=reader.services.facts["reader"], vid=about["vid"], usb_pid=about["pid"],
        )  # fmt: skip
        reader.services.bootloader = self.enter_boot_drive
        self.copied: bytes | None = None
        self.boots: Callable[[], None] = lambda: None

    def ports(self) -> list[Entry]:
        return [self.entry]

    def enter_boot_drive(self) -> None:
        boot = Path(self.entry.boot)
        self.entry = replace(self.entry, port=None)
        boot.mkdir()
        (boot / "INFO_UF2.TXT").write_text("Board-ID: RPI-RP2\r\n")
        threading.Thread(target=self.leave_boot_drive, daemon=True).start()

    def leave_boot_drive(self) -> None:
        end = time.monotonic() + 120
        boot = Path(self.entry.boot)
        size = len(uf2())
        while time.monotonic() < end:
            for path in boot.glob("*.uf2"):
                if path.stat().st_size == size:
                    self.copied = path.read_bytes()
                    self.boots()
                    shutil.rmtree(boot)
                    self.entry = replace(self.entry, port=self.reader.path)
                    return
            time.sleep(0.01)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    with PtyReader() as reader:
        bench = Bench(reader, tmp_path)
        monkeypatch.setattr(registry, "benches", bench.ports)
        monkeypatch.setattr(drive, "mounted", list)
        monkeypatch.setattr(ports.list_ports, "comports", list)
        yield bench


def test_flashing_and_skipping(bench: Bench, file: Path) -> None:
    file.write_bytes(uf2())
    new = bench.reader.services.facts | {"build": "new"}
    write_manifest(file, new)
    image = load(file)
    bench.boots = lambda: bench.reader.services.facts.update(new)
    steps: list[str] = []
    outcome = flash(
        choose(), image, manifest.beside(image), Deadline(20), progress=lambda what, share: steps.append(what)
    )
    assert outcome.flashed and outcome.info.build == "new" and bench.copied == image.data
    assert steps == ["restarting into the boot drive", "copying", "waiting for the reader"]
    bench.copied = None
    assert not flash(choose(), image, manifest.beside(image), Deadline(20)).flashed
    assert bench.copied is None
    assert flash(choose(), image, manifest.beside(image), Deadline(20), force=True).flashed


def test_a_reader_that_reports_another_build(bench: Bench, file: Path) -> None:
    file.write_bytes(uf2())
    write_manifest(file, bench.reader.services.facts | {"build": "new"})
    image = load(file)
    with pytest.raises(FlashFailed, match="new"):
        flash(choose(), image, manifest.beside(image), Deadline(20))


def test_a_blank_reader_in_its_boot_drive(bench: Bench, file: Path) -> None:
    file.write_bytes(uf2())
    bench.enter_boot_drive()
    with pytest.raises(NoReader, match="host flash"):
        ports.select()
    assert flash(choose(), load(file), None, Deadline(20)).flashed
    assert bench.copied == file.read_bytes()


def test_not_in_the_middle_of_a_run(bench: Bench, file: Path) -> None:
    file.write_bytes(uf2())
    bench.reader.services.steps = 50
    bench.reader.services.start("S", "patient", None, None)
    with pytest.raises(ReaderRefused, match="busy"):
        flash(choose(), load(file), None, Deadline(20))


def test_no_boot_drive(bench: Bench, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "DRIVE_S", 0.3)
    bench.reader.services.bootloader = lambda: None
    file.write_bytes(uf2())
    with pytest.raises(DriveMissing):
        flash(choose(), load(file), None, Deadline(20))


def test_never_a_guess(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(bench.entry, name="c", serial="ffff", port="/dev/none")
    monkeypatch.setattr(registry, "benches", lambda: [bench.entry, other])
    for pick in (ports.select, choose):
        with pytest.raises(SeveralReaders, match="--reader"):
            pick()
        assert pick(None, "FFFF" if pick is ports.select else "ffff").address == "/dev/none"
        assert pick(None, "b").address == bench.reader.path
        assert pick("/dev/none").name == "c"
        with pytest.raises(NoReader):
            pick(None, "eeee")
    assert ports.select("/dev/elsewhere") == Port("named", "/dev/elsewhere")
