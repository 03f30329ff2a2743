"""The readings that every engine of the history figures is given: deterministic by seed, oldest first, as the bus brings them.

1 000 series (100 water and 100 air stations of 5 properties) each 15 minutes. A value is its property's level at that station, with a
season, a day and slow weather on it, at least 0 and of two decimals; some are flagged by the device or by the hub.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from hub.batch import Block
from hub.model import QUALITY_CODE, Check
from storage.series import Incoming

ZONE: Final = "Asia/Shanghai"
T0: Final = 1_798_732_800_000
"""2027-01-01 00:00 in Shanghai."""
STEP: Final = 900_000
DAY: Final = 86_400_000
YEAR: Final = 365 * DAY
STEPS_A_YEAR: Final = YEAR // STEP

WATER: Final = ("ph", "do", "nh3_n", "tp", "turbidity")
AIR: Final = ("pm2_5", "pm10", "o3", "no2", "so2")
_STATIONS: Final = 100
STATIONS: Final = tuple(f"bureau/{kind}/{kind[0]}{i:03}" for kind in ("water", "air") for i in range(_STATIONS))
SERIES: Final = len(STATIONS) * len(WATER)
STEPS_A_BATCH: Final = 5
BATCH: Final = SERIES * STEPS_A_BATCH

# level, share of the season, share of the day, spread of the slow weather, tremble
_SHAPE: Final = {
    "ph": (7.5, 0.02, 0.02, 0.03, 0.05),
    "do": (8.0, 0.25, 0.10, 0.05, 0.10),
    "nh3_n": (0.6, 0.30, 0.10, 0.15, 0.03),
    "tp": (0.12, 0.30, 0.05, 0.15, 0.01),
    "turbidity": (25.0, 0.40, 0.05, 0.30, 2.0),
    "pm2_5": (38.0, 0.50, 0.15, 0.40, 3.0),
    "pm10": (70.0, 0.45, 0.15, 0.40, 5.0),
    "o3": (85.0, 0.45, 0.45, 0.20, 5.0),
    "no2": (28.0, 0.35, 0.30, 0.25, 2.0),
    "so2": (8.0, 0.40, 0.15, 0.25, 0.8),
}
_MEMORY: Final = 0.999
"""How much of the slow weather is left after a step: it turns in some ten days."""
_FLAGGED: Final = 0.004
_FLAGS: Final = np.array([QUALITY_CODE[letter] for letter in "FMSDCTB"], np.uint8)
_CHECKS: Final = np.array([0, 0, Check.RANGE, Check.SPIKE, Check.LATE], np.uint8)


class Source:
    """Goes on where it was: the same seed gives the same readings, however many are taken at a time."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = np.random.default_rng(seed)
        shape = np.array([_SHAPE[name] for names in (WATER, AIR) for _ in range(_STATIONS) for name in names]).T
        self._level = shape[0] * self._chance.uniform(0.7, 1.3, SERIES)
        self._season, self._day = shape[1], shape[2]
        self._spread, self._tremble = shape[3] * np.sqrt(1 - _MEMORY**2), shape[4]
        self._weather = np.zeros(SERIES)
        self._phase = self._chance.uniform(-0.3, 0.3, SERIES)
        self._decay = _MEMORY ** np.arange(STEPS_A_BATCH + 1)
        self._step = 0

    @property
    def reached(self) -> int:
        """The time of the next reading, epoch ms."""
        return T0 + self._step * STEP

    def skip(self, readings: int) -> None:
        """Leave out so many readings, whole batches."""
        self._step += readings // SERIES

    def batches(self, readings: int) -> Iterator[Incoming]:
        """The next `readings`, whole batches of BATCH."""
        for _ in range(-(-readings // BATCH)):
            yield self._batch()

    def _batch(self) -> Incoming:
        steps = self._step + np.arange(STEPS_A_BATCH)
        self._step += STEPS_A_BATCH
        value = self._values(steps)
        flagged = self._chance.random(value.shape) < _FLAGGED
        count = int(flagged.sum())
        quality, checks = np.zeros(value.shape, np.uint8), np.zeros(value.shape, np.uint8)
        quality[flagged] = self._chance.choice(_FLAGS, count)
        checks[flagged] = self._chance.choice(_CHECKS, count)
        times = np.repeat(T0 + steps * STEP, _STATIONS)
        half = SERIES // 2
        return Incoming(
            STATIONS,
            tuple(
                _block(
                    names, i * _STATIONS, times, *(c[:, i * half : (i + 1) * half] for c in (value, quality, checks))
                )
                for i, names in enumerate((WATER, AIR))
            ),
        )

    def _values(
        self, steps: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    ) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        year = 2 * np.pi * (steps % STEPS_A_YEAR) / STEPS_A_YEAR
        day = 2 * np.pi * (steps % (DAY // STEP)) / (DAY // STEP)
        push = self._chance.normal(0, 1, (STEPS_A_BATCH, SERIES)) * self._spread
        weather = (
            self._weather * self._decay[1:, None]
            + np.cumsum(push / self._decay[1:, None], axis=0) * self._decay[1:, None]
        )
        self._weather = weather[-1]
        share = (
            1
            + self._season * np.cos(year[:, None] + self._phase)
            - self._day * np.cos(day[:, None] + self._phase)
            + weather
        )
        value = self._level * share + self._tremble * self._chance.normal(0, 1, share.shape)
        rounded: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = np.maximum(value, 0).round(2)
        return rounded


def _block(
    names: tuple[str, ...],
    first: int,
    times: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    *columns: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]",
) -> Block:
    value, quality, checks = (np.ascontiguousarray(column).reshape(-1, len(names)) for column in columns)
    station = np.tile(np.arange(first, first + _STATIONS, dtype=np.uint32), STEPS_A_BATCH)
    return Block(names, station, times, value, quality, checks)
