"""What a device itself found becomes an alert: active at once, cleared when the device says that it is over, or after a quiet time.

A finding with an edge says itself when it is over: it is known by its key, its alert ends when the last of its kind at that device is closed, and it is never
quiet for too long, since it goes on until it is closed. One without an edge is over after a quiet time.

Findings come on a topic of their own, so nothing here may depend on which of two topics was read first: a finding that comes after the quiet time ends the
old alert itself, and the observations' clock only ends it once it is past the quiet time by a margin in which every finding has surely been read.
"""

from typing import Final

import msgspec

from hub.alert import AlertTransition, Target, alert_id
from hub.event import DeviceEvent
from hub.evidence import Evidence
from hub.model import LEVELS, Condition
from processors.voice import Voice

QUIET_MS: Final = 10 * 60_000
MARGIN_MS: Final = 30_000
PREFIX: Final = "event:"
REMEMBERED: Final = 64
"""Closed keys of one kind at one device: what comes of them again was read before, as after a restart of whoever told it."""

MOST_EVIDENCE: Final = 40
_Key = tuple[str, str]


class Finding(msgspec.Struct, array_like=True):
    """The newest finding of one type at one device; `n` is 0 when its alert is over.

    `keys` are those that are open with the time of the last word on each, `closed` the last ones that ended, `evidence` what the alert showed so far.
    """

    time: int
    received: int
    offset: int
    start: int
    level: int
    n: int
    text: str
    keys: dict[str, int] = {}
    closed: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Findings:
    """The findings of a partition by (station, type)."""

    def __init__(self, known: dict[_Key, Finding] | None = None) -> None:
        self.known = dict(known or {})
        self._open = {key for key, finding in self.known.items() if finding.n}

    def take(self, event: DeviceEvent, voice: Voice) -> None:
        """One event; only findings count, and the same one again is no news."""
        if event.kind != "finding":
            return
        key, old = (event.station, event.type), self.known.get((event.station, event.type))
        if not _is_news(event, old):
            return
        if old is not None and old.n and not old.keys and event.received - old.received > QUIET_MS:
            self._quiet(key, old, voice)
        if event.edge == "close":
            self._close(key, old, event, voice)
        elif old is None or not old.n:
            self._open_anew(key, old, event, voice)
        else:
            _go_on(key, old, event, voice)

    def look(self, now: int, voice: Voice) -> None:
        """End what has been quiet; `now` is the observations' receive time."""
        for key in sorted(self._open):
            finding = self.known[key]
            if not finding.keys and now - finding.received > QUIET_MS + MARGIN_MS:
                self._quiet(key, finding, voice)

    def _open_anew(self, key: _Key, old: Finding | None, event: DeviceEvent, voice: Voice) -> None:
        closed = () if old is None else old.closed
        keys = {event.key: event.time} if event.edge else {}
        found = Finding(
            event.time, event.received, voice.offset, event.time, _level(event), 1, event.text, keys, closed
        )
        found.evidence = event.evidence[:MOST_EVIDENCE]
        self.known[key] = found
        self._open.add(key)
        _say(voice, key, found, Condition.ACTIVE, event.time, event.received)

    def _close(self, key: _Key, old: Finding | None, event: DeviceEvent, voice: Voice) -> None:
        """The end of one; of the alert, where it is the last."""
        if old is None or event.key not in old.keys:
            # Its beginning was never told: there is nothing to end, and a later beginning of the same must not begin it.
            closed = () if old is None else old.closed
            if old is None:
                old = self.known[key] = Finding(event.time, event.received, voice.offset, event.time, 4, 0, "")
            old.closed = (*closed, event.key)[-REMEMBERED:]
            return
        del old.keys[event.key]
        old.closed = (*old.closed, event.key)[-REMEMBERED:]
        old.time, old.received, old.offset = event.time, max(old.received, event.received), voice.offset
        more = _shown(old, event)
        if not old.keys:
            self._end(key, old, max(event.time, old.start), event.received, voice)
        elif more:
            old.n += 1
            _say(voice, key, old, Condition.ACTIVE, event.time, event.received)

    def _quiet(self, key: _Key, finding: Finding, voice: Voice) -> None:
        end = finding.received + QUIET_MS
        self._end(key, finding, end, end, voice)

    def _end(self, key: _Key, finding: Finding, at: int, received: int, voice: Voice) -> None:
        finding.n += 1
        _say(voice, key, finding, Condition.CLEARED, at, received)
        finding.n, finding.evidence = 0, ()
        self._open.discard(key)


def _is_news(event: DeviceEvent, old: Finding | None) -> bool:
    if old is None:
        return True
    if not event.edge:
        return old.time != event.time
    if event.key in old.closed:
        return False
    known = old.keys.get(event.key)
    return known is None or event.edge == "close" or (event.edge == "update" and event.time > known)


def _go_on(key: _Key, old: Finding, event: DeviceEvent, voice: Voice) -> None:
    """One more of the same, or more about it; said only where it is worse or shows something new."""
    if event.edge:
        old.keys[event.key] = event.time
    old.time, old.received, old.offset = event.time, max(old.received, event.received), voice.offset
    worse = _level(event) < old.level
    if worse:
        old.level, old.text = _level(event), event.text
    if _shown(old, event) or worse:
        old.n += 1
        _say(voice, key, old, Condition.ACTIVE, event.time, event.received)


def _shown(finding: Finding, event: DeviceEvent) -> bool:
    """Take up what the event shows; whether there was anything new."""
    known = {piece.sha256 for piece in finding.evidence}
    fresh = tuple(piece for piece in event.evidence if piece.sha256 not in known)
    fresh = fresh[: max(0, MOST_EVIDENCE - len(finding.evidence))]
    finding.evidence += fresh
    return bool(fresh)


def _level(event: DeviceEvent) -> int:
    return event.level if event.level in LEVELS else LEVELS[-1]


def _say(voice: Voice, key: _Key, finding: Finding, condition: Condition, at: int, received: int) -> None:
    rule, target = PREFIX + key[1], Target(*key[0].split("/"))
    voice.said.append(
        AlertTransition(
            id=alert_id(rule, target, finding.start),
            n=finding.n,
            rule=rule,
            rule_version=0,
            target=target,
            level=finding.level,
            condition=condition,
            at=at,
            received=received,
            breach_start=finding.start,
            fired=finding.start,
            cleared=at if condition is Condition.CLEARED else None,
            text=finding.text,
            partition=voice.partition,
            offset=finding.offset,
            evidence=finding.evidence,
        )
    )
