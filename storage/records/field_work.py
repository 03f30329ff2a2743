"""Links to tasks, what was done by them, and reports by people, as rows."""

from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, func, insert, select, text, update

from storage.records.rows import IncidentRow
from storage.records.tables import incident, link_key, report, task_action, task_link

# Both engines speak this; of two tries at once the second waits for the first, and then finds its row.
_BEGIN: Final = text(
    "INSERT INTO task_action (link, key, action, request, done, taken)"
    " VALUES (:link, :key, :action, :request, :done, :taken) ON CONFLICT (link, key) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that links are signed with; `secret` is hexadecimal."""

    id: str
    secret: str
    created: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link of one person to one incident; times epoch ms."""

    id: str
    incident: str
    person: str
    key: str
    issued: int
    expires: int
    opened: int | None = None
    acted: int | None = None
    revoked: int | None = None
    revoked_by: str = ""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What was done by a link, once a key; `done` is the phone's time, `taken` the hub's, `answer` JSON text."""

    link: str
    key: str
    action: str
    request: str
    done: int
    taken: int
    answer: str = "{}"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What somebody reported; `reporter` and `phone` are for those only who work on the incident."""

    id: str
    incident: str
    source: str
    outside: str | None
    department: str
    type: str
    text: str
    place: str
    lon: float | None
    lat: float | None
    reporter: str
    phone: str
    seen: int
    received: int
    taken_by: str


def newest_key(tx: Connection) -> KeyRow | None:
    """The key that new links are signed with."""
    row = tx.execute(select(link_key).order_by(link_key.c.created.desc(), link_key.c.id).limit(1)).one_or_none()
    return None if row is None else KeyRow(*row)


def key(tx: Connection, key_id: str) -> KeyRow | None:
    """The key of this name."""
    row = tx.execute(select(link_key).where(link_key.c.id == key_id)).one_or_none()
    return None if row is None else KeyRow(*row)


def add_key(tx: Connection, row: KeyRow) -> None:
    """Keep a new key; links signed with older ones go on until they expire."""
    tx.execute(insert(link_key), asdict(row))


def link(tx: Connection, link_id: str) -> LinkRow | None:
    """The link of this name, however it stands."""
    row = tx.execute(select(task_link).where(task_link.c.id == link_id)).one_or_none()
    return None if row is None else LinkRow(*row)


def holding(tx: Connection, incident_id: str, person: str, *, until: int) -> LinkRow | None:
    """The link of this person to this incident that holds until `until` at least (epoch ms)."""
    query = select(task_link).where(task_link.c.incident == incident_id, task_link.c.person == person)
    query = query.where(task_link.c.expires >= until, task_link.c.revoked.is_(None))
    row = tx.execute(query.order_by(task_link.c.expires.desc(), task_link.c.id).limit(1)).one_or_none()
    return None if row is None else LinkRow(*row)


def of_incident(tx: Connection, incident_id: str) -> list[LinkRow]:
    """Every link to the incident, oldest first."""
    query = select(task_link).where(task_link.c.incident == incident_id)
    return [LinkRow(*row) for row in tx.execute(query.order_by(task_link.c.issued, task_link.c.id))]


def add_link(tx: Connection, row: LinkRow) -> None:
    """Keep a new link."""
    tx.execute(insert(task_link), asdict(row))


def opened(tx: Connection, link_id: str, *, at: int) -> bool:
    """Note that the page was opened; False when it was before."""
    where = (task_link.c.id == link_id, task_link.c.opened.is_(None))
    return bool(tx.execute(update(task_link).where(*where).values(opened=at)).rowcount)


def acted(tx: Connection, link_id: str, *, at: int) -> bool:
    """Note that something was done; False when it was before. Who acts has read."""
    values = {"acted": at, "opened": func.coalesce(task_link.c.opened, at)}
    where = (task_link.c.id == link_id, task_link.c.acted.is_(None))
    return bool(tx.execute(update(task_link).where(*where).values(values)).rowcount)


def revoke(tx: Connection, incident_id: str, person: str | None = None, *, actor: str, at: int) -> int:
    """End the links to an incident (of one person, when one is named); how many that were."""
    where = [task_link.c.incident == incident_id, task_link.c.revoked.is_(None)]
    if person is not None:
        where.append(task_link.c.person == person)
    return tx.execute(update(task_link).where(*where).values(revoked=at, revoked_by=actor)).rowcount


def begin_action(tx: Connection, row: ActionRow) -> ActionRow | None:
    """None to go on, or what was done with this key before."""
    if tx.execute(_BEGIN, asdict(row)).rowcount:
        return None
    where = (task_action.c.link == row.link, task_action.c.key == row.key)
    return ActionRow(*tx.execute(select(task_action).where(*where)).one())


def end_action(tx: Connection, row: ActionRow, answer: str) -> None:
    """Keep what was answered."""
    where = (task_action.c.link == row.link, task_action.c.key == row.key)
    tx.execute(update(task_action).where(*where).values(answer=answer))


def actions(tx: Connection, link_id: str) -> list[ActionRow]:
    """What was done by a link, in the order it came."""
    query = select(task_action).where(task_action.c.link == link_id)
    return [ActionRow(*row) for row in tx.execute(query.order_by(task_action.c.taken, task_action.c.done))]


def add_report(tx: Connection, row: ReportRow) -> None:
    """Keep a report."""
    tx.execute(insert(report), asdict(row))


def report_of(tx: Connection, source: str, outside: str) -> ReportRow | None:
    """The report that a source gave this number."""
    row = tx.execute(select(report).where(report.c.source == source, report.c.outside == outside)).one_or_none()
    return None if row is None else ReportRow(*row)


def get_report(tx: Connection, report_id: str) -> ReportRow | None:
    """The report of this name."""
    row = tx.execute(select(report).where(report.c.id == report_id)).one_or_none()
    return None if row is None else ReportRow(*row)


def reports_of(tx: Connection, incident_id: str) -> list[ReportRow]:
    """The reports that made an incident, oldest first."""
    query = select(report).where(report.c.incident == incident_id)
    return [ReportRow(*row) for row in tx.execute(query.order_by(report.c.received, report.c.id))]


def open_since(tx: Connection, department: str, since: int) -> list[IncidentRow]:
    """The open incidents of a department that began since then (epoch ms), newest first."""
    query = select(incident).where(text("open"), incident.c.department == department, incident.c.opened >= since)
    return [IncidentRow(*row) for row in tx.execute(query.order_by(incident.c.opened.desc(), incident.c.id).limit(500))]
