"""Silences: somebody asks for quiet about something, with a reason and an end; notices stop, and nothing else."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection

from alerts.errors import NotAllowed
from alerts.grouping import Matter
from storage.records import audit, incidents, silences, timers
from storage.records.rows import AlertRow, IncidentRow
from storage.records.silences import WORDS, SilenceRow

LONGEST_MS = 90 * 86_400_000
"""Whoever wants quiet for longer changes a rule."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A silence to be made: shell patterns by word, the worst level that it keeps quiet, from when to when (epoch ms)."""

    matcher: Mapping[str, str] = field(default_factory=dict)
    level: int = 2
    starts: int = 0
    ends: int = 0


def create(tx: Connection, wanted: Wanted, *, owner: str, reason: str, at: int) -> SilenceRow:
    """Keep it quiet until its end, when whatever is still wrong is told at once.

    Raises:
        NotAllowed: the reason, the end or what it is about is missing or cannot be.
    """
    starts = max(wanted.starts, at)
    wrong = [f"{word!r} is not one of {', '.join(WORDS)}" for word in wanted.matcher if word not in WORDS]
    wrong += [] if wanted.matcher else [f"what it is about: one of {', '.join(WORDS)}"]
    wrong += [] if reason.strip() else ["a reason"]
    wrong += [] if starts < wanted.ends else ["an end after now and after its start"]
    wrong += [] if wanted.ends - starts <= LONGEST_MS else ["an end within 90 days"]
    if wrong:
        raise NotAllowed("the silence is not made", tuple(wrong))
    named = dict(wanted.matcher)
    if (known := incidents.get(tx, named.get("incident", ""))) is not None:
        named["incident"] = known.id  # people give its number
    matcher = msgspec.json.encode(named, order="sorted").decode()
    words = (owner, matcher, wanted.level, starts, wanted.ends, at)
    silence_id = hashlib.sha256(msgspec.json.encode(words)).hexdigest()[:16]
    row = SilenceRow(silence_id, owner, reason, matcher, wanted.level, starts, wanted.ends, at)
    if silences.get(tx, silence_id) is None:
        silences.add(tx, row)
        timers.put(tx, "", f"silence-end:{silence_id}", wanted.ends)
        audit.note(tx, owner, "silence.create", silence_id, {"reason": reason, "matcher": named}, at=at)
    return row


def end(tx: Connection, silence_id: str, *, actor: str, at: int) -> SilenceRow:
    """Let it end now; what is still wrong is told as soon as the timers run.

    Raises:
        LookupError: there is no such silence.
        NotAllowed: it has ended.
    """
    row = silences.get(tx, silence_id)
    if row is None:
        raise LookupError(silence_id)
    if not silences.end(tx, silence_id, by=actor, at=at):
        raise NotAllowed(f"silence {silence_id} has ended")
    timers.put(tx, "", f"silence-end:{silence_id}", at)
    audit.note(tx, actor, "silence.end", silence_id, at=at)
    ended = silences.get(tx, silence_id)
    return row if ended is None else ended


def silenced(tx: Connection, said: dict[str, str], level: int, at: int) -> str:
    """Why nobody is told of what has these words at this level; empty when no silence covers it."""
    for row in silences.active(tx, at):
        if row.covers(said, level):
            return f"silenced by {row.owner} ({row.id})"
    return ""


def words_of(alert: AlertRow, matter: Matter) -> dict[str, str]:
    """What a silence can name of an alert."""
    said = {name: getattr(alert, name) or "" for name in ("department", "kind", "device", "property")}
    return {**said, "type": matter.type, "area": matter.section or "", "incident": alert.incident or ""}


def words_of_incident(row: IncidentRow) -> dict[str, str]:
    """What a silence can name of an incident."""
    said = {name: getattr(row, name) or "" for name in ("department", "kind", "device", "property", "type", "area")}
    return {**said, "incident": row.id}
