"""What people are called, for whoever knows only their ids: names and nothing else of them."""

from collections.abc import Iterable

from sqlalchemy import Connection

from alerts.people.book import read
from storage.records import people


def names_of(tx: Connection, ids: Iterable[str | None], language: str) -> dict[str, str]:
    """The names of those who are written down, by id; who is not, or has no other name, is left out."""
    rows = (people.get(tx, "person", each) for each in dict.fromkeys(ids) if each)
    found = {row.id: read(row).named(language) for row in rows if row is not None}
    return {each: name for each, name in found.items() if name != each}
