"""Which CAP messages there are: the versions of incidents, read from their logs."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy import Connection, and_, or_, select, tuple_

from alerts.people.book import Book
from alerts.people.escalation import areas_of
from alerts.proof.atom import Item
from alerts.proof.cap import Area, Sender, Subject, Version, cap_message, message_type, parse_identifier
from hub.alert import AlertTransition, decode_transition
from hub.catalogue import Device
from storage.records import incidents
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.rows import IncidentRow
from storage.records.tables import alert_transition, incident, incident_log

PlaceOf = Callable[[IncidentRow], Area]
"""Where an incident is."""

_SEEN: Final = ("state", "level", "max_level", "round")
_PINS: Final = 400
_Pin = tuple[str, int]


def feed_page(
    tx: Connection, place_of: PlaceOf, *, department: str | None, limit: int, cursor: str | None
) -> Page[Item]:
    """The messages of the incidents that changed last, the newest message first; `limit` and `cursor` count incidents.

    Raises:
        BadQuery: the limit or the cursor cannot be one.
    """
    query = select(incident).order_by(incident.c.changed.desc(), incident.c.id)
    if department is not None:
        query = query.where(incident.c.department == department)
    if cursor is not None:
        changed, last = decode_cursor(cursor, int, str)
        same = and_(incident.c.changed == changed, incident.c.id > last)
        query = query.where(or_(incident.c.changed < changed, same))
    rows = list(tx.execute(query.limit(check_limit(limit) + 1)))
    page = paged(rows, limit, lambda row: encode_cursor(row.changed, row.id))
    found = [IncidentRow(*row) for row in page.items]
    logs = _versions(tx, [row.id for row in found])
    items = [item for row in found for item in _items(_subject(row, place_of), logs.get(row.id, []))]
    return Page(sorted(items, key=lambda item: (-item.version.sent, item.subject.number, -item.version.seq)), page.next)


def one_message(
    tx: Connection, name: str, sender: Sender, place_of: PlaceOf, sees: Callable[[str], bool]
) -> bytes | None:
    """The message with this identifier, None where there is none, or none that the caller sees."""
    parsed = parse_identifier(name)
    row = None if parsed is None else incidents.get(tx, parsed[0])
    if parsed is None or row is None or row.number != parsed[0] or not sees(row.department):
        return None
    versions = [one for one in _versions(tx, [row.id]).get(row.id, []) if one.seq <= parsed[1]]
    if not versions or versions[-1].seq != parsed[1]:
        return None
    return cap_message(_subject(row, place_of), versions, sender)


def _items(subject: Subject, versions: Sequence[Version]) -> Iterable[Item]:
    for count, version in enumerate(versions, 1):
        yield Item(subject, version, message_type(versions[:count]))


def _versions(tx: Connection, ids: Sequence[str]) -> dict[str, list[Version]]:
    """Of each incident the entries of its log after which it stands otherwise: notes and the like tell others nothing."""
    log = incident_log.c
    query = select(log.incident, log.seq, log.recorded, log.kind, log.reason, log.before, log.after)
    found: dict[str, list[tuple[Version, _Pin | None]]] = {}
    last: dict[str, _Pin] = {}
    for row in tx.execute(query.where(log.incident.in_(ids)).order_by(log.incident, log.seq)):
        before, after = msgspec.json.decode(row.before), msgspec.json.decode(row.after)
        fact = after.get("alert")
        if isinstance(fact, dict):
            last[row.incident] = (fact["id"], fact["n"])
        now = {name: after[name] for name in _SEEN if name in after}
        if {name: before.get(name) for name in now} != now:
            version = Version(row.seq, row.recorded, **now, kind=row.kind, reason=row.reason)
            found.setdefault(row.incident, []).append((version, last.get(row.incident)))
    bodies = _bodies(tx, {pin for pairs in found.values() for _, pin in pairs if pin is not None})
    return {id_: [_measured(version, bodies.get(pin)) for version, pin in pairs] for id_, pairs in found.items()}


def _bodies(tx: Connection, pins: Collection[_Pin]) -> dict[_Pin | None, AlertTransition]:
    """The alerts as they stood at those transitions."""
    key, wanted = tuple_(alert_transition.c.alert, alert_transition.c.n), sorted(pins)
    found: dict[_Pin | None, AlertTransition] = {}
    for begin in range(0, len(wanted), _PINS):
        query = select(alert_transition).where(key.in_(wanted[begin : begin + _PINS]))
        found |= {(row.alert, row.n): decode_transition(row.body.encode()) for row in tx.execute(query)}
    return found


def _measured(version: Version, body: AlertTransition | None) -> Version:
    if body is None:
        return version
    return replace(version, value=body.value, limit=body.limit, unit=body.unit, text=body.text)


def place_in(row: IncidentRow, device: Device | None, book: Book) -> Area:
    """The place by the name of its station in the register, with the outline of the innermost area that has one.

    Where no area has an outline it is a point: the incident's own, else the station's.
    """
    station = f"{row.department}/{row.kind}/{row.device}"
    name = station if device is None else device.name_zh or device.name_en or station
    lon, lat = (None, None) if device is None else (device.lon, device.lat)
    if row.lon is not None and row.lat is not None:
        lon, lat = row.lon, row.lat
    outlines = (book.areas[area].outline for area in areas_of(book, row))
    outline = next(filter(None, outlines), None)
    # The first ring is the outside; CAP has no word for the holes that may follow.
    polygons = [] if outline is None else [rings[0] for rings in outline.polygons()]
    rings = tuple(tuple((float(point[0]), float(point[1])) for point in ring) for ring in polygons)
    return Area(name, None if lon is None or lat is None else (lon, lat), rings=rings)


def _subject(row: IncidentRow, place_of: PlaceOf) -> Subject:
    own = (row.number, row.department, row.kind, row.device)
    exercise = row.verdict == "test"
    return Subject(*own, place_of(row), row.opened, row.property, row.type, row.text, exercise=exercise)
