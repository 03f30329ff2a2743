"""Questions about alerts and incidents: filters of the interface, pages by cursor, answers as views."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, func, or_, select, text

from alerts import clocks
from alerts.facts import facts_of
from alerts.practice import Practice
from alerts.rounds import contract_of
from alerts.views import (
    AlertView,
    EntryView,
    IncidentDetail,
    IncidentView,
    NextView,
    alert_view,
    attached_view,
    clock_view,
    contract_view,
    delivery_view,
    entry_view,
    incident_view,
)
from hub.errors import BadQuery
from hub.model import LEVELS, Condition
from storage.records import alerts, attached, incidents, notices, timers
from storage.records.page import Page, check_limit, decode_cursor, encode_cursor, paged
from storage.records.rows import AlertRow, IncidentRow
from storage.records.tables import alert, incident

Order = Literal["newest", "worst", "open"]
"""The newest first; or the worst first, among them the newest; or what is open first, among it the newest."""


_SEARCHED: Final = (incident.c.number, incident.c.text, incident.c.device, incident.c.area, incident.c.owner)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts; times half-open [from_, to) over `breach_start`, epoch ms.

    `open`: only those not cleared. Episodes that never fired and are over are left out unless `unfired`.
    """

    condition: str | None = None
    level: int | None = None
    department: str | None = None
    kind: str | None = None
    device: str | None = None
    property: str | None = None
    incident: str | None = None
    from_: int | None = None
    to: int | None = None
    open: bool = False
    unfired: bool = False


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents; times half-open [from_, to) over `opened`, epoch ms; `open`: only those not ended.

    `states` is any of them; `q` is found in the number, the text, the place or the owner.
    """

    state: str | None = None
    states: tuple[str, ...] = ()
    level: int | None = None
    type: str | None = None
    area: str | None = None
    owner: str | None = None
    q: str | None = None
    department: str | None = None
    kind: str | None = None
    device: str | None = None
    from_: int | None = None
    to: int | None = None
    open: bool = False


def list_alerts(
    tx: Connection, wanted: AlertFilter, *, limit: int = 100, cursor: str | None = None, order: Order = "newest"
) -> Page[AlertView]:
    """Alerts, newest first, or the worst first and among them the newest.

    Raises:
        BadQuery: a filter, the limit or the cursor cannot be one.
    """
    if wanted.condition is not None and wanted.condition not in set(Condition):
        raise BadQuery("condition", ", ".join(Condition))
    query = _filtered(select(alert), alert, wanted, ("condition", "property", "incident"), "breach_start")
    if wanted.open:
        query = query.where(text("condition <> 'cleared'"))
    if not wanted.unfired:
        query = query.where(or_(alert.c.fired.is_not(None), alert.c.condition != "cleared"))
    rows = list(tx.execute(_ordered(query, alert, "breach_start", order, limit, cursor)))
    page = paged(rows, limit, lambda row: _cursor(row, "breach_start", order))
    return Page([alert_view(AlertRow(*row)) for row in page.items], page.next)


def list_incidents(
    tx: Connection, wanted: IncidentFilter, *, limit: int = 100, cursor: str | None = None, order: Order = "newest"
) -> Page[IncidentView]:
    """Incidents in an order of `Order`.

    Raises:
        BadQuery: a filter, the limit or the cursor cannot be one.
    """
    whole = replace(wanted, device=None)
    query = _filtered(select(incident), incident, whole, ("state", "type", "area", "owner"), "opened")
    if wanted.device is not None:
        # An incident is about every device that has an alert in it.
        has = select(alert.c.incident).where(alert.c.device == wanted.device)
        if wanted.department is not None:
            has = has.where(alert.c.department == wanted.department)
        query = query.where(or_(incident.c.device == wanted.device, incident.c.id.in_(has)))
    if wanted.states:
        query = query.where(incident.c.state.in_(wanted.states))
    if wanted.open:
        query = query.where(text("open"))
    if wanted.q:
        query = query.where(or_(*(column.icontains(wanted.q, autoescape=True) for column in _SEARCHED)))
    rows = list(tx.execute(_ordered(query, incident, "opened", order, limit, cursor)))
    page = paged(rows, limit, lambda row: _cursor(row, "opened", order))
    return Page([incident_view(IncidentRow(*row)) for row in page.items], page.next)


def get_alert(tx: Connection, alert_id: str) -> AlertView | None:
    """One alert, None when there is none."""
    row = alerts.get(tx, alert_id)
    return None if row is None else alert_view(row)


def get_incident(tx: Connection, incident_id: str) -> IncidentView | None:
    """One incident by id or number, None when there is none."""
    row = incidents.get(tx, incident_id)
    return None if row is None else incident_view(row)


def get_detail(
    tx: Connection, incident_id: str, *, practice: Practice | None = None, at: int = 0
) -> IncidentDetail | None:
    """One incident with all that belongs to it as it stands at `at` (epoch ms), None when there is none."""
    row = incidents.get(tx, incident_id)
    if row is None:
        return None
    sent = notices.of_incident(tx, row.id)
    tries = notices.attempts(tx, [each.id for each in sent])
    return IncidentDetail(
        incident=incident_view(row),
        alerts=[alert_view(each) for each in alerts.of_incident(tx, row.id)],
        log=log_of(tx, row.id),
        deliveries=[delivery_view(each, tries[each.id]) for each in sent],
        evidence=[attached_view(each) for each in attached.of(tx, row.id)],
        contract=contract_view(contract_of(row), facts_of(tx, row, practice or Practice(), at)),
        clocks=[clock_view(each) for each in clocks.read(row, at)],
        next=[NextView(each.name, each.at) for each in timers.of(tx, row.id)],
        merged=incidents.merged_into(tx, row.id),
    )


def log_of(tx: Connection, incident_id: str) -> list[EntryView]:
    """The log of an incident by id, in order."""
    return [entry_view(entry) for entry in incidents.log(tx, incident_id)]


def open_counts(tx: Connection) -> dict[int, int]:
    """How many open incidents there are of each level."""
    query = select(incident.c.level, func.count()).where(text("open")).group_by(incident.c.level)
    return {int(level): int(count) for level, count in tx.execute(query)}


def _filtered(
    query: Select[Any], table: Table, wanted: AlertFilter | IncidentFilter, own: tuple[str, ...], time: str
) -> Select[Any]:
    if wanted.level is not None and wanted.level not in LEVELS:
        raise BadQuery("level", "1 to 4")
    for name in ("level", "department", "kind", "device", *own):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(table.c[name] == value)
    if wanted.from_ is not None:
        query = query.where(table.c[time] >= wanted.from_)
    if wanted.to is not None:
        query = query.where(table.c[time] < wanted.to)
    return query


def _ordered(query: Select[Any], table: Table, time: str, order: Order, limit: int, cursor: str | None) -> Select[Any]:
    if order == "worst":
        query = query.order_by(table.c.level)
    elif order == "open":
        query = query.order_by(table.c.open.desc())
    query = query.order_by(table.c[time].desc(), table.c.id)
    if cursor is not None:
        query = query.where(_after(table, time, order, cursor))
    return query.limit(check_limit(limit) + 1)


def _after(table: Table, time: str, order: Order, cursor: str) -> ColumnElement[bool]:
    first, moment, row_id = decode_cursor(cursor, int, int, str)
    older = or_(table.c[time] < moment, and_(table.c[time] == moment, table.c.id > row_id))
    if order == "newest":
        return older
    if order == "worst":
        return or_(table.c.level > first, and_(table.c.level == first, older))
    # What is open comes before what is not: after an open one the older open ones, then everything that is not.
    return or_(~table.c.open, and_(table.c.open, older)) if first else and_(~table.c.open, older)


def _cursor(row: Row[Any], time: str, order: Order) -> str:
    first = 0 if order == "newest" else row.level if order == "worst" else int(row.open)
    return encode_cursor(first, getattr(row, time), row.id)
