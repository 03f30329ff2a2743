"""The coverage ledger by hour, day or month: seen, blind or offline, which always make the whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hub.clock import rfc3339
from storage.records.patrol.coverage import HOUR, Hour


@dataclass(slots=True)
class Bucket:
    """One period [start, end) of a camera, epoch ms; what is neither seen nor blind is offline."""

    start: int
    end: int
    seen: int = 0
    blind: dict[str, int] = field(default_factory=dict)
    debris: int = 0

    @property
    def total(self) -> int:
        """How long the period is, as far as it has passed."""
        return max(0, self.end - self.start)

    @property
    def offline(self) -> int:
        """How long nothing came."""
        return max(0, self.total - self.seen - sum(self.blind.values()))

    def add(self, hour: Hour) -> None:
        """Count an hour; a period that ends now holds no more of it than has passed."""
        room = max(0, self.total - self.seen - sum(self.blind.values()))
        seen = min(hour.seen_ms, room)
        self.seen, room = self.seen + seen, room - seen
        for cause, blind in sorted(hour.blind.items()):
            part = min(blind, room)
            self.blind[cause] = self.blind.get(cause, 0) + part
            room -= part

    def item(self, zone: ZoneInfo) -> dict[str, Any]:
        """As the API shows it; the three shares sum to 100.0 where any time has passed."""
        blind = sum(self.blind.values())
        shares = percent((self.seen, blind, self.offline))
        debris = "found" if self.debris else "none" if self.seen else "unknown"
        return {
            "from": rfc3339(self.start, zone),
            "to": rfc3339(self.end, zone),
            "seen_s": self.seen / 1000,
            "blind_s": blind / 1000,
            "offline_s": self.offline / 1000,
            "seen_percent": shares[0],
            "blind_percent": shares[1],
            "offline_percent": shares[2],
            "causes": {cause: value / 1000 for cause, value in sorted(self.blind.items()) if value},
            "debris": debris,
            "debris_events": self.debris,
        }


def percent(parts: tuple[int, ...]) -> list[float]:
    """Shares in tenths of a per cent that sum to exactly 100.0: the largest remainders get what rounding left over."""
    total = sum(parts)
    if not total:
        return [0.0 for _ in parts]
    whole = [part * 1000 // total for part in parts]
    remainders = sorted(range(len(parts)), key=lambda place: (-(parts[place] * 1000 % total), place))
    for place in remainders[: 1000 - sum(whole)]:
        whole[place] += 1
    return [value / 10 for value in whole]


def buckets(start: int, end: int, every: str, zone: ZoneInfo) -> list[Bucket]:
    """Empty periods over [start, end): hours, or days and months of the zone."""
    edges = list(_edges(start, end, every, zone))
    return [Bucket(max(start, low), min(end, high)) for low, high in pairwise(edges)]


def fill(found: list[Bucket], hours: list[Hour], debris: list[tuple[int, int]]) -> None:
    """Count each hour where it begins, and every debris event in each period that it touches; `debris` are [open, end)."""
    for hour in hours:
        for bucket in found:
            if bucket.start <= max(hour.start, found[0].start) < bucket.end:
                bucket.add(hour)
    for opened, ended in debris:
        for bucket in found:
            bucket.debris += opened < bucket.end and ended >= bucket.start


def _edges(start: int, end: int, every: str, zone: ZoneInfo) -> Iterator[int]:
    if every == "1h":
        yield from range(start // HOUR * HOUR, end + HOUR, HOUR)
        return
    moment = datetime.fromtimestamp(start / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if every == "1mo":
        moment = moment.replace(day=1)
    while True:
        at = round(moment.timestamp() * 1000)
        yield at
        if at >= end:
            return
        moment = _next(moment, every)


def _next(moment: datetime, every: str) -> datetime:
    if every == "1mo":
        return (moment + timedelta(days=32)).replace(day=1)
    return moment + timedelta(days=1)
