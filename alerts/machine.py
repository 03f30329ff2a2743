"""What time alone does to incidents: the handlers of their timers, each in one transaction with all that follows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from alerts import clocks, rounds, states
from alerts.contracts import missing
from alerts.escalation import Step
from alerts.facts import facts_of, flaps_of
from alerts.pipeline import Occasion
from alerts.quiet import quiet_of, untold
from alerts.silences import words_of_incident
from alerts.states import ACKNOWLEDGED, UNTAKEN, Move
from alerts.telling import MACHINE, Teller, told_facts
from alerts.timers import Handler
from storage.records import alerts, incidents, silences, timers
from storage.records.incidents import Entry
from storage.records.rows import IncidentRow
from storage.records.timers import TimerRow

LOOK_MS: Final = 60_000
"""How often it is looked whether a contract holds now that did not."""

DAY_MS: Final = 86_400_000


class Machine:
    """The arrows that machines take by themselves, and what people are told again."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def handlers(self) -> dict[str, Handler]:
        """The handlers by the name of their timer."""
        return {
            "self-clear": self.self_clear,
            "watch": self.watch,
            "ack-remind": self.ack_remind,
            "ack-expires": self.ack_expires,
            "late": self.late,
            "escalate": self.escalate,
            "held": self.held,
            "silence-end": self.silence_end,
            "digest": self.digest,
            "unlatch": self.unlatch,
        }

    def self_clear(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """All alerts cleared and nobody looked in the meantime: it ends by itself."""
        row = incidents.get(tx, timer.incident)
        if row is None or row.latched or alerts.worst(tx, row.id) is not None:
            return
        to = states.move(row.state, "cleared")
        if isinstance(to, Move):
            keep = now + self._teller.practice.numbers.keep_days * DAY_MS
            values = {"state": to.to, "open": False, "closed": now, "closed_by": MACHINE, "retention_until": keep}
            self._do(tx, row, "self_cleared", values, now, tells="incident.solved")

    def watch(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """The watch window passed clean: solved when the contract holds, looked at again when it does not yet."""
        row = incidents.get(tx, timer.incident)
        if row is None:
            return
        contract = rounds.contract_of(row)
        lacks = missing(contract, facts_of(tx, row, self._teller.practice, now))
        to = states.move(row.state, "proven", lacks)
        if isinstance(to, Move):
            until = now + int(contract.reopen_minutes * rounds.MINUTE)
            values = {"state": to.to, "open": False, "solved": now, "verdict": "true", "watch_until": None}
            self._do(tx, row, "solved", values | {"reopen_until": until}, now, tells="incident.solved")
        elif row.open and alerts.worst(tx, row.id) is None:
            timers.put(tx, row.id, "watch", now + LOOK_MS)

    def ack_remind(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """Half of the acknowledgement's time is over and nobody was sent: whoever took it on is reminded."""
        row = incidents.get(tx, timer.incident)
        if row is not None and row.state == ACKNOWLEDGED:
            self._do(tx, row, "reminded", {}, now, tells="incident.reminder", cause=f"ack {row.ack_until}")

    def ack_expires(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """The acknowledgement was not confirmed: the plan goes on at the step where it stood."""
        row = incidents.get(tx, timer.incident)
        to = None if row is None else states.move(row.state, "ack-expired")
        if row is None or not isinstance(to, Move):
            return
        fresh = {"acknowledged": None, "acknowledged_by": None, "ack_until": None}
        ack_by = now + self._teller.practice.budgets[row.level].ack_s * 1000
        values = {"state": to.to, **fresh, "ack_by": ack_by}
        again = {"escalate": now, "late:ack": ack_by}
        self._do(tx, row, "ack_expired", values, now, tells="incident.reminder", cause=f"lapse {now}", sets=again)

    def late(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """A clock ran out before its step was done: the log says so, and everybody sees it."""
        name = timer.name.partition(":")[2]
        row = incidents.get(tx, timer.incident)
        if row is None or not row.open or getattr(row, clocks.MET[name]) is not None:
            return
        by = getattr(row, f"{name}_by")
        if by is not None and by <= now:
            self._do(tx, row, "late", {}, now, facts={"clock": name, "by": by})

    def escalate(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """Nobody took it on: the next step of its plan."""
        row = incidents.get(tx, timer.incident)
        if row is None or row.state not in UNTAKEN:
            return
        if quiet := quiet_of(tx, row, now):
            timers.put(tx, row.id, "escalate", now + rounds.HELD_MS, {"quiet": quiet})
            return
        step = self._teller.escalation.step(tx, row, row.step + 1, now)
        if not step.recipients and step.next_at is None:
            return
        sets = {"escalate": step.next_at} if step.next_at is not None else {}
        cause = f"round {row.round} step {row.step + 1}"
        values = {"step": row.step + 1}
        self._do(tx, row, "escalated", values, now, tells="incident.escalated", cause=cause, sets=sets, step=step)

    def held(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """What was kept quiet is told as soon as nothing keeps it so."""
        row = incidents.get(tx, timer.incident)
        if row is not None and row.open and not self._release(tx, row, now):
            timers.put(tx, row.id, "held", now + rounds.HELD_MS)

    def silence_end(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """A silence ended: whatever it covered and is still wrong is told at once."""
        ended = silences.get(tx, timer.name.partition(":")[2])
        if ended is None:
            return
        silences.end(tx, ended.id, by=MACHINE, at=now)
        for row in incidents.opened(tx):
            worst = alerts.worst(tx, row.id)
            covered = ended.covers(words_of_incident(row), row.level) and row.state in UNTAKEN
            if worst is not None and worst < row.told_level:
                self._release(tx, row, now)
            elif worst is not None and covered and not quiet_of(tx, row, now):
                self._do(tx, row, "reminded", {}, now, tells="incident.reminder", cause=f"silence {ended.id}")

    def digest(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """Many alerts of one incident, said in one notice; again after a while when there are more by then."""
        row = incidents.get(tx, timer.incident)
        if row is None or not row.open or quiet_of(tx, row, now):
            return
        if row.count != timer.said.get("count"):
            cause = f"round {row.round} count {row.count}"
            self._do(tx, row, "digest", {}, now, tells="incident.digest", cause=cause, facts={"count": row.count})
            later = now + self._teller.practice.numbers.digest_s * 1000
            timers.put(tx, row.id, "digest", later, {"count": row.count})

    def unlatch(self, tx: Connection, timer: TimerRow, now: int) -> None:
        """What kept coming back has been quiet: the incident may end like any other."""
        row = incidents.get(tx, timer.incident)
        if row is None or not row.latched or not row.open:
            return
        quiet_ms = self._teller.practice.numbers.quiet_s * 1000
        flaps = flaps_of(tx, row, self._teller.practice, now)
        sets = {}
        if alerts.worst(tx, row.id) is None and row.state == states.DETECTED:
            sets["self-clear"] = now + self._teller.practice.numbers.self_clear_s * 1000
        facts = {"quiet_ms": quiet_ms, "flaps": flaps}
        self._do(tx, row, "quiet", {"latched": False}, now, sets=sets, facts=facts)

    def _release(self, tx: Connection, row: IncidentRow, now: int) -> bool:
        """Tell of what people do not know yet, if nothing keeps it quiet any more; True when there is nothing left."""
        worst = alerts.worst(tx, row.id)
        if worst is None or worst >= row.told_level:
            return True  # it is over; what was never told need not be
        if quiet_of(tx, row, now):
            return False
        values = {"told_level": worst, "level": worst, "max_level": min(row.max_level, worst)}
        cause = f"round {row.round}" if row.told_level == rounds.NOBODY else f"round {row.round} level {worst}"
        tells = "incident.opened" if row.told_level == rounds.NOBODY else "incident.raised"
        self._do(tx, row, "told", values, now, tells=tells, cause=cause, sets={"held": None})
        return True

    def _do(
        self,
        tx: Connection,
        row: IncidentRow,
        kind: str,
        values: Mapping[str, Any],
        now: int,
        *,
        tells: str | None = None,
        cause: str = "",
        sets: Mapping[str, int | None] | None = None,
        facts: Mapping[str, object] | None = None,
        step: Step | None = None,
    ) -> None:
        """Change, log, tell, set the timers, show."""
        occasions = []
        if tells is not None:
            occasions = [Occasion(tells, row.department, row.level, cause or f"round {row.round}")]
        after = replace(row, **values)
        plans = self._teller.plans(tx, after, occasions, at=now, quiet=untold(after), step=step)
        entry = Entry(kind, MACHINE, now, now, facts={**(facts or {}), **told_facts(plans)})
        changed = incidents.change(tx, row, values, entry)
        self._teller.tell(tx, plans, changed, at=now)
        wanted = dict(sets or {})
        begins = plans and plans[0].next_at is not None and changed.state in UNTAKEN
        if kind == "told" and begins and timers.get(tx, row.id, "escalate") is None:
            wanted["escalate"] = plans[0].next_at
        rounds.set_timers(tx, changed, wanted)
        self._teller.show_incident(tx, changed, kind, at=now)
