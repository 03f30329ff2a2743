"""What became of the last notices to a receiver."""

from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, text

from storage.records.tables import UNFINISHED, delivery, notification

RECENT: Final = 20_000
"""So many of the newest notices are looked through: a receiver that had none of them is quiet."""


def last(tx: Connection, receiver: str, *, failed: bool = False) -> Row[Any] | None:
    """The newest attempt to tell the receiver that has ended, or the newest that failed; None when none is recent."""
    newest = select(func.max(notification.c.id)).scalar_subquery()
    query = select(delivery, notification.c.address, notification.c.type, notification.c.incident).join_from(
        delivery, notification, delivery.c.notification == notification.c.id
    )
    query = query.where(
        delivery.c.notification > newest - RECENT, notification.c.receiver == receiver, delivery.c.ended.is_not(None)
    )
    taken = ("delivered", "accepted")
    query = query.where(delivery.c.status.not_in(taken) if failed else delivery.c.status.in_(taken))
    return tx.execute(query.order_by(delivery.c.notification.desc(), delivery.c.attempt.desc()).limit(1)).one_or_none()


def waiting(tx: Connection) -> dict[str, int]:
    """How many notices wait to be sent, by receiver."""
    query = select(notification.c.receiver, func.count()).where(text(UNFINISHED)).group_by(notification.c.receiver)
    return {receiver: int(count) for receiver, count in tx.execute(query)}
