"""Why somebody was, or was not, told of an incident: one sentence for every occasion, from what was written down then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from alerts.people.book import Book
from alerts.people.escalation import plan_of
from alerts.people.plan import Plan
from alerts.people.reasons import chinese
from storage.records import incidents, ladders, notices, people
from storage.records.ladders import LadderRow
from storage.records.rows import IncidentRow

_STATUS_ZH: Final = {
    "queued": "排队中",
    "sent": "已发出",
    "accepted": "通道已受理",
    "delivered": "已送达",
    "read": "已读",
    "acted": "已处置",
    "failed": "发送失败",
}
_STATES: Final = {"waiting": "queued", "sending": "sent", "gone": "failed"}
_TYPES_ZH: Final = {
    "incident.opened": "新事件",
    "incident.raised": "事件升级",
    "incident.reopened": "事件重新打开",
    "incident.escalated": "升级通知",
    "incident.reminder": "提醒",
    "incident.digest": "每日摘要",
    "incident.acknowledged": "事件已签收",
    "incident.solved": "事件已办结",
}


class Said(msgspec.Struct, frozen=True):
    """One occasion (`at` epoch ms, `type` why people were told): whether this person was, and how far it came, or why not."""

    at: int
    type: str
    told: bool
    status: str
    receiver: str
    answer: str
    en: str
    zh: str


class Rung(msgspec.Struct, frozen=True):
    """One notice to one person: how far it came (queued, sent, accepted, delivered, read, acted, failed), and when (epoch ms)."""

    person: str
    receiver: str
    channel: str
    type: str
    status: str
    at: int
    read: int | None
    acted: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known of one incident and one person."""

    book: Book
    incident: IncidentRow
    person: str
    plan: Plan | None
    areas: tuple[str, ...]
    notices: Sequence[Row[Any]]
    ladders: Sequence[LadderRow]
    opened: int | None
    acted: int | None


def explain(tx: Connection, book: Book, incident: IncidentRow, person: str) -> list[Said]:
    """Every occasion on which somebody might have told the person of the incident, in order."""
    plan, areas = plan_of(incident)
    opened, acted = people.opened(tx, incident.id).get(person, (None, None))
    own = [row for row in notices.of_incident(tx, incident.id) if row.person == person]
    rows = [row for row in ladders.of(tx, incident.id) if row.person == person]
    case = _Case(book, incident, person, plan, areas, own, rows, opened, acted)
    said = [each for entry in incidents.log(tx, incident.id) for each in _entry(case, entry)]
    return said or [_never(case)]


def rungs(tx: Connection, incident: str) -> list[Rung]:
    """How far each notice to each person came, in the order in which they were written."""
    opened = people.opened(tx, incident)
    found = []
    for row in notices.of_incident(tx, incident):
        if row.person is not None:
            read, acted = opened.get(row.person, (None, None))
            status = _status(row, read, acted)
            found.append(
                Rung(row.person, row.receiver, row.channel, row.type, status, row.created, read, acted, row.answer)
            )
    return found


def _status(row: Row[Any], read: int | None, acted: int | None) -> str:
    if acted is not None and acted >= row.created:
        return "acted"
    if read is not None and read >= row.created:
        return "read"
    return _STATES.get(row.state, str(row.state))


def _entry(case: _Case, entry: Row[Any]) -> Iterator[Said]:
    """What a line of the log says of the person; nothing where it told nobody."""
    facts: dict[str, Any] = msgspec.json.decode(entry.after)
    told, left_out = facts.get("told") or {}, facts.get("left_out") or {}
    types = dict.fromkeys((*told, *left_out))
    if entry.kind in ("fallback", "unreached") and facts.get("person") != case.person:
        return
    for type_ in types:
        mine = [row for row in case.notices if row.created == entry.recorded and row.type == type_]
        if mine:
            yield from (_told(case, row, entry.reason) for row in mine)
        elif type_ in notices.NEWS and type_.startswith("incident."):
            # How it goes on, and what another notice says too, is missed by nobody who was not told of it at all.
            yield _not_told(case, type_, entry, left_out.get(type_, {}), facts.get("quiet", ""))
    if entry.kind == "unreached":
        words = "every way was tried, none was answered", "所有通道均已试过，仍无回应"
        yield _said(case, entry.recorded, "incident.opened", words, status="failed")


def _told(case: _Case, row: Row[Any], why: str) -> Said:
    status = _status(row, case.opened, case.acted)
    answer = f" ({row.answer})" if row.answer else ""
    because, zh_because = (f", as {why}", f"（{chinese(why)}）") if why else ("", "")
    en = f"told by {row.receiver} ({row.channel}){because}: {status}{answer}"
    zh = f"已通过 {row.receiver}（{row.channel}）通知{zh_because}：{_STATUS_ZH.get(status, status)}{answer}"
    return _said(
        case, row.created, row.type, (en, zh), told=True, status=status, receiver=row.receiver, answer=row.answer
    )


def _not_told(case: _Case, type_: str, entry: Row[Any], left_out: Mapping[str, str], quiet: str) -> Said:
    why = left_out.get(case.person, "")
    if quiet:
        words = f"not told: {quiet}", f"未通知：{chinese(quiet)}"
    elif why:
        words = f"not told: {why}", f"未通知：{chinese(why)}"
        words = _later(case, entry.recorded, words)
    else:
        words = _not_meant(case, entry.recorded)
    return _said(case, entry.recorded, type_, words)


def _later(case: _Case, at: int, words: tuple[str, str]) -> tuple[str, str]:
    """For what waits: until when."""
    for row in case.ladders:
        if row.begun == at and row.state == "waiting" and row.due is not None:
            moment = _clock(case, row.due)
            return f"{words[0]}, until {moment}", f"{words[1]}，至 {moment}"
    return words


def _not_meant(case: _Case, at: int) -> tuple[str, str]:
    """The plan did not call them: who it did call then."""
    if case.person not in case.book.people:
        return f"not told: there is no person {case.person}", f"未通知：没有人员 {case.person}"
    if case.plan is None:
        return "not told: no plan was for this incident", "未通知：该事件没有适用的预案"
    words = [word for step in case.plan.steps for word in step.who]
    called = [word for word in words if case.person in case.book.meant(word, case.areas, at)]
    if called:
        number = next(n for n, step in enumerate(case.plan.steps, 1) if called[0] in step.who)
        return (
            f"not told yet: step {number} of plan {case.plan.id} had not come",
            f"尚未轮到：预案 {case.plan.id} 第 {number} 步未到",
        )
    listed = [word for word in words if case.person in _ever(case, word)]
    if listed:
        duty = ", ".join(case.book.meant(listed[0], case.areas, at)) or "-"
        return (
            f"not told: not on duty at {_clock(case, at)}; {listed[0]} was {duty}",
            f"未通知：{_clock(case, at)} 不当班；{listed[0]} 当时为 {duty}",
        )
    return f"not told: plan {case.plan.id} does not name them", f"未通知：预案 {case.plan.id} 不包含此人"


def _ever(case: _Case, word: str) -> frozenset[str]:
    kind, _, name = word.partition(":")
    roster = case.book.rosters.get(name.partition("/")[0]) if kind == "roster" else None
    return roster.people() if roster is not None else frozenset(case.book.meant(word, case.areas, 0))


def _never(case: _Case) -> Said:
    return _said(case, case.incident.opened, "incident.opened", _not_meant(case, case.incident.opened))


def _said(
    case: _Case,
    at: int,
    type_: str,
    words: tuple[str, str],
    *,
    told: bool = False,
    status: str = "",
    receiver: str = "",
    answer: str = "",
) -> Said:
    en, zh = words
    name = case.book.people.get(case.person)
    called, zh_called = (case.person, case.person) if name is None else (name.named("en"), name.named("zh"))
    event = _TYPES_ZH.get(type_, type_)
    return Said(at, type_, told, status, receiver, answer, f"{type_}: {called} {en}.", f"{event}：{zh_called}{zh}。")


def _clock(case: _Case, at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(case.book.zone).strftime("%Y-%m-%d %H:%M")
