"""The look ahead as it runs: each hour, at once after a change, and what it found is kept for everybody."""

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection

from alerts.contracts import shipped
from alerts.people.book import Book, Shelf
from alerts.people.preflight import HOUR, Outlook, look_ahead
from storage.records import people, timers
from storage.records.timers import TimerRow

_OTHERS: Final = ("exceedance", "storm")


class Lookout:
    """Looks ahead when its timer is due, and sets it again."""

    def __init__(self, shelf: Shelf, types: Iterable[str] = ()) -> None:
        self._shelf = shelf
        self._types = tuple(types)

    def look(self, tx: Connection, _timer: TimerRow, now: int) -> None:
        """The handler of the timer `preflight`."""
        keep(tx, look_ahead(self._shelf.book(tx), now, types_of(self._shelf.book(tx), self._types)), now)


def keep(tx: Connection, found: Outlook, now: int) -> None:
    """Keep what was found, and look again in an hour."""
    people.keep_preflight(tx, msgspec.json.encode(found).decode(), at=now)
    timers.put(tx, "", people.PREFLIGHT, now + HOUR)


def last(tx: Connection) -> tuple[int, Outlook] | None:
    """When it was looked last (epoch ms) and what was found, None before the first time."""
    row = people.last_preflight(tx)
    return None if row is None else (row[0], msgspec.json.decode(row[1], type=Outlook))


def types_of(book: Book, more: Iterable[str] = ()) -> tuple[str, ...]:
    """The types that incidents have: those with a closing contract, and those that plans name."""
    named = [type_ for plan in book.plans.values() for type_ in plan.types if not set(type_) & set("*?")]
    return tuple(sorted({*shipped(), *named, *more, *_OTHERS} - {"default"}))
