"""What officers said of events, and the verifiers a site learned from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from storage.records import audit
from storage.records.patrol import events
from storage.records.patrol.events import StoredEvent
from storage.records.tables import patrol_label, patrol_model


@dataclass(frozen=True, slots=True)
class StoredLabel:
    """One word of an officer: the event's crop by its SHA-256, and what the verifier judged it by; `at` epoch ms."""

    id: int
    station: str
    event: str
    crop: str
    verdict: str
    label: str
    reason: str
    features: tuple[float, ...]
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One verifier of a site; `state` candidate, adopted or retired, `judged` how it did on held-back crops."""

    id: int
    station: str
    state: str
    made: int
    by: str
    labels: int
    judged: dict[str, Any]


def example(event: StoredEvent, verdict: str, *, by: str, at: int, reason: str = "", label: str = "") -> StoredLabel:
    """The example that an officer's word on an event makes: its best crop, and what the verifier judged it by."""
    crops = [piece for piece in event.evidence if piece.kind == "crop"]
    crop = next((piece for piece in crops if piece.role == "best"), crops[-1] if crops else None)
    features = event.facts.get("features", "")
    numbers = tuple(map(float, features.split(","))) if isinstance(features, str) and features else ()
    name = "" if crop is None else crop.sha256
    return StoredLabel(0, event.station, event.id, name, verdict, label, reason, numbers, at, by)


_SHOWN = [column for column in patrol_model.c if column.name != "body"]


def put_label(tx: Connection, label: StoredLabel) -> int:
    """Keep what an officer says of an event, in place of what was said before; its number."""
    tx.execute(delete(patrol_label).where(patrol_label.c.event == label.event))
    values = {
        "station": label.station,
        "event": label.event,
        "crop": label.crop,
        "verdict": label.verdict,
        "label": label.label,
        "reason": label.reason,
        "features": msgspec.json.encode(label.features).decode(),
        "at": label.at,
        "by": label.by,
    }
    number = tx.execute(insert(patrol_label).values(values).returning(patrol_label.c.id)).scalar_one()
    events.judge(tx, label.event, label.verdict)
    audit.note(tx, label.by, f"patrol.{label.verdict}", label.event, {"reason": label.reason}, at=label.at)
    return int(number)


def labels(tx: Connection, station: str) -> list[StoredLabel]:
    """What was said of a camera's events, oldest first."""
    query = select(patrol_label).where(patrol_label.c.station == station).order_by(patrol_label.c.id)
    return [_label(row) for row in tx.execute(query)]


def label_of(tx: Connection, event: str) -> StoredLabel | None:
    """What was said of an event, None while nothing was."""
    row = tx.execute(select(patrol_label).where(patrol_label.c.event == event)).one_or_none()
    return None if row is None else _label(row)


def kept_crops(tx: Connection, hashes: Sequence[str]) -> set[str]:
    """Which of these pieces are labelled crops: they are taught with again, so they stay."""
    return set(tx.execute(select(patrol_label.c.crop).where(patrol_label.c.crop.in_(hashes))).scalars())


def counts(tx: Connection, station: str) -> dict[str, int]:
    """How many labels of each verdict."""
    query = select(patrol_label.c.verdict, func.count()).where(patrol_label.c.station == station)
    return {verdict: int(count) for verdict, count in tx.execute(query.group_by(patrol_label.c.verdict))}


def put_model(
    tx: Connection, station: str, body: bytes, judged: dict[str, Any], *, of: int, actor: str, at: int
) -> int:
    """Keep a verifier that was learned of so many labels, as a candidate; its number."""
    values = {
        "station": station,
        "state": "candidate",
        "made": at,
        "by": actor,
        "labels": of,
        "judged": msgspec.json.encode(judged).decode(),
        "body": body,
    }
    return int(tx.execute(insert(patrol_model).values(values).returning(patrol_model.c.id)).scalar_one())


def models(tx: Connection, station: str) -> list[StoredModel]:
    """A site's verifiers, newest first."""
    query = select(*_SHOWN).where(patrol_model.c.station == station).order_by(patrol_model.c.id.desc())
    return [_model(row) for row in tx.execute(query)]


def adopt(tx: Connection, station: str, number: int | None, *, actor: str, at: int) -> bool:
    """Let the site work with this verifier, None for the one the project ships; False when there is no such one."""
    mine = patrol_model.c.station == station
    if number is not None and not tx.execute(select(patrol_model.c.id).where(mine, patrol_model.c.id == number)).all():
        return False
    tx.execute(update(patrol_model).where(mine, patrol_model.c.state == "adopted").values(state="retired"))
    if number is not None:
        tx.execute(update(patrol_model).where(patrol_model.c.id == number).values(state="adopted"))
    audit.note(tx, actor, "patrol.adopt", station, {"model": number}, at=at)
    return True


def adopted(tx: Connection, station: str) -> tuple[int, bytes] | None:
    """The verifier that the site works with and its number, None for the one the project ships."""
    query = select(patrol_model.c.id, patrol_model.c.body)
    row = tx.execute(query.where(patrol_model.c.station == station, patrol_model.c.state == "adopted")).one_or_none()
    return None if row is None else (row.id, row.body)


def adopted_of_all(tx: Connection) -> dict[str, int]:
    """The number of each site's adopted verifier."""
    query = select(patrol_model.c.station, patrol_model.c.id).where(patrol_model.c.state == "adopted")
    return {row.station: row.id for row in tx.execute(query)}


def _label(row: Row[Any]) -> StoredLabel:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own public name for a row as a mapping
    values["features"] = tuple(msgspec.json.decode(values["features"]))
    return StoredLabel(**values)


def _model(row: Row[Any]) -> StoredModel:
    values = dict(row._mapping)  # noqa: SLF001 - as above
    values["judged"] = msgspec.json.decode(values["judged"])
    return StoredModel(**values)
