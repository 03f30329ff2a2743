"""Whole series in slices: the server is asked for so many rows at a time, and the next answers are under way while one is read.

Slices are of one series each, so their rows carry no tags: less to send, less to parse.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

from storage.influx import flux
from storage.influx.server import Server
from storage.influx.table import Table, parse, tagged
from storage.series import Series

ROWS: Final = 250_000
"""Rows of one answer: about 9 MB."""

_SLICES_A_QUERY: Final = 20
_UNDER_WAY: Final = 2

Counts = Mapping[Series, int]


@dataclass(frozen=True, slots=True)
class Slice:
    """A series' rows in [start, end), about `count`; `conditions` by the name of each stream of them."""

    series: Series
    start: int
    end: int
    count: int
    conditions: Mapping[str, str]


class Slicer:
    """Reads one bucket by slices, at most `most` rows at a time; safe in any thread."""

    def __init__(self, server: Server, most: int) -> None:
        self._most = most
        self._server = server
        self._bucket = server.place.bucket

    def count(self, where: Sequence[str], start: int, end: int) -> dict[Series, int]:
        """How many values of one field, which the conditions name, each series that has any holds in [start, end)."""
        rows = flux.source(self._bucket, start, end, where)
        found: dict[Series, int] = {}
        for table in tagged(self._server.ask(flux.stream(rows, "count", "count()", time=False))):
            series = Series(table.station, table.property)
            found[series] = found.get(series, 0) + int(table.value.sum())
        return found

    def slices(
        self, series: Series, start: int, end: int, count: int, conditions: Mapping[str, str]
    ) -> Iterator[Slice]:
        """The slices of a series' rows in [start, end), of which it holds `count`, in time order."""
        if count <= self._most or end - start < 2:
            yield Slice(series, start, end, count, conditions)
            return
        step = max(1, (end - start) * self._most // (2 * count))
        low, held = start, 0
        for at, some in self._counted(series, start, end, step):
            if held and held + some > self._most:
                yield from self.slices(series, low, at, held, conditions)
                low, held = at, 0
            held += some
        yield from self.slices(series, low, end, held, conditions)

    def _counted(self, series: Series, start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
        rows = flux.source(self._bucket, start, end, [*flux.of_one(series), 'r._field == "v"'])
        for table in parse(self._server.ask(flux.stream(rows, "count", flux.stepwise("count", step)))):
            yield from zip(table.time.tolist(), map(int, table.value.tolist()), strict=True)

    def read(self, slices: Iterable[Slice]) -> Iterator[tuple[Slice, dict[str, Table]]]:
        """Each slice with the streams that have rows, in the order given."""
        jobs = _jobs(slices, self._most)
        with ThreadPoolExecutor(_UNDER_WAY) as pool:
            ahead = deque((job, pool.submit(self._ask, job)) for job in islice(jobs, _UNDER_WAY))
            while ahead:
                job, answer = ahead.popleft()
                ahead.extend(self._next(pool, jobs))
                yield from _streams(job, answer)

    def _next(
        self, pool: ThreadPoolExecutor, jobs: Iterator[list[Slice]]
    ) -> Iterator[tuple[list[Slice], "Future[bytes]"]]:
        for job in islice(jobs, 1):
            yield job, pool.submit(self._ask, job)

    def _ask(self, job: Sequence[Slice]) -> bytes:
        return self._server.ask(
            "\n".join(
                flux.untagged(
                    flux.source(self._bucket, each.start, each.end, [*flux.of_one(each.series), condition]),
                    f"{name}{i}",
                )
                for i, each in enumerate(job)
                for name, condition in each.conditions.items()
            )
        )


def _jobs(slices: Iterable[Slice], most: int) -> Iterator[list[Slice]]:
    """Slices that are asked for together."""
    job: list[Slice] = []
    for each in slices:
        if job and (len(job) == _SLICES_A_QUERY or sum(one.count for one in job) + each.count > most):
            yield job
            job = []
        job.append(each)
    if job:
        yield job


def _streams(job: Sequence[Slice], answer: "Future[bytes]") -> Iterator[tuple[Slice, dict[str, Table]]]:
    tables = {table.result: table for table in parse(answer.result())}
    for i, each in enumerate(job):
        yield each, {name: tables[f"{name}{i}"] for name in each.conditions if f"{name}{i}" in tables}
