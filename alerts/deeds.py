"""What each action of a person changes of an incident, or why it cannot be done; the desk writes it down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection

from alerts import clocks, rounds, states
from alerts.contracts import by_hand, metres, missing
from alerts.errors import NotAllowed
from alerts.facts import facts_of
from alerts.given import Given
from alerts.rounds import WORK_TIMERS, clock_timers, contract_of
from alerts.states import ACKNOWLEDGED, DETECTED, SOLVED, Move
from alerts.telling import Teller
from storage.records import alerts, attached, incidents
from storage.records.rows import IncidentRow

DAY_MS: Final = 86_400_000
OTHER: Final = "other"
"""The cause code of a false alarm where the officer names none."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written down: the word of the log, what changes, why whoever was told hears of it, what the log says more."""

    kind: str
    values: Mapping[str, Any] = field(default_factory=dict)
    tells: str | None = None
    timers: Mapping[str, int | None] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)

    def after(self, row: IncidentRow) -> IncidentRow:
        """The incident as it will stand."""
        return replace(row, **self.values)


Does = Callable[[Teller, Connection, IncidentRow, Given], Deed]

_NO_WORK: Final = dict.fromkeys(WORK_TIMERS)


def verify(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """It is real; the plan of escalation goes on until somebody takes it on."""
    del teller, tx
    to = _go(row, "verify")
    return Deed("verified", {"state": to, "verified": given.done}, timers={"late:verify": None, "self-clear": None})


def reject(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """It was a false alarm; `reason` says how that is known, `cause_code` what it was."""
    del tx
    to = _go(row, "reject", needs=() if given.reason.strip() else ("a reason",))
    values = {**_ended(teller, given, to), "verdict": "false", "cause_code": given.cause_code or OTHER}
    return Deed("rejected", values, "incident.solved")


def acknowledge(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """Somebody has seen it and takes it on, for as long as an acknowledgement holds."""
    del tx
    if row.state == ACKNOWLEDGED:
        raise NotAllowed(f"incident {row.number} is {row.state} by {row.acknowledged_by}")
    to = _go(row, "acknowledge")
    values = {"state": to, **_taken_on(row, given), "ack_until": given.done + _holds_ms(teller, row)}
    return Deed("acknowledged", values, "incident.acknowledged", _NO_WORK | _reminders(teller, row, given))


def acknowledged_again(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed | None:
    """The same person once more: a double click changes nothing, later it confirms; None when it is no second time."""
    del tx
    if row.state != ACKNOWLEDGED or row.acknowledged_by != given.actor:
        return None
    holds = _holds_ms(teller, row)
    if row.ack_until is None or given.at < row.ack_until - holds // 2:
        return Deed("")
    return Deed("confirmed", {"ack_until": given.at + holds}, timers=_reminders(teller, row, given))


def assign(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """Somebody is sent, a person or a unit; whoever sends has verified it and taken it on."""
    del tx
    owner, kind = (given.person, "person") if given.person else (given.unit, "unit")
    to = _go(row, "assign", needs=() if owner else ("a person or a unit",))
    arrive_by = given.done + teller.practice.budgets[row.level].arrive_s * 1000
    values: dict[str, Any] = {"state": to, "owner": owner, "owner_kind": kind, "dispatched": given.done}
    values |= {"arrive_by": arrive_by, "ack_until": None, "arrived": None}
    tells = None
    if row.acknowledged is None:
        values |= _taken_on(row, given)
        tells = "incident.acknowledged"
    deed = Deed("dispatched", values, tells, facts={"owner": owner, "owner_kind": kind})
    return replace(deed, timers=_NO_WORK | clock_timers(deed.after(row)))


def decline(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """Whoever was sent cannot go; the officer sends somebody else."""
    to = _go(row, "decline", needs=() if given.reason.strip() else ("a reason",))
    del tx
    values: dict[str, Any] = {"state": to, "owner": None, "owner_kind": None, "dispatched": None, "arrive_by": None}
    values["ack_until"] = given.done + _holds_ms(teller, row)
    return Deed("declined", values, timers={"late:arrive": None, **_reminders(teller, row, given)})


def check_in(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """They are there: inside the geofence, or by hand with a reason."""
    del tx
    away = _away_m(row, given)
    fence = teller.practice.numbers.geofence_m
    inside = away is not None and away - min(given.accuracy_m, fence) <= fence
    needs = () if inside or given.reason.strip() else (_outside(row, away, fence),)
    to = _go(row, "check-in", needs=needs)
    owner = {"owner": given.actor, "owner_kind": "person"} if row.owner is None else {}
    values = {"state": to, "arrived": given.done, "ack_until": None, **owner}
    place = {"lon": given.lon, "lat": given.lat, "accuracy_m": given.accuracy_m} if given.lon is not None else {}
    facts = {**place, "away_m": None if away is None else round(away), "by_hand": not inside}
    return Deed("on_site", values, timers={"late:arrive": None, "ack-expires": None, "ack-remind": None}, facts=facts)


def deliver(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """The work is done: what the contract wants of people is there, and machines watch whether it holds."""
    code = given.cause_code or row.cause_code
    said = replace(row, resolution=given.text or row.resolution, cause_code=code)
    facts = facts_of(tx, said, teller.practice, given.at)
    known = incidents.known(tx, row.id)
    needs = tuple(f"evidence {each[:12]} is not attached" for each in given.evidence if each not in known)
    to = _go(row, "deliver", needs=(*needs, *missing(by_hand(contract_of(row)), replace(facts, flaps=0))))
    values = {"state": to, "delivered": given.done, "resolution": said.resolution, "cause_code": said.cause_code}
    timers = {}
    if alerts.worst(tx, row.id) is None:
        values["watch_until"] = timers["watch"] = rounds.watched_until(row, given.at)
    return Deed("delivered", values, timers=timers, facts={"evidence": list(given.evidence)} if given.evidence else {})


def note(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """Write something down."""
    del teller, tx
    _go(row, "note", needs=() if (given.reason or given.text).strip() else ("a text",))
    return Deed("note")


def close(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """The work is done and proven: allowed once it was taken on and its closing contract holds, or by a leader."""
    override = given.override and given.leads
    _still_open(row)
    said = replace(
        row, cause_code=given.cause_code or row.cause_code, resolution=row.resolution or given.text or given.reason
    )
    needs = () if row.state == SOLVED else missing(contract_of(row), facts_of(tx, said, teller.practice, given.at))
    if given.override and not given.leads:
        needs = (*needs, "a leader: only one may close it against its contract")
    to = _go(row, "close", needs=needs, override=override)
    if not given.reason.strip():
        raise NotAllowed("a reason is needed", ("a reason",))
    forced = override and not isinstance(states.move(row.state, "close", needs), Move)
    values = {**_ended(teller, given, to), "verdict": row.verdict or "true", "overridden": forced}
    values |= {"cause_code": said.cause_code, "resolution": said.resolution}
    values["solved"] = row.solved if row.solved is not None or forced else given.done
    facts = {"override": True, "missing": list(needs)} if forced else {}
    return Deed("closed", values, "incident.solved", facts=facts)


def reopen(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """The work was not done: it begins again in a new round."""
    if row.open:
        raise NotAllowed(f"incident {row.number} is open")
    _go(row, "reopen", needs=() if given.reason.strip() else ("a reason",))
    if (other := incidents.open_for(tx, row.group_key)) is not None:
        raise NotAllowed(f"incident {other.number} is open for the same target")
    worst = alerts.worst(tx, row.id)
    level = row.level if worst is None else worst
    values = rounds.begun(teller.practice, row, DETECTED, level, given.at) | {"owner": None, "owner_kind": None}
    values["count"] = len(alerts.of_incident(tx, row.id))
    deed = Deed("reopened", values, "incident.reopened")
    return replace(deed, timers=clock_timers(deed.after(row)))


def merge(teller: Teller, tx: Connection, row: IncidentRow, given: Given) -> Deed:
    """It is the same as another: both numbers stay valid, the work goes on under the other, the earlier clocks win."""
    root = None if given.into is None else incidents.get(tx, given.into)
    needs: tuple[str, ...] = ()
    if root is None or root.id == row.id or not root.open:
        needs = ("another incident that is open, as `into`",)
    elif root.department != row.department:
        needs = (f"an incident of {row.department}",)
    to = _go(row, "merge", needs=needs)
    assert root is not None
    moved = alerts.move(tx, row.id, root.id)
    for piece in attached.of(tx, row.id):
        attached.keep(tx, root.id, piece.evidence, by=piece.added_by, at=piece.added, lon=piece.lon, lat=piece.lat)
    level = min(root.level, row.level)
    values: dict[str, Any] = {"count": root.count + row.count, "level": level, **clocks.earliest(root, row)}
    values |= {"max_level": min(root.max_level, row.max_level), "told_level": min(root.told_level, row.told_level)}
    facts = {"merged": row.number, "alerts": moved}
    entry = incidents.Entry("merged", given.actor, given.done, given.at, given.reason, facts)
    teller.show_incident(tx, incidents.change(tx, root, values, entry), "merged", at=given.at)
    ended = {**_ended(teller, given, to), "root": root.id, "verdict": "duplicate"}
    return Deed("merged", ended, facts={"into": root.number})


DEEDS: Final[Mapping[str, Does]] = {
    "verify": verify,
    "reject": reject,
    "acknowledge": acknowledge,
    "assign": assign,
    "decline": decline,
    "check-in": check_in,
    "deliver": deliver,
    "note": note,
    "close": close,
    "reopen": reopen,
    "merge": merge,
}
"""Every action by its word in the interface."""


def _go(row: IncidentRow, act: str, needs: tuple[str, ...] = (), *, override: bool = False) -> str:
    """The state after the act.

    Raises:
        NotAllowed: the arrow does not exist or cannot be taken.
    """
    to = states.move(row.state, act, needs, override=override)
    if isinstance(to, Move):
        return to.to
    if to.missing and needs and to.missing == needs and len(needs) == 1 and act not in ("close", "deliver", "merge"):
        raise NotAllowed(f"{needs[0]} is needed", needs)
    if to.missing:
        raise NotAllowed(f"incident {row.number} is {row.state}; {act} is not possible yet", to.missing)
    raise NotAllowed(f"incident {row.number} is {row.state}")


def _still_open(row: IncidentRow) -> None:
    if not row.open and row.state != SOLVED:
        raise NotAllowed(f"incident {row.number} is {row.state}")


def _ended(teller: Teller, given: Given, state: str) -> dict[str, Any]:
    keep = given.at + teller.practice.numbers.keep_days * DAY_MS
    ended = {"state": state, "open": False, "closed": given.done, "closed_by": given.actor, "reason": given.reason}
    return {
        **ended,
        "retention_until": keep,
        "ack_until": None,
        "watch_until": None,
        "latched": False,
        "reopen_until": None,
    }


def _taken_on(row: IncidentRow, given: Given) -> dict[str, Any]:
    verified = given.done if row.verified is None else row.verified
    return {"acknowledged": given.done, "acknowledged_by": given.actor, "verified": verified}


def _holds_ms(teller: Teller, row: IncidentRow) -> int:
    return teller.practice.budgets[row.level].ack_ttl_s * 1000


def _reminders(teller: Teller, row: IncidentRow, given: Given) -> dict[str, int | None]:
    holds = _holds_ms(teller, row)
    met: dict[str, int | None] = dict.fromkeys(("late:verify", "late:ack"))
    return {**met, "ack-remind": given.done + holds // 2, "ack-expires": given.done + holds}


def _away_m(row: IncidentRow, given: Given) -> float | None:
    if None in (row.lon, row.lat, given.lon, given.lat):
        return None
    return metres(given.lon or 0.0, given.lat or 0.0, row.lon or 0.0, row.lat or 0.0)


def _outside(row: IncidentRow, away: float | None, fence: float) -> str:
    if row.lon is None:
        return "a reason: the register does not say where the place is"
    said = "" if away is None else f" (it is {away:.0f} m away)"
    return f"a position within {fence:g} m of the place{said}, or a reason"
