"""Which series a `Select` means, and whether a range is one."""

from hub.errors import BadQuery
from hub.series_index import SeriesIndex
from storage.series import MOST_POINTS, Select, Series


def matches(select: Select, station: str, property_: str) -> bool:
    """Whether the selection takes this series."""
    if select.properties and property_ not in select.properties:
        return False
    if select.stations and station not in select.stations:
        return False
    department, kind, device = station.split("/", 2)
    return select.department in (None, department) and select.kind in (None, kind) and select.device in (None, device)


def check_range(start: int, end: int) -> None:
    """Whether [start, end) is a range.

    Raises:
        BadQuery: it ends before it starts.
    """
    if end < start:
        raise BadQuery("to", "a time at or after `from`")


def check_points(count: int) -> None:
    """Whether so many values of one series can be held at once.

    Raises:
        BadQuery: they are more than MOST_POINTS.
    """
    if count > MOST_POINTS:
        raise BadQuery("from", f"a range in which each series has at most {MOST_POINTS} values")


class Selector:
    """Finds the numbers of the series selected; remembers its answers until new series appear."""

    def __init__(self, index: SeriesIndex) -> None:
        self._index = index
        self._series: list[Series] = []
        self._answers: dict[tuple[object, ...], list[int]] = {}

    def series(self, sid: int) -> Series:
        """The series with this number."""
        return self.all()[sid]

    def all(self) -> list[Series]:
        """All series by their numbers."""
        self._catch_up()
        return self._series

    def sids(self, select: Select) -> list[int]:
        """The numbers of all series selected, ordered by station and property."""
        self._catch_up()
        key = (select.department, select.kind, select.device, select.properties, select.stations)
        answer = self._answers.get(key)
        if answer is None:
            found = [sid for sid, (station, name) in enumerate(self._index.keys) if matches(select, station, name)]
            answer = self._answers[key] = sorted(found, key=self._index.keys.__getitem__)
        return answer

    def _catch_up(self) -> None:
        if len(self._series) == len(self._index) and len(self._answers) < 1000:
            return
        self._series += [Series(*key) for key in self._index.keys[len(self._series) :]]
        self._answers = {}
