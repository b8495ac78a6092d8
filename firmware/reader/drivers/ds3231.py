"""Maxim DS3231 clock: time registers 00h..06h in BCD and the oscillator-stop flag (data sheet, "Timekeeping
Registers" and "Status Register (0Fh)")."""

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C

_SECONDS = const(0x00)
_STATUS = const(0x0F)
_OSF = const(0x80)  # the oscillator has stood still: the time is worth nothing
_CENTURY = 2000

_LIMITS = ((2000, 2099), (1, 12), (1, 31), (0, 23), (0, 59), (0, 59))


class Ds3231:
    """The clock on a ``machine.I2C`` bus. It keeps UTC. Raises OSError when it does not answer."""

    def __init__(self, i2c: "I2C", address: int) -> None:
        self._i2c = i2c
        self._address = address

    def read(self) -> "tuple[int, int, int, int, int, int] | None":
        """Return (year, month, day, hour, minute, second), or None when the time was lost or never set."""
        if self._i2c.readfrom_mem(self._address, _STATUS, 1)[0] & _OSF:
            return None
        raw = self._i2c.readfrom_mem(self._address, _SECONDS, 7)
        # The bits masked away: 12/24 hours (clear, as written below) and century.
        year, month, day = from_bcd(raw[6]), from_bcd(raw[5] & 0x1F), from_bcd(raw[4])
        return _CENTURY + year, month, day, from_bcd(raw[2] & 0x3F), from_bcd(raw[1]), from_bcd(raw[0])

    def set(self, when: "tuple[int, int, int, int, int, int]") -> None:
        """Set the time and clear the oscillator-stop flag.

        Raises:
            ValueError: a value out of its range; the years are 2000 to 2099.
        """
        for value, (low, high) in zip(when, _LIMITS):  # noqa: B905
            if not low <= value <= high:
                raise ValueError("date or time out of range")
        year, month, day, hour, minute, second = when
        fields = (second, minute, hour, weekday(year, month, day), day, month, year - _CENTURY)
        self._i2c.writeto_mem(self._address, _SECONDS, bytes(to_bcd(value) for value in fields))
        status = self._i2c.readfrom_mem(self._address, _STATUS, 1)[0]
        self._i2c.writeto_mem(self._address, _STATUS, bytes((status & ~_OSF,)))


def from_bcd(byte: int) -> int:
    """Return the value, 0..99, of a BCD byte."""
    return (byte >> 4) * 10 + (byte & 15)


def to_bcd(value: int) -> int:
    """Return 0..99 as BCD."""
    return value // 10 << 4 | value % 10


def weekday(year: int, month: int, day: int) -> int:
    """Return 1 (Monday) to 7 (ISO 8601), by Sakamoto's method."""
    year -= month < 3
    return (
        year + year // 4 - year // 100 + year // 400 + b"\0\3\2\5\0\3\5\1\4\6\2\4"[month - 1] + day + 6
    ) % 7 + 1
