"""The states of an incident and the arrows between them: what a person or a fact may change, and what is in the way; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DETECTED: Final = "detected"
VERIFIED: Final = "verified"
ACKNOWLEDGED: Final = "acknowledged"
DISPATCHED: Final = "dispatched"
ON_SITE: Final = "on_site"
VERIFYING: Final = "verifying"
SOLVED: Final = "solved"
CLOSED: Final = "closed"
REJECTED: Final = "rejected"
SELF_CLEARED: Final = "self_cleared"
MERGED: Final = "merged"

OPEN: Final = (DETECTED, VERIFIED, ACKNOWLEDGED, DISPATCHED, ON_SITE, VERIFYING)
"""Work is to be done."""

ENDED: Final = (SOLVED, CLOSED, REJECTED, SELF_CLEARED, MERGED)
"""Work is done, or was never needed."""

STATES: Final = (*OPEN, *ENDED)

UNTAKEN: Final = (DETECTED, VERIFIED)
"""Nobody has taken it on: the plan of escalation goes on."""

PEOPLE: Final = (
    *("verify", "reject", "acknowledge", "assign", "decline", "check-in", "deliver", "note", "close", "reopen"),
    "merge",
)
"""What people do."""

FACTS: Final = ("confirmed", "cleared", "ack-expired", "breached", "proven", "worse")
"""What machines find: enough alerts confirm it; all cleared before anybody looked; nobody went on after the
acknowledgement; the condition came back; the contract held through the watch window; it is worse than it was judged."""


def _from(states: tuple[str, ...], act: str, to: str) -> dict[tuple[str, str], str]:
    return {(state, act): to for state in states}


ARROWS: Final[Mapping[tuple[str, str], str]] = {
    **_from((DETECTED,), "verify", VERIFIED),
    **_from((DETECTED,), "confirmed", VERIFIED),
    **_from((DETECTED,), "cleared", SELF_CLEARED),
    **_from(OPEN, "reject", REJECTED),
    **_from(UNTAKEN, "acknowledge", ACKNOWLEDGED),
    **_from((ACKNOWLEDGED,), "ack-expired", VERIFIED),
    **_from((DETECTED, VERIFIED, ACKNOWLEDGED, DISPATCHED, ON_SITE), "assign", DISPATCHED),
    **_from((DISPATCHED,), "decline", ACKNOWLEDGED),
    **_from((ACKNOWLEDGED, DISPATCHED), "check-in", ON_SITE),
    **_from((ON_SITE,), "deliver", VERIFYING),
    **_from((VERIFYING,), "breached", ON_SITE),
    **_from((VERIFYING,), "proven", SOLVED),
    **_from((SOLVED,), "breached", VERIFIED),
    **_from((ACKNOWLEDGED, DISPATCHED, ON_SITE, VERIFYING, SOLVED), "close", CLOSED),
    **_from((CLOSED, REJECTED, SELF_CLEARED), "worse", DETECTED),
    **_from((SOLVED, CLOSED, REJECTED, SELF_CLEARED), "reopen", DETECTED),
    **_from(OPEN, "merge", MERGED),
    **{(state, "note"): state for state in STATES},
}
"""Every arrow there is: (state, act) -> state. Whatever is not here does not happen."""

_NEW_ROUND: Final = frozenset({"breached", "worse", "reopen"})

_WANTED: Final = {
    "verify": "it was verified before",
    "acknowledge": "it was acknowledged before",
    "close": "it is not acknowledged",
    "check-in": "it is not dispatched",
    "deliver": "nobody has checked in",
    "decline": "it is not dispatched",
}


@dataclass(frozen=True, slots=True)
class Move:
    """An arrow that is taken: the state after it, and whether a new round of the work begins."""

    to: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An arrow that cannot be taken; `missing` names, one each, what would have to be."""

    missing: tuple[str, ...] = ()


def move(state: str, act: str, missing: tuple[str, ...] = (), *, override: bool = False) -> Move | Refusal:
    """Where `act` leads from `state`; `missing` is what the act still wants besides the right state.

    `override`: a leader ends it whatever is missing; only `close` can be.
    """
    if override and act == "close" and state in (*OPEN, SOLVED):
        return Move(CLOSED)
    to = ARROWS.get((state, act))
    if to is None:
        ended = state in ENDED
        wanted = _WANTED.get(act, "")
        return Refusal((wanted, *missing) if wanted and not ended else ())
    if missing:
        return Refusal(missing)
    return Move(to, act in _NEW_ROUND)
