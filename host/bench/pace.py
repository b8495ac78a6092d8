"""How fast device time may run against the wall clock.

The emulator skips time in which the processor sleeps, so device time could run ahead without bound: a
reader that waits for a person would see days pass, and one that waits for the rest of a message would give
up on it before the host had a chance to send it. The rules, from the strictest:

- Nothing going on (no light, magnet, sensor, buzzer, serial line, and no byte to or from the host for a
  while): real time, and at most a quarter of one processor core even if the firmware never sleeps.
- A byte came from the host less than 10 ms ago (wall time): real time while the processor sleeps, so that
  a message sent in pieces arrives as one.
- The host has talked to the reader within the last 10 s of device time: 50 times real time.
- Light, magnet, sensor, buzzer or a serial line at work, or were within the last second: 500 times real time.

A processor that computes never reaches these speeds: it runs as fast as the emulator can.
"""

from __future__ import annotations

IDLE, TALKING, WORKING = 1.0, 50.0, 500.0
HOST_QUIET_S = 0.010
TALK_GRACE_NS = 10e9
WORK_GRACE_NS = 1e9
COMPUTE_GRACE_S = 300.0
SLICE_S = 0.005
IDLE_CORE_SHARE = 0.25


class Pace:
    """Decides, slice by slice, how much device time may pass."""

    def __init__(self, device_ns: float, wall_s: float) -> None:
        self._wall = wall_s
        self._credit_ns = 0.0
        self._host_at = wall_s
        self._talked_ns = device_ns
        self._worked_ns = device_ns
        self._active_at = wall_s

    def host_spoke(self, device_ns: float, wall_s: float) -> None:
        """A byte came from the host."""
        self._host_at = self._active_at = wall_s
        self._talked_ns = device_ns

    def device_spoke(self, device_ns: float, wall_s: float) -> None:
        """A byte went to the host, or the device was reset."""
        self._active_at = wall_s
        self._talked_ns = device_ns

    def rate(self, device_ns: float, wall_s: float, working: bool) -> float:
        """Device seconds per wall second that a sleeping processor may see now."""
        if working:
            self._worked_ns = device_ns
            self._active_at = wall_s
        if wall_s - self._host_at < HOST_QUIET_S:
            return IDLE
        if device_ns - self._worked_ns < WORK_GRACE_NS:
            return WORKING
        if device_ns - self._talked_ns < TALK_GRACE_NS:
            return TALKING
        return IDLE

    def allow(self, device_ns: float, wall_s: float, working: bool) -> float:
        """Return how many nanoseconds of device time may pass in the next slice (0: wait a little)."""
        rate = self.rate(device_ns, wall_s, working)
        self._credit_ns += (wall_s - self._wall) * rate * 1e9
        self._wall = wall_s
        # Time not used is lost: a processor that computes must not save up for a leap.
        self._credit_ns = min(self._credit_ns, SLICE_S * rate * 1e9)
        return max(0.0, self._credit_ns)

    def spent(self, device_ns: float) -> None:
        """That much device time has passed."""
        self._credit_ns -= device_ns

    def rest(self, wall_s: float, slice_s: float, slept: bool) -> float:
        """Return how long to wait before the next slice, given how long the last one took and whether the
        processor was asleep at its end."""
        if slept:
            return SLICE_S if self._credit_ns <= 0 else 0.0
        if wall_s - self._active_at < COMPUTE_GRACE_S:
            return 0.0
        return slice_s * (1 / IDLE_CORE_SHARE - 1)
