"""`/v1/dead-letters`: what could not be taken, its bytes, and taking it again once the cause is mended."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api import documents
from api.answers import answer
from api.asking import Cursor, InZone, Limit, Parts, Who
from api.identity import Identity, officer
from api.lists import listed
from api.problem import Problem
from hub.clock import rfc3339
from hub.dead_letter import DeadLetter
from ingest.field import again
from ingest.intake import Receipt
from storage.records import dead_letters, feed
from storage.records.dead_letters import StoredLetter
from storage.records.page import Page
from storage.zones import zone_of

router = APIRouter(tags=["dead letters"])

Officer = Annotated[Identity, Depends(officer)]
LetterId = Annotated[int, Path(ge=1, le=(1 << 63) - 1)]
Word = Annotated[str | None, Query(max_length=128)]
State = Annotated[
    str | None, Query(pattern="^(kept|retried|dropped)$", description="kept, retried or dropped; all when absent")
]

_SETTLED: Final = {"retried": "已重试", "dropped": "已丢弃"}


@router.get("/dead-letters", responses=documents.page(documents.DeadLetter, files=True))
def letters(
    request: Request,
    parts: Parts,
    who: Who,
    zone: InZone,
    state: State = None,
    reason: Word = None,
    source: Word = None,
    device: Word = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Dead letters, newest first; `device` is DEPARTMENT/KIND/DEVICE."""

    def fetch(most: int, after: str | None) -> Page[StoredLetter]:
        with parts.records.read() as tx:
            return dead_letters.listing(
                tx,
                state=state,
                reason=reason,
                source=source,
                device=device,
                department=who.department,
                limit=most,
                cursor=after,
            )

    columns = tuple(documents.DeadLetter.model_fields)
    return listed(request, "dead-letters", fetch, lambda one: letter_item(one, zone), columns, (limit, cursor, zone))


@router.get("/dead-letters/{letter_id}", responses=documents.one(documents.DeadLetter))
def one_letter(letter_id: LetterId, parts: Parts, who: Who, zone: InZone) -> Response:
    """One dead letter without its bytes."""
    return answer(letter_item(_found(parts, who, letter_id), zone))


@router.get("/dead-letters/{letter_id}/bytes", responses=documents.BYTES)
def letter_bytes(letter_id: LetterId, parts: Parts, who: Who) -> Response:
    """What came, byte for byte, to be saved and never shown as a page."""
    _found(parts, who, letter_id)
    with parts.records.read() as tx:
        payload = dead_letters.get_bytes(tx, letter_id)
    headers = {"Content-Disposition": f'attachment; filename="dead-letter-{letter_id}.bin"'}
    return Response(payload or b"", headers=headers, media_type="application/octet-stream")


@router.post("/dead-letters/{letter_id}/retry", responses=documents.one(documents.Retried))
def retry(letter_id: LetterId, parts: Parts, who: Officer) -> Response:
    """Give the same bytes to the same intake again; what is refused again becomes a new dead letter."""
    found = _kept(_found(parts, who, letter_id))
    with parts.records.read() as tx:
        payload = dead_letters.get_bytes(tx, letter_id) or b""
    receipt = _take_again(parts, found, payload)
    _settle(parts, found, "retried", who.name)
    refused = [{"reason": reason, "detail": detail} for reason, detail in receipt.refusals]
    stored = {
        "readings": receipt.readings,
        "values": receipt.values,
        "events": receipt.events,
        "frames": receipt.pictures,
    }
    return answer({"id": letter_id, "state": "retried", "stored": stored, "refused": refused})


@router.post("/dead-letters/{letter_id}/drop", responses=documents.one(documents.DeadLetter))
def drop(letter_id: LetterId, parts: Parts, who: Officer, zone: InZone) -> Response:
    """Decide that it is not needed; it stays listed as dropped."""
    _settle(parts, _kept(_found(parts, who, letter_id)), "dropped", who.name)
    return answer(letter_item(_found(parts, who, letter_id), zone))


def letter_item(one: StoredLetter, zone: str) -> dict[str, object]:
    """One dead letter as an item of an answer."""
    info = zone_of(zone)
    return {
        "id": one.id,
        "received": rfc3339(one.received, info),
        "source": one.source,
        "topic": one.topic,
        "reason": one.reason,
        "detail": one.detail,
        "device": one.device,
        "size": one.size,
        "state": one.state,
        "retry_of": one.retry_of or None,
        "settled": None if one.settled is None else rfc3339(one.settled, info),
        "settled_by": one.settled_by or None,
    }


def _found(parts: Parts, who: Identity, letter_id: int) -> StoredLetter:
    with parts.records.read() as tx:
        found = dead_letters.get(tx, letter_id)
    if found is None or not who.sees(found.device.split("/", 1)[0]):
        raise Problem("not-found", f"There is no dead letter {letter_id}", zh=f"没有死信 {letter_id}")
    return found


def _take_again(parts: Parts, found: StoredLetter, payload: bytes) -> Receipt:
    number = str(found.id)
    if not found.topic.startswith(again.TOPIC):
        return parts.intake.take_now(found.topic, payload, source=found.source, received=found.received, retried=number)
    letter = DeadLetter(found.received, found.source, found.topic, found.reason, found.detail, payload, found.device)
    return again.take_again(parts.intake, letter, zone=parts.settings.hub.zone, retried=number)


def _kept(found: StoredLetter) -> StoredLetter:
    if found.state != "kept":
        zh = f"死信 {found.id} {_SETTLED.get(found.state, found.state)}"
        raise Problem("conflict", f"Dead letter {found.id} was {found.state} before", zh=zh)
    return found


def _settle(parts: Parts, letter: StoredLetter, state: str, actor: str) -> None:
    now = parts.clock.now()
    mark = dead_letters.mark_retried if state == "retried" else dead_letters.mark_dropped
    with parts.records.begin() as tx:
        mark(tx, letter.id, actor=actor, at=now)
        feed.append(tx, "dead_letter", {"id": letter.id, "device": letter.device, "state": state}, at=now)
