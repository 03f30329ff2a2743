"""Who hears of it: a list of sieves, each with one method; whom a sieve leaves out, it leaves out with a reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final, Protocol

from storage.records.notices import NEWS, Recipient

FOR_PEOPLE: Final = ("incident.escalated", "incident.reminder", "incident.digest")
"""Occasions that programs are not told of: the interface has no words for them."""


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
    """What the stages pass on: the occasion, who is told so far, and who was left out and why.

    `people` are those whom the plan of escalation names, `quiet` why nobody is to be told any news, empty for none.
    `next_at` is when (epoch ms) the plan's next step is due.
    """

    occasion: Occasion
    receivers: tuple[Receiver, ...]
    people: tuple[Recipient, ...] = ()
    quiet: str = ""
    told: tuple[Recipient, ...] = ()
    ended: frozenset[tuple[str, str]] = frozenset()
    chosen: tuple[Recipient, ...] = ()
    next_at: int | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    def keep(self, fits: Callable[[Receiver], bool], why: str) -> "Plan":
        """Only the receivers that fit; the others are left out for the reason `why`."""
        out = tuple((each.name, why) for each in self.receivers if not fits(each))
        return replace(self, receivers=tuple(filter(fits, self.receivers)), left_out=self.left_out + out)


class Sieve(Protocol):
    """One step; pure."""

    def apply(self, plan: Plan) -> Plan:
        """The plan after this step."""


class SuppressBackfilled:
    """What came too late wakes nobody."""

    def apply(self, plan: Plan) -> Plan:
        """Nobody, when the alert is backfilled."""
        return plan.keep(lambda _: not plan.occasion.backfilled, "backfilled")


class Quiet:
    """What is silenced or inhibited wakes nobody; how it goes on is told to whoever knows of it all the same."""

    def apply(self, plan: Plan) -> Plan:
        """Nobody while something keeps it quiet."""
        return plan.keep(lambda _: not plan.quiet, plan.quiet)


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
    """A program hears of the types it asked for; what only says to people again what it knows is not for it."""

    def apply(self, plan: Plan) -> Plan:
        """Those whose events hold this type."""
        type_ = plan.occasion.type
        if type_ in FOR_PEOPLE:
            return plan.keep(lambda each: each.people, f"event {type_}")
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


class Address:
    """A program becomes its addresses; people are those whom the plan of escalation names.

    What a receiver hears of is said of the addresses in its own section: whom a plan names in person is told all the same.
    """

    def apply(self, plan: Plan) -> Plan:
        """One recipient per address of a program, the groups of the receivers that are left, and the named persons."""
        left = {each.name: each for each in plan.receivers}
        people: dict[str, list[Recipient]] = {}
        for each in plan.people:
            if each.person is None:
                people.setdefault(each.receiver, []).append(each)
        chosen = [
            to for each in left.values() for to in (people.get(each.name, []) if each.people else addresses(each))
        ]
        wakes = plan.occasion.type in NEWS and not (plan.quiet or plan.occasion.backfilled or plan.occasion.aside)
        persons = [each for each in plan.people if each.person is not None and wakes]
        return replace(plan, chosen=(*chosen, *persons))


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


class Once:
    """Nobody is told twice, and nobody who asked not to be told any more."""

    def apply(self, plan: Plan) -> Plan:
        """Each recipient once, none whose subscription ended."""
        chosen = {(each.receiver, each.address): each for each in reversed(plan.chosen)}
        out = [each for key, each in chosen.items() if key in plan.ended]
        kept = tuple(each for each in reversed(chosen.values()) if each not in out)
        return replace(
            plan, chosen=kept, left_out=plan.left_out + tuple((each.receiver, "ended by the receiver") for each in out)
        )


SIEVES: Final[tuple[Sieve, ...]] = (
    SuppressBackfilled(),
    Quiet(),
    MatchDepartment(),
    MatchLevel(),
    MatchEvent(),
    OneNoticeForPeople(),
    Address(),
    WhoeverWasTold(),
    Once(),
)
"""In this order."""


def decide(plan: Plan, sieves: Iterable[Sieve] = SIEVES) -> Plan:
    """The plan after every sieve."""
    for sieve in sieves:
        plan = sieve.apply(plan)
    return plan


def addresses(receiver: Receiver) -> tuple[Recipient, ...]:
    """A recipient for each address of the receiver."""
    return tuple(Recipient(receiver.name, receiver.channel, place) for place in receiver.addresses)
