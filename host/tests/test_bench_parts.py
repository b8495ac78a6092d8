"""The bench's parts by themselves, without firmware: flash, boot drive, clock, magnet, pace, registry."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from host import board
from host.bench import registry
from host.bench.bootdrive import BLOCK, FAMILY_PRESENT, MAGIC_END, MAGICS, RP2040_FAMILY, XIP_BASE, BootDrive
from host.bench.pace import IDLE, TALKING, WORKING, Pace
from host.bench.parts.flash import PAGE, SECTOR, TIMES_MS, W25Q16
from host.bench.parts.scene import Scene
from host.bench.ports import Port
from host.bench.reader import Reader
from host.bench.registry import BenchError, Entry

IDENTITY = bytes.fromhex("0123456789abcdef")


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(board.load(), IDENTITY, tmp_path / "flash.bin", seed=5)
    yield reader
    reader.chip.flash_chip.close()


def test_a_port_that_goes_away_lets_its_last_words_be_read(tmp_path: Path) -> None:
    port = Port(tmp_path / "usb")
    client = os.open(tmp_path / "usb", os.O_RDWR | os.O_NOCTTY)
    port.poll()
    port.write(b"going down")
    heard: list[bytes] = []

    def read_late() -> None:
        time.sleep(0.2)
        heard.append(os.read(client, 100))

    late = threading.Thread(target=read_late)
    late.start()
    port.drain(0.01, 60.0)
    port.close()
    late.join()
    os.close(client)
    assert heard == [b"going down"]
    assert not (tmp_path / "usb").exists()


def command(flash: W25Q16, *data: int) -> bytes:
    flash.select()
    answer = bytes(flash.shift(value) for value in data)
    flash.deselect()
    return answer


def wait_ready(reader: Reader) -> float:
    """Poll the status register as the boot ROM does; return the device time it took in milliseconds."""
    start = reader.clock.nanos
    while command(reader.chip.flash_chip, 0x05, 0)[1] & 1:
        pass
    return (reader.clock.nanos - start) / 1e6


@pytest.mark.parametrize("times", ["typical", "maximum"])
@pytest.mark.parametrize("opcode", [0x20, 0x52, 0xD8, 0x02])
def test_flash_is_busy_for_its_data_sheet_time(reader: Reader, times: str, opcode: int) -> None:
    reader.set_flash_times(times)
    command(reader.chip.flash_chip, 0x06)
    command(reader.chip.flash_chip, opcode, 0, 0x10, 0, *([0] if opcode == 0x02 else []))
    assert wait_ready(reader) == pytest.approx(TIMES_MS[times][opcode])


def test_flash_ignores_commands_while_busy(reader: Reader) -> None:
    flash = reader.chip.flash_chip
    command(flash, 0x06)
    command(flash, 0x20, 0, 0, 0)
    assert command(flash, 0x9F, 0, 0, 0)[1:] == b"\xff\xff\xff"
    wait_ready(reader)
    assert command(flash, 0x9F, 0, 0, 0)[1:] == bytes((0xEF, 0x40, 0x15))


def test_flash_programs_only_zeros_only_when_enabled_and_wraps_in_its_page(reader: Reader) -> None:
    flash = reader.chip.flash_chip
    command(flash, 0x02, 0, 0x20, 0, 0x00)
    assert reader.chip.flash[0x2000] == 0xFF, "no write enable"
    for address, data in ((0x20FE, (0x0F, 0x0F, 0x0F)), (0x20FE, (0xF1,))):
        command(flash, 0x06)
        command(flash, 0x02, *address.to_bytes(3, "big"), *data)
        wait_ready(reader)
    assert bytes(reader.chip.flash[0x20FE:0x2101]) == b"\x01\x0f\xff"
    assert reader.chip.flash[0x2000] == 0x0F


def test_flash_unique_id_and_contents_survive(reader: Reader, tmp_path: Path) -> None:
    flash = reader.chip.flash_chip
    assert command(flash, 0x4B, *[0] * 12)[5:] == IDENTITY
    flash.program(0x1F0000, b"kept")
    again = Reader(board.load(), IDENTITY, tmp_path / "flash.bin", seed=5)
    assert bytes(again.chip.flash[0x1F0000:0x1F0004]) == b"kept"
    again.chip.flash_chip.close()


# -- boot drive ---------------------------------------------------------------------------------------------


def uf2(
    blocks: int, *, family: int = RP2040_FAMILY, start: int = XIP_BASE, flags: int = FAMILY_PRESENT
) -> bytes:
    image = b""
    for number in range(blocks):
        head = struct.pack("<8I", *MAGICS, flags, start + PAGE * number, PAGE, number, blocks, family)
        payload = bytes([number + 1]) * PAGE
        image += head + payload.ljust(BLOCK - 36, b"\0") + struct.pack("<I", MAGIC_END)
    return image


@pytest.fixture
def drive(reader: Reader, tmp_path: Path) -> BootDrive:
    drive = BootDrive(tmp_path / "RPI-RP2", reader.chip.flash_chip)
    drive.appear()
    return drive


def test_drive_takes_a_uf2_piece_by_piece_and_erases_only_its_sectors(
    drive: BootDrive, reader: Reader
) -> None:
    reader.chip.flash_chip.program(SECTOR * 3, b"\x55")
    image = uf2(SECTOR // PAGE + 1)
    target = drive.folder / "image.uf2"
    target.write_bytes(image[:5000])
    assert not drive.poll()
    target.write_bytes(image)
    assert drive.poll()
    assert reader.chip.flash[PAGE] == 2 and reader.chip.flash[SECTOR] == SECTOR // PAGE + 1
    assert reader.chip.flash[SECTOR + PAGE] == 0xFF and reader.chip.flash[SECTOR * 3] == 0x55
    drive.vanish()
    assert not drive.folder.exists()


FOREIGN = {
    "other chip": uf2(4, family=0xE48BFF57),
    "RAM": uf2(4, start=0x20000000),
    "no family": uf2(4, flags=0),
    "not main flash": uf2(4, flags=FAMILY_PRESENT | 1),
    "no UF2": b"x" * 2048,
}


@pytest.mark.parametrize("image", FOREIGN.values(), ids=FOREIGN)
def test_drive_ignores_what_the_boot_rom_ignores(drive: BootDrive, reader: Reader, image: bytes) -> None:
    (drive.folder / "image.uf2").write_bytes(image)
    assert not drive.poll()
    assert reader.chip.flash_chip.operations == 0


def test_drive_waits_for_the_rest_of_a_damaged_image(drive: BootDrive) -> None:
    image = bytearray(uf2(4))
    image[BLOCK * 2 - 1] ^= 1
    (drive.folder / "image.uf2").write_bytes(image)
    assert not drive.poll()
    assert (drive.folder / "INFO_UF2.TXT").read_text().startswith("UF2 Bootloader")


def test_blank_flash_goes_to_the_boot_drive(reader: Reader) -> None:
    assert reader.restart(power_on=True)


# -- clock --------------------------------------------------------------------------------------------------


def registers(reader: Reader, first: int, count: int) -> bytes:
    reader.rtc.start(reading=False)
    reader.rtc.write(first)
    reader.rtc.start(reading=True)
    return bytes(reader.rtc.read() for _ in range(count))


def test_clock_says_it_was_never_set_until_it_is(reader: Reader) -> None:
    assert registers(reader, 0x0F, 1)[0] & 0x80
    reader.rtc.start(reading=False)
    for value in (0x00, 0x58, 0x59, 0x23, 0x06, 0x28, 0x02, 0x24):
        reader.rtc.write(value)
    reader.rtc.start(reading=False)
    for value in (0x0F, 0x00):
        reader.rtc.write(value)
    assert not registers(reader, 0x0F, 1)[0] & 0x80
    reader.clock.tick(3e9)
    assert registers(reader, 0, 7).hex() == "01000007290224", "leap day, and the weekday counts on"


def test_clock_keeps_time_over_a_power_cycle(reader: Reader) -> None:
    reader.set_clock(datetime(2025, 3, 1, 9, 30, tzinfo=UTC))
    reader.restart(power_on=True)
    reader.clock.tick(60e9)
    assert registers(reader, 0, 3).hex() == "003109"


# -- magnet -------------------------------------------------------------------------------------------------


def release(reader: Reader, swings: tuple[float, ...]) -> None:
    for number, swing in enumerate(swings):
        reader.magnet.set_duty(number % 2, 0.0)
        reader.magnet.set_duty(1 - number % 2, swing)
        reader.clock.tick(40e6)
    reader.magnet.set_duty(0, 0.0)
    reader.magnet.set_duty(1, 0.0)


def test_coil_current_rises_heats_and_falls(reader: Reader) -> None:
    reader.magnet.set_duty(0, 0.5)
    reader.clock.tick(10e6)
    final = 4500 / 12
    assert reader.magnet.milliamps == pytest.approx(final * (1 - np.exp(-1)), rel=1e-6)
    reader.clock.tick(60e9)
    assert reader.magnet.milliamps == pytest.approx(final)
    heat = 6.0 * (final / 1000) ** 2 * 12
    assert reader.magnet.celsius == pytest.approx(25 + heat * (1 - np.exp(-60 / 90)), abs=0.02)
    reader.magnet.set_duty(0, 0.0)
    reader.clock.tick(1e9)
    assert abs(reader.magnet.milliamps) < 1e-6


def test_only_a_decaying_alternation_after_a_capture_releases(reader: Reader) -> None:
    release(reader, (0.6, 0.5, 0.4, 0.3, 0.2, 0.1))
    assert reader.scene.field == 0, "nothing was captured"
    reader.magnet.set_duty(0, 0.5)
    reader.clock.tick(500e6)
    release(reader, (0.6, 0.6, 0.6, 0.6))
    assert reader.scene.field == 0, "an alternation that does not decay leaves the core magnetised"
    reader.magnet.set_duty(0, 0.5)
    reader.clock.tick(500e6)
    release(reader, (0.6, 0.5, 0.4, 0.3, 0.2, 0.1))
    assert reader.scene.field == 1


# -- scene --------------------------------------------------------------------------------------------------


def test_scene_mixes_dyes_by_the_board_spillover_unless_the_file_has_it(tmp_path: Path) -> None:
    fields = np.zeros((1, 4, 244, 316), np.float32)
    fields[0, 1] = 100.0
    grey = {}
    for included in (False, True):
        path = tmp_path / f"{included}.npz"
        np.savez(path, fields=fields, meta=json.dumps({"spillover_included": included}))
        scene = Scene(board.load(), seed=1)
        scene.insert(path)
        light = np.array([0, 0, 0, 1], np.float32)
        row = np.frombuffer(scene.row(100, light, 0.0, 1.0, 16), np.uint8)
        grey[included] = row[:316].mean()
        assert row[316:].mean() == pytest.approx(16 + 140, abs=3)
    assert grey[False] == pytest.approx(16 + 3, abs=0.3) and grey[True] == pytest.approx(16, abs=0.3)


def test_scene_refuses_what_is_no_specimen(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(BenchError, match="not a prepared specimen"):
        Scene(board.load(), seed=1).insert(path)


# -- pace ---------------------------------------------------------------------------------------------------


def test_pace_follows_what_is_going_on() -> None:
    pace = Pace(0.0, 100.0)
    assert pace.rate(20e9, 101.0, working=False) == IDLE
    assert pace.rate(20e9, 101.0, working=True) == WORKING
    assert pace.rate(22e9, 101.0, working=False) == IDLE
    pace.host_spoke(22e9, 102.0)
    assert pace.rate(22e9, 102.005, working=False) == IDLE, "the rest of a message may be on its way"
    assert pace.rate(22e9, 102.02, working=False) == TALKING


def test_idle_time_is_real_time_and_cannot_be_saved_up() -> None:
    pace = Pace(0.0, 0.0)
    total = 0.0
    for step in range(1, 101):
        allowed = pace.allow(60e9 + total, 20.0 + step * 0.01, working=False)
        pace.spent(allowed)
        total += allowed
    assert total <= 1.01e9
    assert pace.allow(61e9, 90.0, working=False) <= 5e6


# -- registry -----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CTC_BENCH_DIR", str(tmp_path / "registry"))
    return tmp_path / "registry"


def test_entries_of_processes_that_are_gone_are_removed(folder: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    registry.write(Entry("gone", process.pid, str(folder / "gone.sock"), "u", "b"))
    (folder / "gone.bench").mkdir()
    assert registry.benches() == []
    assert not folder.exists()


def test_find_never_guesses(folder: Path) -> None:
    with pytest.raises(BenchError, match="No bench is running"):
        registry.find()

    for name in ("a", "b"):
        registry.write(Entry(name, os.getpid(), str(folder / f"{name}.sock"), "u", "b"))
    with pytest.raises(BenchError, match="Several benches"):
        registry.find()
    assert registry.find("b").name == "b"
    with pytest.raises(BenchError, match="No bench named 'c'"):
        registry.find("c")


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 33, "-a"])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(BenchError):
        registry.check_name(name)
