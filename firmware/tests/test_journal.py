"""The journal counts every boot and keeps the last fault, whatever the power does."""

import pytest
from nor import Nor, PowerCut
from reader.journal import SECTORS, Journal


def boot(flash: Nor) -> Journal:
    journal = Journal(flash, 0)
    journal.boot()
    return journal


def test_counts_over_more_boots_than_it_has_pages() -> None:
    flash = Nor(SECTORS)
    for number in range(1, 200):
        assert boot(flash).boots == number


def test_fault_is_told_once() -> None:
    flash = Nor(SECTORS)
    boot(flash).record_fault("ValueError: \u00b5m")
    journal = Journal(flash, 0)
    assert journal.fault == "ValueError: \u00b5m"
    journal.boot()
    assert Journal(flash, 0).fault == ""


@pytest.mark.parametrize("boots", [1, 15, 16, 17, 63, 64, 65])
def test_power_cut_at_every_operation(boots: int) -> None:
    for cut in range(4):
        flash = Nor(SECTORS, seed=boots)
        for _ in range(boots):
            boot(flash)
        flash.cut = flash.operations + cut
        try:
            for _ in range(3):
                boot(flash)
        except PowerCut:
            pass
        flash.cut = None
        before = Journal(flash, 0).boots
        assert boots <= before <= boots + 3
        assert boot(flash).boots == before + 1
        assert boot(flash).boots == before + 2
