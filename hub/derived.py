"""Properties that a logger derives from another one: its minute, hour and day data, as HJ 212 and SL 651 send them beside the reading of the moment.

The name is the property's, then `_converted` for a concentration converted to the reference state, then the period, then what of it: `cod_hour` is the mean,
`cod_hour_min`, `cod_hour_max`, and `cod_hour_sum` the amount discharged in it. Such a value stands at the start of its period (HJ 212-2017, DataTime).
"""

import re
from functools import lru_cache
from typing import Final

from hub.properties import PROPERTIES, Property

PERIODS: Final = {"minute": ("分钟", "minute"), "hour": ("小时", "hour"), "day": ("日", "day")}
PARTS: Final = {
    "": ("均值", "mean"),
    "min": ("最小值", "minimum"),
    "max": ("最大值", "maximum"),
    "sum": ("累计量", "total"),
}
CONVERTED: Final = "converted"

_NAME: Final = re.compile(r"([a-z][a-z0-9_]*?)(_converted)?(?:_(minute|hour|day)(?:_(min|max|sum))?)?")

_NUMBERED: Final = re.compile(r"(facility_running|facility_run_time)_(\d{1,3})")
"""Treatment facilities are counted (SB1, SB2, ... of HJ 212): each has the property of its number."""


def derived_name(code: str, period: str = "", part: str = "", *, converted: bool = False) -> str:
    """The name of what is derived from `code`; `period` and `part` are words of the two tables."""
    return "_".join(word for word in (code, CONVERTED * converted, period, part) if word)


@lru_cache(maxsize=4096)  # names come from devices, and they may send any
def property_named(name: str) -> Property | None:
    """The catalogue's entry of a property or of one derived from it; None: the catalogue has neither.

    A total has no upper bound, and its unit is for the register to say: loggers differ (m3, kg, t).
    """
    if (entry := PROPERTIES.get(name)) is not None:
        return entry
    if (numbered := _NUMBERED.fullmatch(name)) is not None:
        entry = PROPERTIES[numbered[1]]
        return Property(name, entry.zh + numbered[2], f"{entry.en}: {numbered[2]}", entry.unit, entry.low, entry.high)
    match = _NAME.fullmatch(name)
    entry = PROPERTIES.get(match[1]) if match else None
    if match is None or entry is None:
        return None
    converted, period, part = bool(match[2]), match[3] or "", match[4] or ""
    zh, en = entry.zh + "折算" * converted, entry.en + ", converted" * converted
    if period:
        zh, en = zh + PERIODS[period][0] + PARTS[part][0], f"{en}, {PERIODS[period][1]} {PARTS[part][1]}"
    if part == "sum":
        return Property(name, zh, en, "", None, None)
    return Property(name, zh, en, entry.unit, entry.low, entry.high)
