"""Times at the door: what a caller may write, and epoch milliseconds written with the zone's offset, a column at a time."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from hub.batch import Ints
from hub.clock import parse_rfc3339
from storage.zones import segments

EARLIEST: Final = -62_135_596_800_000 + 2 * 86_400_000
LATEST: Final = 253_402_300_800_000 - 2 * 86_400_000
"""The years 1 to 9999, two days short at both ends so that every zone can write them; epoch ms."""

EXPECTED: Final = "RFC 3339 with offset such as 2026-11-23T10:41:20+08:00, a date, 'now', or an age such as -24h"
_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_AGE: Final = re.compile(r"-(\d{1,9})([smhdw])")
_DAY: Final = 86_400_000
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOST_PLUS: Final = re.compile(r"(T[0-9:.]+) (\d{2}:?\d{2})")
"""A plus sign that was not escaped in a URL arrives as a space."""


def parse_time(text: str, zone: ZoneInfo, now: int) -> int:
    """What a caller wrote, as UTC epoch ms; a date is its midnight in `zone`, an age counts back from `now`.

    Raises:
        ValueError: none of the forms in EXPECTED.
    """
    if text == "now":
        return now
    if age := _AGE.fullmatch(text):
        return max(EARLIEST, now - int(age[1]) * _UNITS[age[2]])
    if _DATE.fullmatch(text):
        return midnight(date.fromisoformat(text), zone)
    if lost := _LOST_PLUS.search(text):
        text = text[: lost.start()] + f"{lost[1]}+{lost[2]}"
    moment = parse_rfc3339(text.upper() if text.endswith("z") else text)
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"{text!r}: expected a year from 1 to 9999")
    return moment


def midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of `day` in `zone`, epoch ms."""
    utc = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
    clamped = min(LATEST, max(EARLIEST, utc))
    if clamped != utc:
        return clamped
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    return utc - int((local.utcoffset() or timedelta()).total_seconds() * 1000)


def write_times(times: Ints, zone: str) -> list[str]:
    """RFC 3339 with offset for each epoch ms; milliseconds are shown only where they are not zero, as hub.clock writes it."""
    if not len(times):
        return []
    clock = segments(zone, int(times.min()), int(times.max()))
    # Local mean times of old have seconds in their offsets, RFC 3339 has not.
    shift = (clock.offset[clock.index(times)] + 30_000) // 60_000 * 60_000
    local = (times + shift).astype("datetime64[ms]")
    whole = times % 1000 == 0
    alike = bool((shift == shift[0]).all())
    if alike and whole.all() and (written := _by_days(times + shift, _suffix(int(shift[0])))) is not None:
        return written
    text = np.datetime_as_string(local, "s" if whole.all() else "ms")
    if whole.any() and not whole.all():
        text[whole] = np.datetime_as_string(local[whole], "s")
    if alike:
        suffix = _suffix(int(shift[0]))
        return [moment + suffix for moment in text.tolist()]
    names = {int(one): _suffix(int(one)) for one in np.unique(shift)}
    return [moment + names[one] for moment, one in zip(text.tolist(), shift.tolist(), strict=True)]


def _by_days(local: Ints, suffix: str) -> list[str] | None:
    """Local times of whole seconds, each day and each time of day written once; None where few come again."""
    day, clock = np.divmod(local, _DAY)
    days, of_day = np.unique(day, return_inverse=True)
    clocks, of_clock = np.unique(clock, return_inverse=True)
    if len(days) + len(clocks) > len(local) // 4:
        return None
    dates = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    moments = [text[10:] + suffix for text in np.datetime_as_string(clocks.astype("datetime64[ms]"), "s").tolist()]
    return [dates[i] + moments[j] for i, j in zip(of_day.tolist(), of_clock.tolist(), strict=True)]


def _suffix(shift: int) -> str:
    minutes, sign = abs(shift) // 60_000, "-" if shift < 0 else "+"
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
