"""Observations on the way out: pages of columns merged by time, as JSON items or as rows of a file."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from api.context import Register
from api.tables import Chunk
from api.times import write_times
from hub.model import QUALITY_LETTERS, Check
from storage.series import Points

COLUMNS: Final = ("department", "kind", "device", "property", "time", "value", "unit", "quality", "checks", "zone")
NUMBERS: Final = frozenset({"value"})

_CHECK_WORDS: Final = tuple(Check(bits).words() for bits in range(64))
_CHECK_TEXTS: Final = tuple(" ".join(words) for words in _CHECK_WORDS)
_KNOWN_CHECKS: Final = 63


def place_of(station: str) -> dict[str, str]:
    """The station's three words as fields of an answer."""
    department, kind, device = station.split("/", 2)
    return {"department": department, "kind": kind, "device": device}


def items_of(points: Iterable[Points], register: Register, zone: str) -> list[dict[str, Any]]:
    """The items of a page, oldest first over all its series."""
    heads = []
    merged = []
    for one in points:
        head = {**place_of(one.series.station), "property": one.series.property}
        heads.append((head, register.unit(one.series.station, one.series.property)))
        merged.append(one)
    return [
        {
            **heads[which][0],
            "time": time,
            "value": value,
            "unit": heads[which][1],
            "quality": QUALITY_LETTERS[quality],
            "checks": _CHECK_WORDS[checks],
        }
        for which, time, value, quality, checks in _by_time(merged, zone)
    ]


def chunk_of(points: Iterable[Points], register: Register, zone: str) -> Chunk:
    """The same as rows of a file, in the order of COLUMNS."""
    merged = list(points)
    heads = [(*one.series.station.split("/", 2), one.series.property) for one in merged]
    units = [register.unit(one.series.station, one.series.property) for one in merged]
    return [
        (*heads[which], time, value, units[which], QUALITY_LETTERS[quality], _CHECK_TEXTS[checks], zone)
        for which, time, value, quality, checks in _by_time(merged, zone)
    ]


def _by_time(points: list[Points], zone: str) -> Iterator[tuple[int, str, float, int, int]]:
    """(which series, time, value, quality code, check bits) in order of time, then series."""
    if not points:
        return iter(())
    which = np.repeat(np.arange(len(points)), [len(one.time) for one in points])
    time = np.concatenate([one.time for one in points])
    order = np.argsort(time, kind="stable")
    value = np.concatenate([one.value for one in points])
    quality = np.concatenate([one.quality for one in points])
    checks = np.concatenate([one.checks for one in points]) & _KNOWN_CHECKS
    quality = np.where(quality < len(QUALITY_LETTERS), quality, 0)
    return zip(
        which[order].tolist(),
        write_times(time[order], zone),
        value[order].tolist(),
        quality[order].tolist(),
        checks[order].tolist(),
        strict=True,
    )
