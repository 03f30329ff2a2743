"""The comparison's readings, held once for all engines, and the plain answers that every engine is held to.

Series are numbered as the readings are laid out: station by station, property by property. An answer is named columns, in the order of these
numbers; times are epoch ms.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.history.data import AIR, BATCH, DAY, SERIES, STATIONS, STEP, T0, WATER, Source
from benchmarks.history.questions import HUNDRED, LIMIT, ONE, TOP, TWO_HUNDRED
from hub.batch import Bytes, Floats
from hub.series_index import SeriesIndex
from storage.columns import Columns, Mask, of_batches, valid
from storage.series import Incoming, Select

Answer = dict[str, NDArray[np.float64]]

HOUR: Final = 3_600_000
KEYS: Final = tuple(
    key
    for names, kind in ((WATER, "/water/"), (AIR, "/air/"))
    for key in product([station for station in STATIONS if kind in station], names)
)
"""The (station, property) of each series number."""
SID: Final = {key: sid for sid, key in enumerate(KEYS)}


def sids(select: Select) -> list[int]:
    """The series numbers that a selection means."""
    return [sid for sid, key in enumerate(KEYS) if _meant(select, *key)]


def _meant(select: Select, station: str, name: str) -> bool:
    _, kind, device = station.split("/")
    return (
        select.kind in (None, kind)
        and select.device in (None, device)
        and (not select.properties or name in select.properties)
    )


class Load:
    """So many days of all series, from T0 on."""

    def __init__(self, days: int) -> None:
        """`days` is a multiple of 5, so that batches are whole."""
        self.days, self.start, self.end = days, T0, T0 + days * DAY
        self.readings = days * (DAY // STEP) * SERIES
        self.batches = list(Source().batches(self.readings))
        self.value: Floats = self._matrix("value")
        self.quality: Bytes = self._matrix("quality")
        self.checks: Bytes = self._matrix("checks")

    def _matrix(self, name: str) -> NDArray[Any]:
        """(steps, series)."""
        rows = np.empty((self.readings // SERIES, SERIES), getattr(self.batches[0].blocks[0], name).dtype)
        steps = BATCH // SERIES
        for i, batch in enumerate(self.batches):
            parts = [getattr(block, name).reshape(steps, -1) for block in batch.blocks]
            rows[i * steps : (i + 1) * steps] = np.concatenate(parts, axis=1)
        return rows

    def of(self, sid: int) -> Columns:
        """All readings of one series, in order of time."""
        steps = len(self.value)
        value, quality, checks = self.value[:, sid].copy(), self.quality[:, sid].copy(), self.checks[:, sid].copy()
        return Columns(np.full(steps, sid), T0 + np.arange(steps) * STEP, value, quality, checks)

    def good(self, series: list[int]) -> Floats:
        """The values of these series, (steps, series), NaN where not valid."""
        quality, checks = self.quality[:, series], self.checks[:, series]
        fine: Mask = valid(quality.ravel(), checks.ravel()).reshape(quality.shape)
        return np.where(fine, self.value[:, series], np.nan)


def columns_of(batch: Incoming) -> Columns:
    """A batch's readings as flat columns with these series numbers."""
    return of_batches(_INDEX, [batch])


_INDEX: Final = SeriesIndex(list(KEYS))


def plain_answers(load: Load) -> Iterator[tuple[str, Answer]]:
    """What is asked, by name, worked out plainly from the readings themselves."""
    (one,), hundred, many = sids(ONE), sids(HUNDRED), sids(TWO_HUNDRED)
    yield "latest", {"time": np.full(SERIES, float(load.end - STEP)), "value": load.value[-1].copy()}
    start, end = a_day(load.start, load.end)
    low, high = (start - T0) // STEP, (end - T0) // STEP
    rows = {name: getattr(load, name)[low:high, one].astype(np.float64) for name in ("value", "quality", "checks")}
    yield "raw", {"time": _grid(start, end, STEP), **rows}
    hours = load.good([one]).reshape(-1, HOUR // STEP)
    yield (
        "hours",
        {
            "start": _grid(load.start, load.end, HOUR),
            "mean": _means(hours),
            "min": np.nanmin(hours, axis=1),
            "max": np.nanmax(hours, axis=1),
            "count": (~np.isnan(hours)).sum(axis=1).astype(np.float64),
            "p95": _percentiles(hours),
        },
    )
    days = load.good(hundred).T.reshape(-1, DAY // STEP)
    yield "days", {"mean": _means(days), "p95": _percentiles(days)}
    counts = (load.good(many) > LIMIT).sum(axis=0)
    yield "exceedances", top({sid: int(count) for sid, count in zip(many, counts.tolist(), strict=True)})


def _grid(start: int, end: int, step: int) -> Floats:
    return np.arange(start, end, step).astype(np.float64)


def _means(windows: Floats) -> Floats:
    """The mean of each row's valid values."""
    means: Floats = np.nansum(windows, axis=1) / (~np.isnan(windows)).sum(axis=1)
    return means


def _percentiles(windows: Floats) -> Floats:
    percentiles: Floats = np.nanpercentile(windows, 95, axis=1).astype(np.float64)
    return percentiles


def a_day(start: int, end: int) -> tuple[int, int]:
    """A day long ago."""
    first = start + (end - start) // 2 // DAY * DAY
    return first, first + DAY


def top(counts: dict[int, int]) -> Answer:
    """The series that broke the limit most often; of equal ones the lower number first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    return {
        "series": np.array([sid for sid, _ in ordered], np.float64),
        "count": np.array([count for _, count in ordered], np.float64),
    }


def difference(found: Answer, right: Answer) -> str:
    """Where an answer is not the right one to 1e-9; '' where it is."""
    if found.keys() != right.keys():
        return f"has {', '.join(found)}"
    for name, expected in right.items():
        if found[name].shape != expected.shape:
            return f"{name}: {len(found[name])} instead of {len(expected)}"
        wrong = ~np.isclose(found[name], expected, rtol=1e-9, atol=1e-9, equal_nan=True)
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            return f"{name}[{place}]: {found[name][place]!r} instead of {expected[place]!r}, {wrong.sum()} in all"
    return ""
