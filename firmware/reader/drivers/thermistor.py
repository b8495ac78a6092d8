"""NTC thermistor below a pull-up resistor, by the beta equation (Steinhart-Hart with two coefficients)."""

from math import log

_KELVIN = 273.15
_T25 = 298.15
_FULL = 65535


def celsius(reading: int, r25_ohm: float, beta: float, pullup_ohm: float) -> float:
    """Return the temperature for an ADC reading (0..65535 of the pull-up's supply).

    Raises:
        ValueError: the reading is that of a broken (top) or shorted (bottom) sensor.
    """
    if not _FULL // 200 < reading < _FULL - _FULL // 200:
        raise ValueError("thermistor open or shorted")
    ohm = pullup_ohm * reading / (_FULL - reading)
    return 1.0 / (1.0 / _T25 + log(ohm / r25_ohm) / beta) - _KELVIN
