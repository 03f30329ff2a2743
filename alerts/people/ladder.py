"""One person's ladder in one step of a plan: which way is tried now, and when the next one is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

State = Literal["waiting", "climbing", "reached", "acted", "exhausted", "ended"]
Fate = Literal["none", "queued", "sent", "accepted", "delivered", "failed"]

WORDS: Final = ("queued", "sent", "accepted", "delivered", "read", "acted")
"""The rungs of what became of a notice, from the outbox to the deed."""


class Rung(msgspec.Struct, frozen=True):
    """One way as it was when the step was due: receiver, kind of channel, address; `wait` ms until the next way."""

    receiver: str
    channel: str
    address: str
    wait: int
    until: Literal["sent", "delivered", "read"]


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far it was climbed: `tried` is the last way, -1 before the first; `due` (epoch ms) when something is next."""

    rungs: tuple[Rung, ...]
    tried: int = -1
    state: State = "waiting"
    due: int | None = None
    together: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What became of the notices by way, and what the person did; `ended`: nobody need be told any more."""

    fates: tuple[Fate, ...] = ()
    read: bool = False
    acted: bool = False
    ended: bool = False

    def fate(self, rung: int) -> Fate:
        """What became of the notice on this way."""
        return self.fates[rung] if 0 <= rung < len(self.fates) else "none"


Move = tuple[Ladder, tuple[Rung, ...]]
"""The ladder afterwards, and the ways to be used now."""


def later(rungs: Sequence[Rung], due: int, *, together: bool = False) -> Ladder:
    """A ladder whose first way waits until `due` (epoch ms): quiet hours, or the digest."""
    return Ladder(tuple(rungs), due=due, together=together)


def begin(ladder: Ladder, now: int) -> Move:
    """Use the first way; all of them where they go together."""
    if not ladder.rungs:
        return replace(ladder, state="exhausted", due=None), ()
    if ladder.together:
        last = len(ladder.rungs) - 1
        return replace(ladder, state="climbing", tried=last, due=now + _wait(ladder, last)), ladder.rungs
    return _next(ladder, now)


def climb(ladder: Ladder, facts: Facts, now: int) -> Move:
    """What is to be done at `now` (epoch ms) with what is known; nothing where nothing is due."""
    if facts.acted and ladder.state != "acted":
        return replace(ladder, state="acted", due=None), ()
    if ladder.state not in ("waiting", "climbing"):
        return ladder, ()
    if facts.ended:
        return replace(ladder, state="ended", due=None), ()
    if ladder.state == "waiting":
        return begin(ladder, now) if ladder.due is not None and ladder.due <= now else (ladder, ())
    if _reached(ladder, facts):
        return replace(ladder, state="reached", due=None), ()
    failed = all(facts.fate(rung) == "failed" for rung in _current(ladder))
    if failed or (ladder.due is not None and ladder.due <= now):
        return _next(ladder, now)
    return ladder, ()


def _current(ladder: Ladder) -> range:
    return range(ladder.tried + 1) if ladder.together else range(ladder.tried, ladder.tried + 1)


def _reached(ladder: Ladder, facts: Facts) -> bool:
    """Read; or, on any way tried, as much as that way asks for."""
    if facts.read:
        return True
    enough: dict[str, tuple[Fate, ...]] = {"sent": ("accepted", "delivered"), "delivered": ("delivered",), "read": ()}
    return any(facts.fate(n) in enough[ladder.rungs[n].until] for n in range(ladder.tried + 1))


def _next(ladder: Ladder, now: int) -> Move:
    tried = ladder.tried + 1
    if tried >= len(ladder.rungs):
        return replace(ladder, state="exhausted", due=None), ()
    moved = replace(ladder, state="climbing", tried=tried)
    return replace(moved, due=now + _wait(moved, tried)), (ladder.rungs[tried],)


def _wait(ladder: Ladder, rung: int) -> int:
    return max(each.wait for each in ladder.rungs) if ladder.together else ladder.rungs[rung].wait
