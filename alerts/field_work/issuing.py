"""Links as people get them: one for each person and incident, made at the first notice, ended by expiry or by an officer."""

import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from alerts.field_work.links import ID_LENGTH, Link, id_in, is_signed, link_id, token_of
from storage.records import audit, field_work
from storage.records.field_work import KeyRow, LinkRow

LIFE_MS: Final = 72 * 3_600_000
"""How long a link holds; a task that takes longer is told of again, with a new link."""

_FRESH_MS: Final = LIFE_MS // 2
"""A notice carries a link that holds this long at least."""


class LinkRefused(Exception):
    """The link opens nothing: `why` is forged, expired or revoked; `incident` is named only to whoever once held it."""

    def __init__(self, why: str, incident: str | None = None) -> None:
        self.why = why
        self.incident = incident
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Issued:
    """A link that was made or found, and its token."""

    row: LinkRow
    token: str


def issue(tx: Connection, incident: str, person: str, *, at: int, life_ms: int = LIFE_MS) -> Issued:
    """The link of this person to this incident (its id); the same one again while enough of its life is left."""
    row = field_work.holding(tx, incident, person, until=at + min(_FRESH_MS, life_ms))
    if row is None:
        key = _signing_key(tx, at)
        name = link_id(secrets.token_bytes(ID_LENGTH * 3 // 4))
        row = LinkRow(name, incident, person, key.id, at, at + life_ms)
        field_work.add_link(tx, row)
    return Issued(row, _token(tx, row))


def note_given(tx: Connection, issued: Issued, *, actor: str, at: int) -> None:
    """Write down that somebody was handed the link by an officer."""
    audit.note(tx, actor, "task_link.give", issued.row.incident, {"person": issued.row.person}, at=at)


def check(tx: Connection, token: str, *, at: int) -> LinkRow:
    """The link of a token that holds.

    Raises:
        LinkRefused: it was made up, changed, has expired or was revoked.
    """
    name = id_in(token)
    row = None if name is None else field_work.link(tx, name)
    key = None if row is None else field_work.key(tx, row.key)
    if row is None or key is None or not is_signed(token, _link(row), bytes.fromhex(key.secret)):
        raise LinkRefused("forged")
    if row.revoked is not None:
        raise LinkRefused("revoked", row.incident)
    if at >= row.expires:
        raise LinkRefused("expired", row.incident)
    return row


def revoke(tx: Connection, incident: str, person: str | None = None, *, actor: str, at: int) -> int:
    """End the links to an incident, of one person or of all; how many that were."""
    count = field_work.revoke(tx, incident, person, actor=actor, at=at)
    if count:
        audit.note(tx, actor, "task_link.revoke", incident, {"person": person, "links": count}, at=at)
    return count


def rotate(tx: Connection, *, actor: str, at: int) -> str:
    """Sign new links with a new key, whose name is the answer; those given out hold until they expire."""
    row = KeyRow(secrets.token_hex(4), secrets.token_hex(32), at)
    field_work.add_key(tx, row)
    audit.note(tx, actor, "task_link.rotate", row.id, at=at)
    return row.id


def _signing_key(tx: Connection, at: int) -> KeyRow:
    found = field_work.newest_key(tx)
    if found is None:
        rotate(tx, actor="hub", at=at)
        found = field_work.newest_key(tx)
        assert found is not None
    return found


def _token(tx: Connection, row: LinkRow) -> str:
    key = field_work.key(tx, row.key)
    assert key is not None  # keys are never taken away while links name them
    return token_of(_link(row), bytes.fromhex(key.secret))


def _link(row: LinkRow) -> Link:
    return Link(row.id, row.incident, row.person, row.expires, row.key)
