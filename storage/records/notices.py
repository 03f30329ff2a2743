"""The outbox: who is to be told what, in which order, and who was told."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, func, or_, select, text

from storage.records import audit
from storage.records.engine import mark
from storage.records.tables import UNFINISHED, delivery, notification, subscription
from storage.records.tables import incident as incidents

NEWS: Final = (
    *("incident.opened", "incident.raised", "incident.reopened", "alert.fired"),
    *("incident.escalated", "incident.reminder", "incident.digest"),
)
"""Reasons that tell somebody of trouble; whoever got one of them is told how it goes on."""

# Both engines speak this; `DO NOTHING` keeps a notice that was written before.
_ADD: Final = text(
    "INSERT INTO notification (key, incident, alert, receiver, channel, address, person, type, lane, body, state,"
    " created, next_action_at) VALUES (:key, :incident, :alert, :receiver, :channel, :address, :person, :type, :lane,"
    " :body, 'queued', :at, :at) ON CONFLICT (key) DO NOTHING"
)
_ENDED: Final = select(subscription.c.receiver, subscription.c.address)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: a receiver of the settings, the kind of channel, and the address there; `person` when it is theirs."""

    receiver: str
    channel: str
    address: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One notice to be sent: `type` says why, `cause` makes it the only one of its sort, `body` is JSON text."""

    incident: str
    alert: str | None
    to: Recipient
    type: str
    cause: str
    body: str

    def key(self) -> str:
        """The idempotency key: the same for the same incident, recipient, reason and cause."""
        words = (self.incident, self.to.receiver, self.to.address, self.type, self.cause)
        return hashlib.sha256(msgspec.json.encode(words)).hexdigest()[:32]


def enqueue(tx: Connection, drafts: Collection[Draft], *, at: int) -> None:
    """Put notices at the end of their lanes, but for those that were there before."""
    if not drafts:
        return
    tx.execute(_ADD, [_values(draft, at) for draft in drafts])
    mark(tx, "outbox")


def _values(draft: Draft, at: int) -> dict[str, object]:
    return {
        "key": draft.key(),
        "incident": draft.incident,
        "alert": draft.alert,
        "receiver": draft.to.receiver,
        "channel": draft.to.channel,
        "address": draft.to.address,
        "person": draft.to.person,
        "type": draft.type,
        "lane": f"{draft.incident} {draft.to.receiver} {draft.to.address}",
        "body": draft.body,
        "at": at,
    }


def told(tx: Connection, incident: str, alert: str | None = None) -> list[Recipient]:
    """Who was, or is about to be, told of the incident's trouble (of this alert, when one is named)."""
    whom = (notification.c.receiver, notification.c.channel, notification.c.address, notification.c.person)
    query = select(*whom).distinct()
    # What was merged into it was told under its own number; those people are told how it goes on too.
    merged = select(incidents.c.id).where(incidents.c.root == incident)
    here = or_(notification.c.incident == incident, notification.c.incident.in_(merged))
    query = query.where(here, notification.c.type.in_(NEWS))
    # Who may have got it in spite of the failure is told how it goes on.
    query = query.where(or_(notification.c.state.not_in(("failed", "gone")), notification.c.maybe_duplicate))
    if alert is not None:
        query = query.where(notification.c.alert == alert)
    return [Recipient(*row) for row in tx.execute(query.order_by(notification.c.receiver, notification.c.address))]


def of_incident(tx: Connection, incident: str) -> list[Row[Any]]:
    """The notices of an incident in the order they were written."""
    query = select(notification).where(notification.c.incident == incident)
    return list(tx.execute(query.order_by(notification.c.id)))


def attempts(tx: Connection, notices: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Every attempt to deliver these notices, oldest first, by notice."""
    found: dict[int, list[Row[Any]]] = {notice: [] for notice in notices}
    query = select(delivery).where(delivery.c.notification.in_(notices))
    for row in tx.execute(query.order_by(delivery.c.notification, delivery.c.attempt)):
        found[row.notification].append(row)
    return found


def counts(tx: Connection) -> dict[str, int]:
    """How many notices stand in each state."""
    query = select(notification.c.state, func.count()).group_by(notification.c.state)
    return {state: int(count) for state, count in tx.execute(query)}


def oldest_open(tx: Connection) -> tuple[int, int | None]:
    """How many notices somebody still waits for, and when the oldest of them was written (epoch ms)."""
    query = select(func.count(), func.min(notification.c.created)).where(text(UNFINISHED))
    count, created = tx.execute(query).one()
    return int(count), None if created is None else int(created)


def ended(tx: Connection) -> frozenset[tuple[str, str]]:
    """Subscriptions that their receivers ended, as (receiver, address)."""
    return frozenset((receiver, address) for receiver, address in tx.execute(_ENDED))


def resume(tx: Connection, receiver: str, *, actor: str, at: int) -> bool:
    """Tell a receiver again that had ended its subscription; False when it had not."""
    if not tx.execute(delete(subscription).where(subscription.c.receiver == receiver)).rowcount:
        return False
    audit.note(tx, actor, "subscription.resume", receiver, at=at)
    return True
