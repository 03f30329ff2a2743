"""What a person does by a link: each action once however often the phone sends it, in one transaction with all that follows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from alerts.errors import NotAllowed
from alerts.incidents import Desk
from storage.records import attached, field_work, incidents, people
from storage.records.field_work import ActionRow, LinkRow
from storage.records.people import PlaceRow
from storage.records.rows import IncidentRow

ACTIONS: Final = ("accept", "decline", "check-in", "done", "help")
"""What the phone page offers; photos come by themselves."""

PHOTO: Final = "photo"
_ACCEPTED: Final = "accepted by phone / 手机接单"
_DECLINED: Final = "cannot go / 无法前往"
_CHECKED_IN: Final = "check-in"
_ASKS: Final = "asks for help / 求助"


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
    _DOES[given.action](_Doing(tx, desk, link, _read(tx, link), row.done, at), given)
    end(tx, row, {}, at=at)
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


@dataclass(frozen=True, slots=True)
class _Doing:
    """The desk as this person uses it on this incident."""

    tx: Connection
    desk: Desk
    link: LinkRow
    row: IncidentRow
    done: int
    at: int

    def act(self, action: str, **more: Any) -> None:
        """Do it in the person's name, at the time it was done."""
        person = self.link.person
        self.desk.act(self.tx, action, self.row.id, actor=person, at=self.at, happened=self.done, **more)


def _read(tx: Connection, link: LinkRow) -> IncidentRow:
    row = incidents.get(tx, link.incident)
    assert row is not None  # the link's row refers to it
    return row if row.root is None else incidents.get(tx, row.root) or row


def _accept(desk: _Doing, given: Given) -> None:
    """Take it on: verified, acknowledged and the owner, unless somebody else is."""
    del given
    row, person = desk.row, desk.link.person
    if row.owner not in (None, person) and row.owner_kind != "unit":
        raise NotAllowed(f"incident {row.number} is {row.owner}'s", (f"{row.owner} has taken it on",))
    if row.owner == person:
        desk.act("note", text=_ACCEPTED)
    else:
        desk.act("assign", text=_ACCEPTED, person=person)


def _decline(desk: _Doing, given: Given) -> None:
    """Give it back; who was only asked says so in the log."""
    mine = desk.row.owner == desk.link.person and desk.row.state == "dispatched"
    reason = str(given.fields["reason"])
    desk.act("decline", reason=reason) if mine else desk.act("note", text=f"{_DECLINED}: {reason}")


def _check_in(desk: _Doing, given: Given) -> None:
    desk.act("check-in", **given.fields)
    lon, lat = given.fields.get("lon"), given.fields.get("lat")
    if lon is not None and lat is not None:
        accuracy_m = given.fields.get("accuracy_m")
        people.put_place(desk.tx, PlaceRow(desk.link.person, lon, lat, accuracy_m, desk.done, _CHECKED_IN))


def _done(desk: _Doing, given: Given) -> None:
    photos = tuple(one.sha256 for one in attached.of(desk.tx, desk.row.id) if one.added_by == desk.link.person)
    desk.act("deliver", **given.fields, evidence=photos)


def _help(desk: _Doing, given: Given) -> None:
    desk.act("note", text=f"{_ASKS}: {given.fields['text']}")


_DOES: Final = {"accept": _accept, "decline": _decline, "check-in": _check_in, "done": _done, "help": _help}
