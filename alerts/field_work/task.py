"""One task as its person sees it: what, where, how bad, since when, and how far the work is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from alerts.contracts import by_hand
from alerts.field_work.causes import causes
from alerts.people.names import names_of
from alerts.rounds import contract_of
from alerts.views import alert_view, incident_view, wire
from alerts.wording import Language, wording
from hub.catalogue import Catalogue
from hub.clock import rfc3339
from storage.records import alerts, attached, field_work, incidents
from storage.records.attached import AttachedRow
from storage.records.field_work import ActionRow, LinkRow
from storage.records.rows import AlertRow, IncidentRow, target_of

Over = Literal["ended", "other"]

_PICTURES: Final = ("overlay", "frame", "crop", "thumbnail")
_ROLES: Final = ("best", "now", "last", "first")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a task is written: the language, the site's zone, the register's names, how near counts as on site (m)."""

    language: Language
    zone: ZoneInfo
    catalogue: Catalogue
    fence_m: float


class Mark(msgspec.Struct, frozen=True):
    """A step that was done: when, by whom, and for the arrival how it is known."""

    at: str
    by: str
    by_hand: bool = False
    accuracy_m: float | None = None


class TaskView(msgspec.Struct, frozen=True):
    """The task; times RFC 3339, `place` WGS-84, `over` why nothing is to be done any more, `names` what the people in it are called."""

    person: str
    incident: str
    number: str
    state: str
    round: int
    level: int
    title: str
    reading: str
    text: str
    since: str
    place: dict[str, Any] | None
    place_name: str
    fence_m: float
    arrive_by: str | None
    solve_by: str | None
    accepted: Mark | None
    arrived: Mark | None
    delivered: Mark | None
    solved: Mark | None
    over: Over | None
    check: Literal["photo", "cleared", "watch"]
    picture: dict[str, Any] | None
    photos: list[dict[str, Any]]
    causes: list[tuple[str, str]]
    names: dict[str, str]
    now: str


def see(tx: Connection, link: LinkRow, reader: Reader, *, at: int) -> TaskView:
    """The task of a link as it stands."""
    row = incidents.get(tx, link.incident)
    assert row is not None  # the link's row refers to it
    if row.root is not None:
        row = incidents.get(tx, row.root) or row
    return _written(tx, link, row, reader, at)


def _written(tx: Connection, link: LinkRow, row: IncidentRow, reader: Reader, at: int) -> TaskView:
    alert = next(iter(sorted(alerts.of_incident(tx, row.id), key=lambda one: (one.level, one.breach_start))), None)
    evidence = attached.of(tx, row.id)
    done = [one for one in field_work.actions(tx, link.id) if one.taken >= (row.began or 0)]
    place = _place(row, reader)
    what, place_name = _words(row, alert, reader)
    arrived = _arrived(tx, row, reader.zone)

    def time(moment: int | None) -> str | None:
        return None if moment is None else rfc3339(moment, reader.zone)

    return TaskView(
        person=link.person,
        incident=row.id,
        number=row.number,
        state=row.state,
        round=row.round,
        level=row.level,
        title=_title(row, alert, place_name, reader),
        reading=what,
        text=row.text or ("" if alert is None else alert.text),
        since=rfc3339(row.opened if alert is None else min(alert.breach_start, row.opened), reader.zone),
        place=place,
        place_name=place_name,
        fence_m=reader.fence_m,
        arrive_by=time(row.arrive_by),
        solve_by=time(row.solve_by),
        accepted=_accepted(row, link.person, done, reader.zone),
        arrived=arrived,
        delivered=_mark(row.delivered, row.owner or link.person, reader.zone),
        solved=_mark(row.solved or row.closed, row.closed_by or "", reader.zone),
        over=_over(row, link.person),
        check=_check(row, evidence, bool(alerts.uncleared(tx, row.id))),
        picture=_picture(evidence, reader.zone),
        photos=[_photo(one, reader.zone) for one in evidence if one.kind == "photo"],
        causes=causes(reader.language),
        names=names_of(tx, _people(link, row, evidence, arrived), reader.language),
        now=rfc3339(at, reader.zone),
    )


def best_picture(evidence: Sequence[AttachedRow]) -> AttachedRow | None:
    """The one picture that shows what is wrong."""
    shown = [one for one in evidence if one.kind in _PICTURES and one.media_type.startswith("image/")]
    rank = {role: place for place, role in enumerate(_ROLES)}
    return min(shown, key=lambda one: (_PICTURES.index(one.kind), rank.get(one.role, len(rank))), default=None)


def _people(link: LinkRow, row: IncidentRow, evidence: Sequence[AttachedRow], arrived: Mark | None) -> list[str | None]:
    """Everybody whom the task names."""
    by = None if arrived is None else arrived.by
    return [link.person, row.owner, row.closed_by, by, *(one.added_by for one in evidence)]


def _accepted(row: IncidentRow, person: str, done: Sequence[ActionRow], zone: ZoneInfo) -> Mark | None:
    ours = [one for one in done if one.action == "accept"]
    left = max((one.taken for one in done if one.action == "decline"), default=-1)
    kept = [one for one in ours if one.taken > left]
    if row.owner not in (None, person) or not kept:
        return None
    return _mark(kept[0].done, person, zone)


def _arrived(tx: Connection, row: IncidentRow, zone: ZoneInfo) -> Mark | None:
    if row.arrived is None:
        return None
    entry = next((one for one in reversed(incidents.log(tx, row.id)) if one.kind == "on_site"), None)
    said: dict[str, Any] = {} if entry is None else msgspec.json.decode(entry.after)
    by = row.owner or "" if entry is None else entry.actor
    return Mark(rfc3339(row.arrived, zone), by, bool(said.get("by_hand")), said.get("accuracy_m"))


def _mark(at: int | None, by: str, zone: ZoneInfo) -> Mark | None:
    return None if at is None else Mark(rfc3339(at, zone), by)


def _over(row: IncidentRow, person: str) -> Over | None:
    if not row.open:
        return "ended"
    return "other" if row.owner not in (None, person) and row.owner_kind != "unit" else None


def _check(row: IncidentRow, evidence: Sequence[AttachedRow], uncleared: bool) -> Literal["photo", "cleared", "watch"]:
    wanted = {item.kind for item in by_hand(contract_of(row)).items}
    if "after_photo" in wanted and not any(one.role == "after" for one in evidence):
        return "photo"
    return "cleared" if uncleared else "watch"


def _place(row: IncidentRow, reader: Reader) -> dict[str, Any] | None:
    lon, lat = row.lon, row.lat
    device = reader.catalogue.devices.get(target_of(row).station())
    if lon is None and device is not None:
        lon, lat = device.lon, device.lat
    return None if lon is None or lat is None else {"lon": lon, "lat": lat}


def _words(row: IncidentRow, alert: AlertRow | None, reader: Reader) -> tuple[str, str]:
    """What was measured, and the name of the place."""
    view = None if alert is None else wire(alert_view(alert), reader.zone)
    data = {"incident": wire(incident_view(row), reader.zone), "alert": view}
    said = wording("incident.opened", {**data, "text": "", "url": ""}, reader.language)
    device = reader.catalogue.devices.get(target_of(row).station())
    name = "" if device is None else (device.name_zh if reader.language == "zh" else device.name_en)
    return said.named["what"], name or row.device


def _title(row: IncidentRow, alert: AlertRow | None, place_name: str, reader: Reader) -> str:
    rule = None if alert is None else reader.catalogue.rules.get(alert.rule)
    zh = reader.language == "zh"
    name = "" if rule is None else (rule.name_zh if zh else rule.name_en)
    name = name or type_name(row.type, reader.language) or (row.property or "")
    return f"{name}{'：' if zh else ': '}{place_name}" if name and place_name else name or place_name or row.number


def _picture(evidence: Sequence[AttachedRow], zone: ZoneInfo) -> dict[str, Any] | None:
    best = best_picture(evidence)
    if best is None:
        return None
    return {"sha256": best.sha256, "captured": None if best.captured is None else rfc3339(best.captured, zone)}


def _photo(row: AttachedRow, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "sha256": row.sha256,
        "role": row.role,
        "captured": rfc3339(row.captured or row.added, zone),
        "by": row.added_by,
    }


def type_name(type_: str, language: str) -> str:
    """The name of a sort of incident, empty for one without."""
    names = TYPES.get(type_.removeprefix("report."))
    return "" if names is None else names[0 if language == "zh" else 1]


TYPES: Final[dict[str, tuple[str, str]]] = {
    "debris": ("漂浮物", "Floating debris"),
    "discharge": ("异常排放", "Suspicious discharge"),
    "colour": ("水体颜色异常", "Discoloured water"),
    "dead_fish": ("死鱼", "Dead fish"),
    "fishing": ("违法捕捞、垂钓", "Illegal fishing"),
    "odour": ("异味", "Bad smell"),
    "smoke": ("冒烟、焚烧", "Smoke or burning"),
    "oil": ("油污", "Oil on the water"),
    "damage": ("设施损坏", "Damaged facility"),
    "hazmat": ("危险品泄漏", "Hazardous spill"),
    "flood": ("积水、水位异常", "Flooding"),
    "other": ("其他", "Other"),
}
"""What people report, in Chinese and English."""
