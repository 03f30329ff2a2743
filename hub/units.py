"""Units devices send and how one becomes another: linear conversions inside one physical quantity, nothing guessed.

The factors are exact fractions to the quantity's own unit; temperatures also have an offset. Definitions: SI brochure
(9th edition) and, for inch, foot, mile, knot, atmosphere, mmHg and psi, NIST SP 811. Unit words are UCUM's where UCUM
has one; aliases are what devices in the field write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

_QUANTITIES: Final[Mapping[str, Mapping[str, str]]] = {
    "mass concentration": {
        "g/m3": "1", "kg/m3": "1000", "g/L": "1000", "mg/L": "1", "ug/L": "1/1000", "ng/L": "1/1000000",
        "mg/m3": "1/1000", "ug/m3": "1/1000000", "ng/m3": "1/1000000000",
    },
    "conductivity": {
        "S/m": "1", "mS/m": "1/1000", "uS/m": "1/1000000", "S/cm": "100", "mS/cm": "1/10", "uS/cm": "1/10000",
    },
    "pressure": {
        "Pa": "1", "hPa": "100", "kPa": "1000", "MPa": "1000000", "bar": "100000", "mbar": "100", "atm": "101325",
        "mmHg": "133.322387415", "psi": "6894.757293168",
    },
    "flow": {
        "m3/s": "1", "m3/min": "1/60", "m3/h": "1/3600", "m3/d": "1/86400", "L/s": "1/1000", "L/min": "1/60000",
        "L/h": "1/3600000",
    },
    "length": {"m": "1", "km": "1000", "cm": "1/100", "mm": "1/1000", "[in_i]": "0.0254", "[ft_i]": "0.3048"},
    "speed": {
        "m/s": "1", "km/h": "1000/3600", "cm/s": "1/100", "mm/s": "1/1000", "[kn_i]": "1852/3600",
        "[mi_i]/h": "1609.344/3600",
    },
    "voltage": {"V": "1", "mV": "1/1000", "kV": "1000", "uV": "1/1000000"},
    "current": {"A": "1", "mA": "1/1000", "kA": "1000"},
    "area": {"m2": "1", "km2": "1000000", "cm2": "1/10000"},
    "volume": {"m3": "1", "L": "1/1000", "10*4.m3": "10000"},
    "mass": {"t": "1", "kg": "1/1000", "g": "1/1000000", "10*4.t": "10000"},
    "ratio": {"%": "1", "[ppth]": "1/10"},
    "cell count": {"10*3/mL": "1", "/mL": "1/1000", "10*6/L": "1", "10*4/L": "1/100", "/L": "1/1000000"},
    "size": {"By": "1", "kBy": "1000", "KiBy": "1024", "MBy": "1000000"},
    "time": {"s": "1", "ms": "1/1000", "min": "60", "h": "3600", "d": "86400"},
    "temperature": {"Cel": "1", "K": "1", "[degF]": "5/9"},
    "angle": {"deg": "1"},
    "turbidity": {"NTU": "1"},
    "sound level": {"dB": "1"},
    "number": {"": "1"},
}  # fmt: skip

_OFFSETS: Final[Mapping[str, str]] = {"K": "-273.15", "[degF]": "-160/9"}
"""Added after the factor, in the quantity's own unit."""

_ALIASES: Final[Mapping[str, str]] = {
    "1": "", "pH": "", "ph": "", "℃": "Cel", "°C": "Cel", "degC": "Cel", "C": "Cel", "°F": "[degF]", "℉":
    "[degF]", "degF": "[degF]", "F": "[degF]", "kelvin": "K", "%RH": "%", "percent": "%", "‰": "[ppth]", "m³/s":
    "m3/s", "m³/h": "m3/h", "m³/d": "m3/d", "m3/hr": "m3/h", "m^3/s": "m3/s", "m^3/h": "m3/h", "l/s": "L/s",
    "l/min": "L/min", "l/h": "L/h", "mg/l": "mg/L", "ug/l": "ug/L", "g/l": "g/L", "ng/l": "ng/L", "kn":
    "[kn_i]", "knot": "[kn_i]", "mph": "[mi_i]/h", "kph": "km/h", "B": "By", "byte": "By", "°": "deg", "ft":
    "[ft_i]", "in": "[in_i]", "dBA": "dB", "dB(A)": "dB", "cells/mL": "/mL", "cells/L": "/L", "10^3/mL":
    "10*3/mL", "10^4/L": "10*4/L", "10^6/L": "10*6/L",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conversion:
    """`value * factor + offset`."""

    factor: float
    offset: float

    def __call__(self, value: float) -> float:
        """The converted value."""
        return value * self.factor + self.offset


_IDENTITY: Final = Conversion(1.0, 0.0)
_QUANTITY_OF: Final = {unit: quantity for quantity, units in _QUANTITIES.items() for unit in units}


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """The unit as our tables write it; what no table knows comes back as it is."""
    text = unit.strip().replace("μ", "u").replace("µ", "u").replace("³", "3")
    return _ALIASES.get(text, text)


@lru_cache(maxsize=4096)
def conversion(unit: str, wanted: str) -> Conversion:
    """How a value in `unit` becomes one in `wanted`.

    Raises:
        ValueError: they do not measure the same quantity, or one is unknown.
    """
    have, want = canonical(unit), canonical(wanted)
    if have == want:
        return _IDENTITY
    quantity = _QUANTITY_OF.get(have)
    if quantity is None or quantity != _QUANTITY_OF.get(want):
        raise ValueError(f"unit {unit!r} cannot become {wanted!r}")
    table = _QUANTITIES[quantity]
    scale = _fraction(table[have]) / _fraction(table[want])
    shift = (_fraction(_OFFSETS.get(have, "0")) - _fraction(_OFFSETS.get(want, "0"))) / _fraction(table[want])
    return Conversion(float(scale), float(shift))


def convert(value: float, unit: str, wanted: str) -> float:
    """The value in `wanted`.

    Raises:
        ValueError: they do not measure the same quantity, or one is unknown.
    """
    return conversion(unit, wanted)(value)


def _fraction(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or "1")
