"""What the design promises of memory and time, counted on the reader itself."""

from __future__ import annotations

import pytest
from rigs import Rig

pytestmark = pytest.mark.needs("port")


@pytest.mark.needs("power")
def test_memory_and_time_after_boot(rig: Rig) -> None:
    rig.power(False)
    rig.power(True)
    with rig.link() as link:
        status = link.status()
    assert status.boot_ms < 2000
    assert status.free >= 80 * 1024
    assert status.largest >= 32 * 1024


@pytest.mark.needs("specimen")
def test_a_field_allocates_nothing_and_is_quick(rig: Rig) -> None:
    rig.place("positive")
    with rig.link() as link:
        link.start("HIL-RAM", "simulated", fields=1)
        while link.status().state == "running":
            link.deadline.sleep(0.2)
        status = link.status()
    assert status.frame_bytes == 0
    assert 0 < status.frame_ms < 600
    assert status.free >= 80 * 1024
