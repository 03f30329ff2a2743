"""Evidence of incidents: what was attached, by whom and where it was taken, and what must not be thrown away."""

from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, text, update

from hub.evidence import Evidence
from storage.records import incidents
from storage.records.incidents import Entry
from storage.records.tables import incident, incident_evidence

_OF: Final = (
    select(incident_evidence)
    .where(incident_evidence.c.incident == bindparam("b_incident"))
    .order_by(incident_evidence.c.added, incident_evidence.c.sha256)
)
_KNOWN: Final = select(incident_evidence.c.sha256).where(
    incident_evidence.c.incident == bindparam("b_incident"), incident_evidence.c.sha256 == bindparam("b_sha256")
)


@dataclass(frozen=True, slots=True)
class AttachedRow:
    """One piece of evidence of one incident; times epoch ms, lon/lat WGS-84, `body` the evidence as JSON."""

    incident: str
    sha256: str
    kind: str
    role: str
    media_type: str
    size: int
    captured: int | None
    lon: float | None
    lat: float | None
    device: str
    added_by: str
    added: int
    locked: bool
    body: str

    @property
    def evidence(self) -> Evidence:
        """The evidence itself."""
        return msgspec.json.decode(self.body, type=Evidence)


def attach(
    tx: Connection,
    incident_id: str,
    piece: Evidence,
    *,
    by: str,
    at: int,
    lon: float | None = None,
    lat: float | None = None,
    reason: str = "",
) -> bool:
    """Attach a stored piece of evidence, with a line in the incident's log; False when it was attached before.

    Raises:
        LookupError: there is no such incident.
    """
    row = incidents.get(tx, incident_id)
    if row is None:
        raise LookupError(incident_id)
    if not keep(tx, row.id, piece, by=by, at=at, lon=lon, lat=lat):
        return False
    facts = {"evidence": [fact(piece, lon, lat)]}
    incidents.change(tx, row, {}, Entry("evidence", by, at, at, reason, facts))
    return True


def keep(
    tx: Connection,
    incident_id: str,
    piece: Evidence,
    *,
    by: str,
    at: int,
    lon: float | None = None,
    lat: float | None = None,
) -> bool:
    """Attach without a line in the log, for a change that writes its own; False when it was attached before."""
    if tx.execute(_KNOWN, {"b_incident": incident_id, "b_sha256": piece.sha256}).first() is not None:
        return False
    said = {
        name: getattr(piece, name) for name in ("sha256", "kind", "role", "media_type", "size", "captured", "device")
    }
    place = {"lon": lon, "lat": lat}
    mine = {"incident": incident_id, "added_by": by, "added": at, "body": msgspec.json.encode(piece).decode()}
    tx.execute(insert(incident_evidence), {**said, **place, **mine})
    return True


def fact(piece: Evidence, lon: float | None = None, lat: float | None = None) -> dict[str, object]:
    """What the incident's log says of a piece: enough to find it again and to prove it."""
    said = {name: getattr(piece, name) for name in ("sha256", "kind", "role", "size", "captured")}
    return said if lon is None else {**said, "lon": lon, "lat": lat}


def of(tx: Connection, incident_id: str) -> list[AttachedRow]:
    """The evidence of an incident by id, in the order in which it was attached."""
    return [AttachedRow(*row) for row in tx.execute(_OF, {"b_incident": incident_id})]


def locked(tx: Connection, *, at: int = 0) -> set[str]:
    """The SHA-256 of everything that must not expire: evidence of incidents that are open, may reopen, or are kept by law.

    `at` (epoch ms) is now: without it whatever has a term of keeping counts as kept.
    """
    query = select(incident_evidence.c.sha256).join(incident, incident.c.id == incident_evidence.c.incident)
    held = or_(incident.c.open, incident.c.state == "solved", incident.c.retention_until > at)
    return set(tx.execute(query.where(incident_evidence.c.locked, held)).scalars())


def unlock(tx: Connection, incident_id: str) -> int:
    """Let the evidence of an incident go; how many pieces that were."""
    query = update(incident_evidence).where(incident_evidence.c.incident == incident_id, text("locked"))
    return tx.execute(query.values(locked=False)).rowcount
