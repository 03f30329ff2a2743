"""Stage 3: the incident that the alert belongs to, and what the alert changes of it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from alerts import clocks, rounds
from alerts.grouping import home_of
from alerts.states import DETECTED, VERIFIED
from alerts.telling import Teller
from alerts.work import Work
from storage.records import alerts, incidents
from storage.records.rows import IncidentRow


class Group:
    """One place and one cause is one incident; in a storm a department is."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._practice = teller.practice

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work with its incident, and what it changes of it."""
        if work.alert.incident is not None:
            row = incidents.get(tx, work.alert.incident)
            if row is None:
                raise LookupError(work.alert.incident)
            return self._moves(tx, replace(work, row=row))
        numbers = self._practice.numbers
        home = home_of(
            tx, work.alert, work.matter, at=work.transition.at, storm_ms=numbers.storm_s * 1000, storm=numbers.storm
        )
        return self._opens(tx, work, home) if isinstance(home, str) else self._joins(tx, work, home)

    def _opens(self, tx: Connection, work: Work, key: str) -> Work:
        row = self._row(tx, work, key)
        started: dict[str, Any] = clocks.started(self._practice.budgets, row.level, work.recorded)
        row = replace(row, **started)
        row = replace(row, plan=msgspec.json.encode(self._teller.escalation.plan_for(tx, row)).decode())
        return replace(work, row=row, opens=True, kind="opened", timers=rounds.clock_timers(row))

    def _row(self, tx: Connection, work: Work, key: str) -> IncidentRow:
        """The incident of its first alert, before its clocks and its plan."""
        alert, matter = work.alert, work.matter
        number, day, day_n = self._number(tx, work.transition.received)
        verified = alert.level in self._practice.numbers.auto_verify
        type_ = "storm" if key.startswith("storm/") else matter.type
        return IncidentRow(
            id=hashlib.sha256(f"incident\0{alert.id}".encode()).hexdigest()[:24],
            number=number,
            day=day,
            day_n=day_n,
            group_key=key,
            department=alert.department,
            kind=alert.kind,
            device=alert.device,
            property=alert.property,
            level=alert.level,
            max_level=alert.level,
            told_level=rounds.NOBODY if work.quiet else alert.level,
            opened=work.transition.at,
            changed=work.recorded,
            state=VERIFIED if verified else DETECTED,
            type=type_,
            text=alert.text,
            area=matter.section,
            lon=None if matter.device is None else matter.device.lon,
            lat=None if matter.device is None else matter.device.lat,
            contract=msgspec.json.encode(self._practice.contract(type_)).decode(),
            began=work.transition.at,
            count=1,
            verified=work.recorded if verified else None,
        )

    def _number(self, tx: Connection, received: int) -> tuple[str, int, int]:
        """The incident's number, its day (yyyymmdd in the site's zone) and its place in the day."""
        site = self._teller.site
        day = int(datetime.fromtimestamp(received // 1000, UTC).astimezone(site.zone).strftime("%Y%m%d"))
        day_n = incidents.next_of_day(tx, day)
        return f"{site.district}-{day}-{day_n}", day, day_n

    def _joins(self, tx: Connection, work: Work, row: IncidentRow) -> Work:
        """One more alert of an incident that is open, or that was solved and is opened again by it."""
        work = replace(work, row=row, kind="joined")
        return rounds.with_alert(self._practice, tx, replace(work, values={"count": row.count + 1}))

    def _moves(self, tx: Connection, work: Work) -> Work:
        """An alert changes that belongs to its incident already."""
        row = work.incident
        if work.what == "cleared":
            return rounds.with_clear(self._practice, tx, replace(work, kind="cleared"))
        if not row.open and work.alert.level < row.told_level:
            other = incidents.open_for(tx, row.group_key)
            if other is None:
                members = len(alerts.of_incident(tx, row.id))  # some may have left for another since
                return rounds.worse(self._practice, replace(work, values={"count": members}))
            return self._joins(tx, replace(work, what="fired"), other)  # it leaves the one that was ended
        unknown = work.before != work.alert.condition == "unknown"
        return rounds.with_alert(self._practice, tx, replace(work, kind="unknown" if unknown else "changed"))
