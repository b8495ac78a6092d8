"""The arithmetic in drivers, apart from their pins."""

import math

import pytest
from reader.button import Debounced
from reader.drivers.ds3231 import Ds3231, from_bcd, to_bcd, weekday
from reader.drivers.thermistor import celsius


def test_bcd() -> None:
    assert [from_bcd(to_bcd(value)) for value in range(100)] == list(range(100))
    assert to_bcd(59) == 0x59


def test_weekday_is_iso() -> None:
    from datetime import date, timedelta

    day = date(2000, 1, 1)
    while day.year < 2100:
        assert weekday(day.year, day.month, day.day) == day.isoweekday()
        day += timedelta(days=1)


@pytest.mark.parametrize("when", [(1999, 1, 1, 0, 0, 0), (2026, 13, 1, 0, 0, 0), (2026, 1, 1, 24, 0, 0)])
def test_clock_refuses_what_it_cannot_hold(when: tuple[int, int, int, int, int, int]) -> None:
    with pytest.raises(ValueError):
        Ds3231(None, 0x68).set(when)  # type: ignore[arg-type]


@pytest.mark.parametrize("degrees", [0.0, 25.0, 45.0, 80.0])
def test_thermistor_inverts_the_beta_equation(degrees: float) -> None:
    ohm = 10000 * math.exp(3435 * (1 / (degrees + 273.15) - 1 / 298.15))
    reading = round(65535 * ohm / (ohm + 10000))
    assert celsius(reading, 10000, 3435, 10000) == pytest.approx(degrees, abs=0.05)


@pytest.mark.parametrize("reading", [0, 65535])
def test_thermistor_broken(reading: int) -> None:
    with pytest.raises(ValueError):
        celsius(reading, 10000, 3435, 10000)


def test_bounces_are_one_press() -> None:
    button = Debounced(False, 20)
    now = 0x3FFFFFF0  # the counter wraps in between
    presses = 0
    for step, level in enumerate([1, 0, 1, 0, 1] + [1] * 40 + [0, 1, 0] + [0] * 40):
        presses += button.poll(bool(level), (now + step) & 0x3FFFFFFF)
    assert presses == 1
