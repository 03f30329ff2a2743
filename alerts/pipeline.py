"""Who is told: a list of stages, each with one method; what a stage leaves out, it leaves out with a reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final, Protocol

from storage.records.notices import NEWS, Recipient


@dataclass(frozen=True, slots=True)
class Receiver:
    """One receiver of the settings. `people`: read by persons, who want one notice for one change.

    `rates` bound how often it is told, `address_rates` each of its addresses (`alerts.budget.Rate` reads them).
    """

    name: str
    channel: str
    addresses: tuple[str, ...]
    people: bool
    levels: tuple[int, ...] = (1, 2, 3, 4)
    departments: tuple[str, ...] = ("*",)
    events: tuple[str, ...] = ("*",)
    rates: tuple[str, ...] = ()
    address_rates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why somebody might be told.

    `type` is a word of the interface (`incident.opened`, `alert.cleared`, ...); `cause` makes the notice the only one
    of its sort in the incident; `aside` says that another occasion of the same change tells people the same.
    """

    type: str
    department: str
    level: int
    cause: str
    alert: str | None = None
    backfilled: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What the stages pass on: the occasion, who is told so far, and who was left out and why."""

    occasion: Occasion
    receivers: tuple[Receiver, ...]
    told: tuple[Recipient, ...] = ()
    ended: frozenset[tuple[str, str]] = frozenset()
    chosen: tuple[Recipient, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def keep(self, fits: Callable[[Receiver], bool], why: str) -> "Plan":
        """Only the receivers that fit; the others are left out for the reason `why`."""
        out = tuple((each.name, why) for each in self.receivers if not fits(each))
        return replace(self, receivers=tuple(filter(fits, self.receivers)), left_out=self.left_out + out)


class Stage(Protocol):
    """One step of the pipeline; pure."""

    def apply(self, plan: Plan) -> Plan:
        """The plan after this step."""


class SuppressBackfilled:
    """What came too late wakes nobody."""

    def apply(self, plan: Plan) -> Plan:
        """Nobody, when the alert is backfilled."""
        return plan.keep(lambda _: not plan.occasion.backfilled, "backfilled")


class MatchDepartment:
    """A receiver hears of its departments."""

    def apply(self, plan: Plan) -> Plan:
        """Those whose departments hold the incident's."""
        place = plan.occasion.department
        return plan.keep(lambda each: any(fnmatchcase(place, wanted) for wanted in each.departments), "department")


class MatchLevel:
    """A receiver hears of its levels."""

    def apply(self, plan: Plan) -> Plan:
        """Those whose levels hold this one."""
        return plan.keep(lambda receiver: plan.occasion.level in receiver.levels, f"level {plan.occasion.level}")


class MatchEvent:
    """A program hears of the types it asked for."""

    def apply(self, plan: Plan) -> Plan:
        """Those whose events hold this type."""
        type_ = plan.occasion.type
        return plan.keep(lambda each: any(fnmatchcase(type_, wanted) for wanted in each.events), f"event {type_}")


class OneNoticeForPeople:
    """A person gets one notice for one change; and how it goes on is told only to those who know of it."""

    def apply(self, plan: Plan) -> Plan:
        """Programs always, people for news that nothing else tells them."""
        if plan.occasion.aside:
            return plan.keep(lambda receiver: not receiver.people, "said by another notice")
        if plan.occasion.type not in NEWS:
            return plan.keep(lambda receiver: not receiver.people, "never told of it")
        return plan


class Route:
    """A receiver becomes its addresses."""

    def apply(self, plan: Plan) -> Plan:
        """One recipient per address."""
        chosen = tuple(Recipient(each.name, each.channel, place) for each in plan.receivers for place in each.addresses)
        return replace(plan, chosen=chosen)


class WhoeverWasTold:
    """How it goes on is told to whoever was told of it, whatever the settings say by now."""

    def apply(self, plan: Plan) -> Plan:
        """Those told before, with those who match now; but no program a type it does not ask for."""
        if plan.occasion.type in NEWS:
            return plan
        unasked = f"event {plan.occasion.type}"
        named = {receiver for receiver, why in plan.left_out if why == unasked}
        known = tuple(each for each in plan.told if each.receiver not in named)
        return replace(plan, chosen=tuple(dict.fromkeys((*known, *plan.chosen))))


class Deduplicate:
    """Nobody is told twice, and nobody who asked not to be told any more."""

    def apply(self, plan: Plan) -> Plan:
        """Each recipient once, none whose subscription ended."""
        chosen = dict.fromkeys(plan.chosen)
        out = [each for each in chosen if (each.receiver, each.address) in plan.ended]
        kept = tuple(each for each in chosen if each not in out)
        return replace(
            plan, chosen=kept, left_out=plan.left_out + tuple((each.receiver, "ended by the receiver") for each in out)
        )


STAGES: Final[tuple[Stage, ...]] = (
    SuppressBackfilled(),
    MatchDepartment(),
    MatchLevel(),
    MatchEvent(),
    OneNoticeForPeople(),
    Route(),
    WhoeverWasTold(),
    Deduplicate(),
)
"""In this order."""


def decide(plan: Plan, stages: Iterable[Stage] = STAGES) -> Plan:
    """The plan after every stage."""
    for stage in stages:
        plan = stage.apply(plan)
    return plan
