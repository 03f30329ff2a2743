"""What is asked of a history, and how long the answers take."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from benchmarks.history.data import DAY, STEP, YEAR, ZONE
from storage.exceedance import Exceedance, exceedance
from storage.held import Span, held
from storage.limit import Limit
from storage.series import Every, Select, Series, SeriesStore

ALL: Final = Select()
ONE: Final = Select("bureau", "air", "a017", ("pm2_5",))
HUNDRED: Final = Select("bureau", "air", None, ("pm2_5",))
TWO_HUNDRED: Final = Select("bureau", "air", None, ("pm2_5", "o3"))
FIVE: Final = ("mean", "min", "max", "count", "p95")
LIMIT: Final = 150.0
TOP: Final = 10


class Question(NamedTuple):
    """What is asked, within how many ms 95 of 100 answers must come, and how often it is asked; `ask` takes the span of time that is held."""

    name: str
    reach: float
    times: int
    ask: Callable[[SeriesStore, int, int], object]


def top_exceedances(store: SeriesStore, start: int, end: int) -> list[tuple[Series, Exceedance]]:
    """The series that broke LIMIT most often, and what they did; of equal ones the first."""
    span, limit = Span(start, end, end, None, ZONE), Limit(high=LIMIT)
    found = [(one.series, exceedance(one, limit)) for one in held(store, TWO_HUNDRED, span, lambda *_: STEP, limit)]
    return sorted(found, key=lambda item: item[1].count, reverse=True)[:TOP]


def _middle(start: int, end: int) -> int:
    return start + (end - start) // 2 // DAY * DAY


QUESTIONS: Final = (
    Question("latest of 1 000 series", 5, 100, lambda store, *_: store.latest(ALL)),
    Question(
        "24 h raw of one series, long ago",
        2,
        200,
        lambda store, start, end: store.raw(ONE, _middle(start, end), _middle(start, end) + DAY, 1000),
    ),
    Question("the last 24 h raw of one series", 2, 200, lambda store, _, end: store.raw(ONE, end - DAY, end, 1000)),
    Question(
        "a year of hours (mean, min, max, count, p95), one series",
        10,
        50,
        lambda store, start, end: store.windows(ONE, start, end, Every(1, "h"), FIVE, ZONE),
    ),
    Question(
        "a year of days (mean, p95), 100 series",
        600,
        10,
        lambda store, start, end: store.windows(HUNDRED, start, end, Every(1, "d"), ("mean", "p95"), ZONE),
    ),
    Question("top 10 exceedances of 200 series over a year", 250, 10, top_exceedances),
)


def year_before(first: int, end: int) -> int:
    """Where the year that ends at `end` begins, or what is held of it."""
    return max(first, end - YEAR)


def taken(ask: Callable[[], object], times: int) -> list[float]:
    """How long answers take, ms; the first one, which warms up, is not counted."""
    ask()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - begun) * 1000)
    return spent
