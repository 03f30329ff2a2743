"""What a person does by a link: each action once however often the phone sends it, in one transaction with all that follows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts.errors import NotAllowed
from alerts.incidents import Desk
from storage.records import field_work, incidents
from storage.records.field_work import ActionRow, LinkRow
from storage.records.rows import IncidentRow

ACTIONS: Final = ("accept", "decline", "check-in", "done", "help")
"""What the phone page offers; photos come by themselves."""

PHOTO: Final = "photo"
_UNTAKEN: Final = ("detected", "verified")


class OtherRequest(Exception):
    """The key came before, with another request."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the phone sent: its key, the action, when it was done by the phone's clock (epoch ms), and its fields."""

    key: str
    action: str
    done: int
    fields: Mapping[str, Any]

    def digest(self) -> str:
        """The same for the same request."""
        said = msgspec.json.encode((self.action, self.done, dict(self.fields)), order="sorted")
        return hashlib.sha256(said).hexdigest()


def take(tx: Connection, desk: Desk, link: LinkRow, given: Given, *, at: int) -> bool:
    """Do it, once; False when it was done before with this key.

    Raises:
        OtherRequest: the key came with another request.
        NotTaken: the incident does not stand where this can be done; nothing was.
    """
    row = begin(tx, link, given, at=at)
    if row is None:
        return False
    incident = _read(tx, link)
    _DOES[given.action](tx, desk, link, incident, given, at)
    said = (
        {"by_hand": "lon" not in given.fields or bool(given.fields.get("reason"))} if given.action == "check-in" else {}
    )
    kept = {name: given.fields[name] for name in ("accuracy_m",) if name in given.fields}
    end(tx, row, {**said, **kept}, at=at)
    return True


def begin(tx: Connection, link: LinkRow, given: Given, *, at: int) -> ActionRow | None:
    """The action's row to go on with, None when it was taken before.

    Raises:
        OtherRequest: the key came with another request.
    """
    done = min(max(given.done, link.issued), at)
    row = ActionRow(link.id, given.key, given.action, given.digest(), done, at)
    before = field_work.begin_action(tx, row)
    if before is not None and before.request != row.request:
        raise OtherRequest
    return row if before is None else None


def end(tx: Connection, row: ActionRow, answer: Mapping[str, object], *, at: int) -> None:
    """Keep what became of the action: whoever acts has read."""
    field_work.end_action(tx, row, msgspec.json.encode(dict(answer)).decode())
    field_work.acted(tx, row.link, at=at)


def _read(tx: Connection, link: LinkRow) -> IncidentRow:
    row = incidents.get(tx, link.incident)
    assert row is not None  # the link's row refers to it
    return row if row.root is None else incidents.get(tx, row.root) or row


def _accept(tx: Connection, desk: Desk, link: LinkRow, row: IncidentRow, given: Given, at: int) -> None:
    """Take it on: acknowledged, and the owner, unless somebody else is."""
    if row.owner not in (None, link.person) and row.owner_kind != "unit":
        raise NotAllowed(f"incident {row.number} is {row.owner}'s")
    if row.state in _UNTAKEN:
        desk.act(tx, "acknowledge", row.id, actor=link.person, reason=_spoken(given, at), at=at)
    if row.owner == link.person and row.state not in _UNTAKEN:
        desk.act(tx, "note", row.id, actor=link.person, reason=_spoken(given, at, "accepted 接单"), at=at)
        return
    desk.act(tx, "assign", row.id, actor=link.person, reason=_spoken(given, at), at=at, fields={"person": link.person})


def _decline(tx: Connection, desk: Desk, link: LinkRow, row: IncidentRow, given: Given, at: int) -> None:
    """Give it back; who was only asked says so in the log."""
    mine = row.owner == link.person and row.state == "dispatched"
    desk.act(
        tx,
        "decline" if mine else "note",
        row.id,
        actor=link.person,
        reason=_text(given, "declined 无法前往", at),
        at=at,
    )


def _check_in(tx: Connection, desk: Desk, link: LinkRow, row: IncidentRow, given: Given, at: int) -> None:
    fields = {name: given.fields[name] for name in ("lon", "lat", "accuracy_m") if name in given.fields}
    desk.act(
        tx,
        "check-in",
        row.id,
        actor=link.person,
        reason=str(given.fields.get("reason", "")),
        at=at,
        fields=fields,
    )


def _done(tx: Connection, desk: Desk, link: LinkRow, row: IncidentRow, given: Given, at: int) -> None:
    fields = {"text": given.fields["text"], "cause_code": given.fields["cause_code"]}
    desk.act(tx, "deliver", row.id, actor=link.person, reason=_spoken(given, at), at=at, fields=fields)


def _help(tx: Connection, desk: Desk, link: LinkRow, row: IncidentRow, given: Given, at: int) -> None:
    desk.act(tx, "note", row.id, actor=link.person, reason=_text(given, "asks for help 求助", at), at=at)


_DOES: Final = {"accept": _accept, "decline": _decline, "check-in": _check_in, "done": _done, "help": _help}

_LATE_MS: Final = 60_000


def _spoken(given: Given, at: int, words: str = "") -> str:
    """The words, and that it was done earlier without signal where it was."""
    late = at - given.done
    return f"{words} (offline, sent {late // 60_000} min later 离线补传)".strip() if late > _LATE_MS else words


def _text(given: Given, words: str, at: int) -> str:
    text = str(given.fields.get("reason") or given.fields.get("text") or "")
    return _spoken(given, at, f"{words}: {text}")
