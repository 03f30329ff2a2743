"""Sending out of the outbox: claiming what is due, in order per lane, and writing down what became of each attempt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Boolean, Connection, Row, bindparam, delete, exists, func, insert, or_, select, text, update

from storage.records.tables import UNFINISHED, delivery, notification, subscription

_MOVE: Final = (
    update(notification)
    .where(notification.c.id == bindparam("b_notice"))
    .values(
        state=bindparam("b_state"),
        next_action_at=bindparam("b_due"),
        done=bindparam("b_done"),
        answer=bindparam("b_answer"),
        maybe_duplicate=or_(notification.c.maybe_duplicate, bindparam("b_unsure", type_=Boolean)),
    )
)
_FIRST: Final = notification.alias("head")
# The lane waits behind its first notice: what cannot go yet is not looked at again before that one's time.
_BEHIND: Final = (
    update(notification)
    .where(
        notification.c.lane == select(_FIRST.c.lane).where(_FIRST.c.id == bindparam("b_notice")).scalar_subquery(),
        text(UNFINISHED),
        notification.c.id > bindparam("b_notice"),
    )
    .values(next_action_at=bindparam("b_due"))
)

_HOLD: Final = (
    update(notification)
    .where(notification.c.id == bindparam("b_notice"))
    .values(next_action_at=bindparam("b_due"), answer="held back: the address has had as many as its vendor takes")
)

_AHEAD: Final = notification.alias("ahead")
_DUE: Final = (
    select(notification.c.id, notification.c.receiver, notification.c.address)
    .where(
        text(f"notification.{UNFINISHED}"),
        notification.c.state != "sending",
        notification.c.next_action_at <= bindparam("b_at"),
        notification.c.receiver.not_in(bindparam("b_busy", expanding=True)),
        ~exists().where(
            _AHEAD.c.lane == notification.c.lane, _AHEAD.c.id < notification.c.id, text(f"ahead.{UNFINISHED}")
        ),
    )
    .order_by(notification.c.next_action_at, notification.c.id)
    .limit(bindparam("b_limit"))
)
_NEXT_DUE: Final = select(func.min(notification.c.next_action_at)).where(
    text(UNFINISHED), notification.c.next_action_at > bindparam("b_at")
)
_CLAIM: Final = (
    update(notification)
    .where(notification.c.id.in_(bindparam("b_ids", expanding=True)), notification.c.state.in_(("queued", "waiting")))
    .values(state="sending", attempts=notification.c.attempts + 1)
)
_CLAIMED: Final = (
    select(notification)
    .where(notification.c.id.in_(bindparam("b_ids", expanding=True)), notification.c.state == "sending")
    .order_by(notification.c.id)
)
_BEGIN: Final = insert(delivery)
_END: Final = (
    update(delivery)
    .where(delivery.c.notification == bindparam("b_notice"), delivery.c.attempt == bindparam("b_attempt"))
    .values({name: bindparam(name) for name in ("ended", "status", "code", "answer", "vendor_id")})
)

End = Literal["delivered", "accepted", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt.

    `status` is delivered, accepted, refused, failed or unsure (it may have arrived); `end` is the notice's last state,
    None when it is tried again at `next_at` (epoch ms). `code`, `answer` and `vendor_id` are the vendor's own.
    """

    notice: int
    attempt: int
    ended: int
    status: str
    end: End | None = None
    next_at: int = 0
    code: int | None = None
    answer: str = ""
    vendor_id: str = ""


def recover(tx: Connection, *, at: int) -> int:
    """After a start: attempts begun by a process that is gone are unsure and their notices due again; how many."""
    dead = select(notification.c.id).where(notification.c.state == "sending")
    unsure = {"status": "unsure", "ended": at, "answer": "the hub stopped during this attempt"}
    tx.execute(update(delivery).where(delivery.c.status == "sending", delivery.c.notification.in_(dead)).values(unsure))
    again = {"state": "queued", "maybe_duplicate": True, "next_action_at": at}
    return tx.execute(update(notification).where(notification.c.state == "sending").values(again)).rowcount


def due(tx: Connection, *, at: int, limit: int, busy: Collection[str] = ()) -> list[tuple[int, str, str]]:
    """Notices that are due and first in their lane, but for receivers in `busy`, oldest first: (notice, receiver, address)."""
    rows = tx.execute(_DUE, {"b_at": at, "b_busy": list(busy), "b_limit": limit})
    return [(int(notice), receiver, address) for notice, receiver, address in rows]


def postpone(tx: Connection, held: Mapping[int, int]) -> None:
    """Notices that must not go yet, with the time (epoch ms) from which on they may: each holds its lane until then."""
    if held:
        tx.execute(_HOLD, [{"b_notice": notice, "b_due": moment} for notice, moment in held.items()])
        tx.execute(_BEHIND, [{"b_notice": notice, "b_due": moment} for notice, moment in held.items()])


def claim(tx: Connection, notices: Collection[int], *, at: int) -> list[Row[Any]]:
    """Begin an attempt for each of these notices; their rows, with the attempt's number in `attempts`."""
    if not notices:
        return []
    these = {"b_ids": list(notices)}
    tx.execute(_CLAIM, these)
    rows = list(tx.execute(_CLAIMED, these))
    begun = [{"notification": row.id, "attempt": row.attempts, "begun": at, "status": "sending"} for row in rows]
    tx.execute(_BEGIN, begun)
    return rows


def unclaim(tx: Connection, known: Collection[int]) -> int:
    """Take back attempts that were claimed but, as they are not among the `known` ones, never begun; how many."""
    query = select(notification.c.id, notification.c.attempts).where(notification.c.state == "sending")
    strays = [(row.id, row.attempts) for row in tx.execute(query) if row.id not in known]
    for notice, attempt in strays:
        tx.execute(delete(delivery).where(delivery.c.notification == notice, delivery.c.attempt == attempt))
        values = {"state": "queued", "attempts": attempt - 1}
        tx.execute(update(notification).where(notification.c.id == notice).values(values))
    return len(strays)


def settle(tx: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of attempts, and let the next notice of each lane go when this one has ended."""
    if not outcomes:
        return
    tx.execute(
        _END,
        [
            {
                "b_notice": each.notice,
                "b_attempt": each.attempt,
                "ended": each.ended,
                "status": each.status,
                "code": each.code,
                "answer": each.answer,
                "vendor_id": each.vendor_id,
            }
            for each in outcomes
        ],
    )
    moves = [_move(each) for each in outcomes]
    tx.execute(_MOVE, moves)
    tx.execute(_BEHIND, [{"b_notice": move["b_notice"], "b_due": move["b_due"]} for move in moves])


def _move(outcome: Outcome) -> dict[str, object]:
    ends = outcome.end is not None
    return {
        "b_notice": outcome.notice,
        "b_state": outcome.end if ends else "waiting",
        "b_due": outcome.ended if ends else outcome.next_at,
        "b_done": outcome.ended if ends else None,
        "b_answer": outcome.answer,
        "b_unsure": outcome.status == "unsure",
    }


def end_subscription(tx: Connection, receiver: str, address: str, *, answer: str, at: int) -> int:
    """The receiver wants no more: nothing further is sent to it, what waits is given up; how many notices that were."""
    key = (subscription.c.receiver == receiver, subscription.c.address == address)
    if tx.execute(select(subscription).where(*key)).one_or_none() is None:
        tx.execute(insert(subscription), {"receiver": receiver, "address": address, "ended": at, "answer": answer})
    waiting = (notification.c.receiver == receiver, notification.c.address == address, text(UNFINISHED))
    gone = update(notification).where(*waiting, notification.c.state != "sending")
    return tx.execute(gone.values(state="gone", done=at, answer="the receiver ended its subscription")).rowcount


def next_due(tx: Connection, *, at: int) -> int | None:
    """When the first notice is due that is not due at `at` (epoch ms), None when none waits for its time."""
    found = tx.execute(_NEXT_DUE, {"b_at": at}).scalar()
    return None if found is None else int(found)
