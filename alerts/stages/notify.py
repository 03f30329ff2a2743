"""Stage 6: all of it is written down at once: the incident, its log, its evidence, the outbox, the timers and the feed."""

from dataclasses import replace

import msgspec
from sqlalchemy import Connection

from alerts.rounds import HELD_MS, set_timers
from alerts.states import UNTAKEN
from alerts.telling import MACHINE, Teller, told_facts
from alerts.work import Work
from hub.evidence import Evidence
from storage.records import alerts, attached, incidents
from storage.records.incidents import Entry
from storage.records.rows import IncidentRow


class Notify:
    """The only stage that writes; whoever calls commits."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work as it is written down."""
        pieces = _pieces(work)
        known = incidents.known(tx, work.incident.id) if pieces else set()
        fresh = [piece for piece in pieces if piece.sha256 not in known]
        entry = self._entry(work, fresh)
        new = work.incident
        row = incidents.add(tx, new, entry) if work.opens else incidents.change(tx, new, work.values, entry)
        if work.what == "fired":
            work = replace(work, alert=alerts.belong(tx, work.alert, row.id))
        self._keep(tx, work, row, fresh)
        self._teller.tell(tx, work.plans, row, at=work.recorded, alert=work.alert)
        self._teller.show_incident(tx, row, work.kind, at=work.recorded)
        self._set_timers(tx, work, row)
        return replace(work, row=row)

    def _entry(self, work: Work, fresh: list[Evidence]) -> Entry:
        alert = work.alert
        said = {name: getattr(alert, name) for name in ("id", "n", "condition", "level")} | {"hash": alert.log_hash}
        facts: dict[str, object] = {"alert": said, **told_facts(work.plans)}
        if work.quiet:
            facts["quiet"] = work.quiet
        if fresh:
            facts["evidence"] = [attached.fact(piece, *_place(work)) for piece in fresh]
        return Entry(work.kind, MACHINE, work.transition.at, work.recorded, facts=facts)

    def _keep(self, tx: Connection, work: Work, row: IncidentRow, fresh: list[Evidence]) -> None:
        lon, lat = _place(work)
        for piece in fresh:
            attached.keep(tx, row.id, piece, by=MACHINE, at=work.recorded, lon=lon, lat=lat)

    def _set_timers(self, tx: Connection, work: Work, row: IncidentRow) -> None:
        wanted = dict(work.timers)
        if work.quiet and row.level < row.told_level:
            wanted["held"] = work.recorded + HELD_MS
        begins = {"incident.opened", "incident.reopened"}
        for plan in work.plans:
            if plan.occasion.type in begins and plan.next_at is not None and row.state in UNTAKEN:
                wanted["escalate"] = plan.next_at
        set_timers(tx, row, wanted)


def _pieces(work: Work) -> list[Evidence]:
    """What the alert shows: with the first change everything it has so far, later what is new."""
    if work.what == "fired":
        return msgspec.json.decode(work.alert.evidence, type=list[Evidence])
    return list(work.transition.evidence)


def _place(work: Work) -> tuple[float | None, float | None]:
    device = work.matter.device
    return (None, None) if device is None else (device.lon, device.lat)
