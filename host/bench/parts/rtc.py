"""DS3231 clock (Maxim/Analog Devices data sheet 19-5170) on its battery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SECONDS, MINUTES, HOURS, DAY, DATE, MONTH, YEAR = range(7)  # "Timekeeping registers", figure 1
CONTROL, STATUS, TEMPERATURE_MSB, TEMPERATURE_LSB, LAST = 0x0E, 0x0F, 0x11, 0x12, 0x12
STOPPED = 0x80  # OSF: the oscillator has been stopped since it was last cleared
CENTURY, TWELVE_HOURS, PM = 0x80, 0x40, 0x20

POWER_ON = datetime(2000, 1, 1, tzinfo=UTC)


def _bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _binary(value: int) -> int:
    return (value >> 4) * 10 + (value & 15)


class Ds3231:
    """The clock; `now_ns` is the time that passes for it, which goes on while the reader is off.

    Alarms are registers only: their pin is not wired on this board.
    """

    def __init__(self, now_ns: Callable[[], float], celsius: Callable[[], float]) -> None:
        self._now_ns, self._celsius = now_ns, celsius
        self._registers = bytearray(LAST + 1)
        self._registers[CONTROL] = 0x1C  # power-on values of control and status
        self._registers[STATUS] = STOPPED | 0x08
        self._pointer = 0
        self._expect_pointer = False
        self._weekday_offset = 0
        self._set_time(POWER_ON)

    def set_clock(self, when: datetime) -> None:
        """Set the time as if it had always been kept."""
        self._set_time(when.astimezone(UTC))
        self._registers[STATUS] &= ~STOPPED

    @property
    def time(self) -> datetime:
        """What the clock shows."""
        return self._base + timedelta(microseconds=(self._now_ns() - self._base_ns) / 1e3)

    def _set_time(self, when: datetime) -> None:
        self._base, self._base_ns = when, self._now_ns()

    # -- I2C --------------------------------------------------------------------------------------------

    def start(self, reading: bool) -> None:
        # "I2C serial data bus": a START copies the time, so that it cannot roll over between two bytes.
        self._expect_pointer = not reading
        now = self.time
        registers = self._registers
        registers[SECONDS], registers[MINUTES] = _bcd(now.second), _bcd(now.minute)
        registers[HOURS] = self._hours(now.hour)
        registers[DAY] = (now.weekday() + self._weekday_offset) % 7 + 1
        registers[DATE] = _bcd(now.day)
        registers[MONTH] = _bcd(now.month) | (CENTURY if now.year >= 2100 else 0)
        registers[YEAR] = _bcd(now.year % 100)
        quarters = round(self._celsius() * 4) & 0x3FF
        registers[TEMPERATURE_MSB], registers[TEMPERATURE_LSB] = quarters >> 2, (quarters & 3) << 6

    def write(self, value: int) -> bool:
        if self._expect_pointer:
            self._pointer, self._expect_pointer = value % (LAST + 1), False
            return True
        register = self._pointer
        self._pointer = (register + 1) % (LAST + 1)
        if register == STATUS:
            # OSF can only be cleared, BSY cannot be written.
            kept = self._registers[STATUS] & (0x04 | (value & STOPPED))
            self._registers[STATUS] = kept | (value & 0x0B)
        elif register < TEMPERATURE_MSB:
            self._registers[register] = value
            if register <= YEAR:
                self._take_over(register)
        return True

    def read(self) -> int:
        value = self._registers[self._pointer]
        self._pointer = (self._pointer + 1) % (LAST + 1)
        return value

    def _hours(self, hour: int) -> int:
        if self._registers[HOURS] & TWELVE_HOURS:
            return TWELVE_HOURS | (PM if hour >= 12 else 0) | _bcd((hour - 1) % 12 + 1)
        return _bcd(hour)

    def _take_over(self, register: int) -> None:
        values = self._registers
        hours = values[HOURS]
        if hours & TWELVE_HOURS:
            hour = _binary(hours & 0x1F) % 12 + (12 if hours & PM else 0)
        else:
            hour = _binary(hours & 0x3F)
        year = 2000 + _binary(values[YEAR]) + (100 if values[MONTH] & CENTURY else 0)
        month, day = max(1, _binary(values[MONTH] & 0x1F)), max(1, _binary(values[DATE] & 0x3F))
        minute, second = _binary(values[MINUTES] & 0x7F), _binary(values[SECONDS] & 0x7F)
        try:
            when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return  # no such time (yet): the registers keep what was written until they make one
        if register != SECONDS:
            # Only writing the seconds restarts the second ("Clock and calendar").
            when = when.replace(microsecond=self.time.microsecond)
        self._set_time(when)
        # The day of the week is a counter of its own: it keeps what was written to it.
        self._weekday_offset = (values[DAY] - 1 - when.weekday()) % 7
