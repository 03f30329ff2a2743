"""What a device itself found becomes an alert: active at once, cleared after a quiet time.

Findings come on a topic of their own, so nothing here may depend on which of two topics was read first: a finding that comes after the quiet time ends the
old alert itself, and the observations' clock only ends it once it is past the quiet time by a margin in which every finding has surely been read.
"""

from typing import Final

import msgspec

from hub.alert import AlertTransition, Target, alert_id
from hub.event import DeviceEvent
from hub.model import LEVELS, Condition
from processors.voice import Voice

QUIET_MS: Final = 10 * 60_000
MARGIN_MS: Final = 30_000
PREFIX: Final = "event:"


class Finding(msgspec.Struct, array_like=True):
    """The newest finding of one type at one device; `n` is 0 when its alert is over."""

    time: int
    received: int
    offset: int
    start: int
    level: int
    n: int
    text: str


class Findings:
    """The findings of a partition by (station, type)."""

    def __init__(self, known: dict[tuple[str, str], Finding] | None = None) -> None:
        self.known = dict(known or {})
        self._open = {key for key, finding in self.known.items() if finding.n}

    def take(self, event: DeviceEvent, voice: Voice) -> None:
        """One event; only findings count, and the same one again is no news."""
        if event.kind != "finding":
            return
        key, level = (event.station, event.type), event.level if event.level in LEVELS else LEVELS[-1]
        old = self.known.get(key)
        if old is not None and old.time == event.time:
            return
        if old is not None and old.n and event.received - old.received > QUIET_MS:
            self._end(key, old, voice)
        if old is None or not old.n:
            found = Finding(event.time, event.received, voice.offset, event.time, level, 1, event.text)
            self.known[key] = found
            self._open.add(key)
            _say(voice, key, found, Condition.ACTIVE, event.time, event.received)
            return
        old.time, old.received, old.offset = event.time, max(old.received, event.received), voice.offset
        if level < old.level:
            old.level, old.text, old.n = level, event.text, old.n + 1
            _say(voice, key, old, Condition.ACTIVE, event.time, event.received)

    def look(self, now: int, voice: Voice) -> None:
        """End what has been quiet; `now` is the observations' receive time."""
        for key in sorted(key for key in self._open if now - self.known[key].received > QUIET_MS + MARGIN_MS):
            self._end(key, self.known[key], voice)

    def _end(self, key: tuple[str, str], finding: Finding, voice: Voice) -> None:
        end = finding.received + QUIET_MS
        finding.n += 1
        _say(voice, key, finding, Condition.CLEARED, end, end)
        finding.n = 0
        self._open.discard(key)


def _say(voice: Voice, key: tuple[str, str], finding: Finding, condition: Condition, at: int, received: int) -> None:
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
        )
    )
