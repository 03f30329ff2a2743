"""Silences as rows: who asked for quiet, why, about what and until when."""

from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.tables import silence

WORDS: Final = ("incident", "department", "kind", "device", "property", "type", "area")
"""What a silence can name; each word is a shell pattern."""

_ACTIVE: Final = (
    select(silence)
    .where(silence.c.ended.is_(None), silence.c.starts <= bindparam("b_at"), silence.c.ends > bindparam("b_at"))
    .order_by(silence.c.created, silence.c.id)
)


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """One silence; `matcher` is JSON, `level` the worst level that it keeps quiet, `ended` when its end was carried out; epoch ms."""

    id: str
    owner: str
    reason: str
    matcher: str
    level: int
    starts: int
    ends: int
    created: int
    ended: int | None = None
    ended_by: str | None = None

    @property
    def words(self) -> dict[str, str]:
        """What it names."""
        return msgspec.json.decode(self.matcher, type=dict[str, str])

    def covers(self, said: dict[str, str], level: int) -> bool:
        """Whether it keeps quiet what has these words, at this level."""
        named = self.words.items()
        return level >= self.level and all(fnmatchcase(said.get(word, ""), pattern) for word, pattern in named)


def add(tx: Connection, row: SilenceRow) -> None:
    """Write a new silence down."""
    tx.execute(insert(silence), asdict(row))


def get(tx: Connection, silence_id: str) -> SilenceRow | None:
    """The silence, None when there is none."""
    row = tx.execute(select(silence).where(silence.c.id == silence_id)).one_or_none()
    return None if row is None else SilenceRow(*row)


def end(tx: Connection, silence_id: str, *, by: str, at: int) -> bool:
    """Note that it ended; False when it had."""
    query = update(silence).where(silence.c.id == silence_id, silence.c.ended.is_(None))
    return bool(tx.execute(query.values(ended=at, ended_by=by)).rowcount)


def active(tx: Connection, at: int) -> list[SilenceRow]:
    """The silences that hold at `at` (epoch ms), the oldest first."""
    return [SilenceRow(*row) for row in tx.execute(_ACTIVE, {"b_at": at})]


def listing(
    tx: Connection, *, at: int, only_active: bool = False, limit: int = 100, cursor: str | None = None
) -> Page[SilenceRow]:
    """Silences, the newest first; `only_active` those that hold at `at` or will.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(silence).order_by(silence.c.created.desc(), silence.c.id).limit(check_limit(limit) + 1)
    if only_active:
        query = query.where(silence.c.ended.is_(None), silence.c.ends > at)
    if cursor is not None:
        created, last = decode_cursor(cursor, int, str)
        older = (silence.c.created == created) & (silence.c.id > last)
        query = query.where((silence.c.created < created) | older)
    rows = [SilenceRow(*row) for row in tx.execute(query)]
    return paged(rows, limit, lambda row: encode_cursor(row.created, row.id))
