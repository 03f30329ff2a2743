"""Driver behaviour: what each vehicle found of its driver and itself in a period, counted by type."""

from dataclasses import dataclass
from typing import Final

from alerts.queries import AlertFilter, list_alerts
from api.context import History
from api.problem import invalid

MOST_ALERTS: Final = 100_000
"""Alerts that one question may count."""

_PREFIX: Final = "event:"
_PAGE: Final = 1000


@dataclass(slots=True)
class Count:
    """How often one type was found, how bad it was at worst (1 is worst), when first and last, epoch ms."""

    count: int
    level: int
    first: int
    last: int


def behaviour(
    parts: History, department: str | None, device: str | None, span: tuple[int, int]
) -> dict[tuple[str, str], Count]:
    """The counts by (station, type), in that order.

    Raises:
        Problem: `invalid-parameter` for more alerts than one question may count.
    """
    asked = AlertFilter(department=department, kind="vehicle", device=device, from_=span[0], to=span[1])
    found: dict[tuple[str, str], Count] = {}
    cursor, looked = None, 0
    while True:
        with parts.records.read() as tx:
            page = list_alerts(tx, asked, limit=_PAGE, cursor=cursor)
        for alert in page.items:
            if alert.rule.id.startswith(_PREFIX):
                station = f"{alert.target.department}/{alert.target.kind}/{alert.target.device}"
                _count(found, (station, alert.rule.id.removeprefix(_PREFIX)), alert.level, alert.breach_start)
        looked, cursor = looked + len(page.items), page.next
        if cursor is None:
            return dict(sorted(found.items()))
        if looked >= MOST_ALERTS:
            raise invalid("from", f"a period with at most {MOST_ALERTS} alerts of vehicles, or one device")


def _count(found: dict[tuple[str, str], Count], key: tuple[str, str], level: int, time: int) -> None:
    one = found.setdefault(key, Count(0, level, time, time))
    one.count += 1
    one.level, one.first, one.last = min(one.level, level), min(one.first, time), max(one.last, time)
