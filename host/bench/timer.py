"""The chip's timer with its count first: waiting programs read nothing else."""

from __future__ import annotations

from rp2040py.peripherals.timer import TIMERAWH, TIMERAWL, RPTimer


class LeanTimer(RPTimer):
    """TIMER (RP2040 data sheet 4.6)."""

    def read_uint32(self, offset: int) -> int:
        if offset == TIMERAWL:
            return int((self.clock.nanos - self._epoch_nanos) / 1000) & 0xFFFFFFFF
        if offset == TIMERAWH:
            return int((self.clock.nanos - self._epoch_nanos) / 1000) >> 32
        return int(super().read_uint32(offset))
