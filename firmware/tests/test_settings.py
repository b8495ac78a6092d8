"""The settings in flash: kept over every start, whatever the power does, and never quietly something else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from nor import PAGE, SECTOR, Nor, PowerCut
from reader.settings import SECTORS, Settings, provisional

from host import core

BUILT_IN = ("cellsearch-2", "PROVISIONAL-2", "PROVISIONAL-2", "")


def blob(number: int) -> bytes:
    return replace(core.Config.default(), calibration=f"LOT{number}-20260712-00ff").pack()


def identity(number: int) -> tuple[str, str, str, str]:
    sha = hashlib.sha256(blob(number)).hexdigest()
    return "cellsearch-2", f"LOT{number}-20260712-00ff", "PROVISIONAL-2", sha


def blank() -> Nor:
    flash = Nor(SECTORS)
    flash.data[:] = b"\xff" * len(flash.data)
    return flash


@pytest.mark.parametrize("flash", [Nor(SECTORS), blank()], ids=["garbage", "blank"])
def test_a_new_reader_has_the_built_in_settings(flash: Nor) -> None:
    settings = Settings(flash, 0)
    assert settings.identity() == BUILT_IN
    assert not settings.fault
    assert provisional()
    assert flash.operations == 0


def test_settings_stay() -> None:
    flash = Nor(SECTORS)
    for number in range(1, 5):
        Settings(flash, 0).keep(blob(number))
        settings = Settings(flash, 0)
        assert settings.identity() == identity(number)
        assert not settings.fault
    Settings(flash, 0).keep(b"")
    assert Settings(flash, 0).identity() == BUILT_IN


def test_provisional_until_both_are_set() -> None:
    settings = Settings(Nor(SECTORS), 0)
    set_both = replace(core.Config.default(), calibration="HQ8-20260712-00ff", cutoffs="cell-lines-1")
    for calibration, cutoffs, expected in (
        ("PROVISIONAL-3f", "cell-lines-1", True),
        ("HQ8-20260712-00ff", "PROVISIONAL-2", True),
        ("HQ8-20260712-00ff", "cell-lines-1", False),
    ):
        settings.keep(replace(set_both, calibration=calibration, cutoffs=cutoffs).pack())
        assert provisional() is expected


@pytest.mark.parametrize("first", [0, 1])
def test_power_cut_at_every_operation(first: int) -> None:
    """After a cut: the settings before, or the new ones, whole; the next start mends both copies."""
    clean = Nor(SECTORS)
    if first:
        Settings(clean, 0).keep(blob(1))
    before = Settings(clean, 0).identity()
    begun = clean.operations
    Settings(clean, 0).keep(blob(2))
    operations = clean.operations - begun
    assert operations == 10  # two copies: erase, two pages, head, magic
    seen = set()
    for seed in range(5):
        for cut in range(operations):
            flash = Nor(SECTORS, seed)
            if first:
                Settings(flash, 0).keep(blob(1))
            flash.cut = flash.operations + cut
            settings = Settings(flash, 0)
            with pytest.raises(PowerCut):
                settings.keep(blob(2))
            flash.cut = None
            after = Settings(flash, 0)
            assert after.identity() in (before, identity(2)), (seed, cut)
            assert not after.fault, (seed, cut)
            seen.add(after.identity())
            count = flash.operations
            assert Settings(flash, 0).identity() == after.identity()
            assert flash.operations == count, "mended once"
            after.keep(blob(3))
            assert Settings(flash, 0).identity() == identity(3)
    assert seen == {before, identity(2)}


def test_a_power_cut_while_mending() -> None:
    for cut in range(5):
        flash = Nor(SECTORS)
        Settings(flash, 0).keep(blob(1))
        flash.data[SECTOR + PAGE] ^= 1
        flash.cut = flash.operations + cut
        with pytest.raises(PowerCut):
            Settings(flash, 0)
        flash.cut = None
        assert Settings(flash, 0).identity() == identity(1)


@pytest.mark.parametrize("at", [0, 4, 9, 12, 20, PAGE, PAGE + 100, PAGE + 407])
def test_damage(at: int) -> None:
    """One damaged copy is mended; two are a fault until new ones are sent."""
    flash = Nor(SECTORS)
    Settings(flash, 0).keep(blob(1))
    harmless = at == 20  # behind the head
    flash.data[at] &= 0x55
    flash.data[at] ^= 0x02
    assert Settings(flash, 0).identity() == identity(1)
    for copy in range(SECTORS):
        flash.data[copy * SECTOR + (at or 5)] ^= 0x80
    settings = Settings(flash, 0)
    assert bool(settings.fault) is not harmless
    if not harmless:
        assert settings.identity() == BUILT_IN
        settings.keep(blob(2))
        assert not settings.fault
        assert Settings(flash, 0).identity() == identity(2)


def test_settings_that_the_core_refuses_change_nothing() -> None:
    flash = Nor(SECTORS)
    settings = Settings(flash, 0)
    settings.keep(blob(1))
    count = flash.operations
    for bad in (blob(2)[:-1], b"x", blob(2)[:-1] + b"?"):
        with pytest.raises(core.Error):
            settings.keep(bad)
    assert settings.identity() == identity(1) == Settings(flash, 0).identity()
    assert flash.operations == count


def test_settings_of_another_firmware_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole in flash, refused by the core: never quietly the built-in ones."""
    flash = Nor(SECTORS)
    Settings(flash, 0).keep(blob(1))
    configure = core.configure

    def newer(packed: bytes) -> None:
        configure(packed[:-1])

    monkeypatch.setattr(core, "configure", newer)
    settings = Settings(flash, 0)
    assert "firmware" in settings.fault


class Stuck(Nor):
    """A flash that loses a bit of what is programmed."""

    def program(self, address: int, page: bytes | bytearray | memoryview) -> None:
        super().program(address, page)
        self.data[address + 100] &= 0


def test_a_flash_that_does_not_keep_them() -> None:
    flash = Stuck(SECTORS)
    settings = Settings(flash, 0)
    with pytest.raises(OSError, match="did not keep"):
        settings.keep(bytes(blob(1)))
