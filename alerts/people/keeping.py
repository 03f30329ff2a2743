"""Writing down people, units, areas, rosters and plans: never what would break one of the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts.people.book import SORTS, Book, Shelf, body_of
from alerts.people.form import Kept
from alerts.people.lint import Finding, lint
from hub.errors import HubError
from hub.settings import Settings
from storage.records import people
from storage.records.people import Sort, Written

NAMES: Final[dict[type[Kept], Sort]] = {kind: cast("Sort", sort) for sort, kind in SORTS.items()}
_SHELVES: Final = {"person": "people", "unit": "units", "area": "areas", "roster": "rosters", "plan": "plans"}


class Unfit(HubError):
    """It cannot be written down, or taken away, like that; every reason."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(map(str, self.findings)))


def sort_of(thing: Kept) -> Sort:
    """The word for what it is."""
    return NAMES[type(thing)]


def with_thing(book: Book, thing: Kept) -> Book:
    """The book with this in it."""
    return _changed(book, sort_of(thing), lambda known: {**known, thing.id: thing})


def without(book: Book, sort: Sort, name: str) -> Book:
    """The book without this."""
    return _changed(book, sort, lambda known: {key: thing for key, thing in known.items() if key != name})


def _changed(book: Book, sort: Sort, change: Callable[[Mapping[str, Kept]], Mapping[str, Kept]]) -> Book:
    shelf = _SHELVES[sort]
    fields: dict[str, Any] = {shelf: change(getattr(book, shelf))}
    return replace(book, **fields)


def check(before: Book, after: Book, *own: tuple[Sort, str]) -> None:
    """Pass only a change that brings no mistake which was not there, and leaves none in what is named in `own`.

    Raises:
        Unfit: all of them.
    """
    known = set(lint(before))
    fresh = [each for each in lint(after) if each not in known or (each.sort, each.id) in own]
    if fresh:
        raise Unfit(fresh)


def put(tx: Connection, book: Book, thing: Kept, *, actor: str, at: int) -> Written:
    """Write one thing down.

    Raises:
        Unfit: it names what is not there, or something that stands would break.
    """
    sort = sort_of(thing)
    check(book, with_thing(book, thing), (sort, thing.id))
    return people.put(tx, sort, thing.id, body_of(thing), department=thing.department, actor=actor, at=at)


def remove(tx: Connection, book: Book, sort: Sort, name: str, *, actor: str, at: int) -> bool:
    """Take one thing away; False when it is not there.

    Raises:
        Unfit: something that stands needs it.
    """
    check(book, without(book, sort, name))
    return people.remove(tx, sort, name, actor=actor, at=at)


def put_all(tx: Connection, book: Book, things: Iterable[Kept], *, actor: str, at: int) -> list[Written]:
    """Write many things down that name each other.

    Raises:
        Unfit: every mistake in any of them.
    """
    after, own = book, []
    kept = list(things)
    for thing in kept:
        after = with_thing(after, thing)
        own.append((sort_of(thing), thing.id))
    check(book, after, *own)
    return [
        people.put(tx, sort_of(thing), thing.id, body_of(thing), department=thing.department, actor=actor, at=at)
        for thing in kept
    ]


def channel_kinds(settings: Settings) -> dict[str, str]:
    """The kind of channel of every receiver that the settings name."""
    notify = settings.notify
    found = {each.name: "webhook" for each in notify.webhooks} | {each.name: "email" for each in notify.emails}
    found |= {each.name: "dingtalk-notice" if each.app_key else "dingtalk-robot" for each in notify.dingtalk}
    found |= {each.name: "wecom-app" if each.corp_id else "wecom-robot" for each in notify.wecom}
    found |= {each.name: "feishu" for each in notify.feishu} | {each.name: "sms" for each in notify.sms}
    return found | {each.name: "smpp" for each in notify.smpp} | {each.name: "voice" for each in notify.voice}


def shelf_of(settings: Settings) -> Shelf:
    """The shelf of a site."""
    return Shelf(ZoneInfo(settings.hub.zone), channel_kinds(settings))
