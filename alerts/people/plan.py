"""Plans of escalation: who is told at once, who when nobody answers, and how long it goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from alerts.people.form import FILLED, Form, Kept, Levels, Name, Seconds

Who = Annotated[
    str,
    StringConstraints(
        pattern=r"^((person|unit|leader):[a-z0-9][a-z0-9._-]{0,63}|roster:[a-z0-9][a-z0-9._/-]{0,96}|leader)$"
    ),
]
"""`person:ID`, `unit:ID` (all members), `roster:ID` or `roster:ID/LAYER` (whoever is on duty), `leader:UNIT`, or
`leader` (the leaders of the units of the incident's area)."""

Type = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.*?-]{1,64}$")]
PolicyWord = Literal["ladder", "all"]


def _repeats(given: object) -> object:
    """TOML has no null: `forever` says it there."""
    return None if given == "forever" else given


class PlanStep(Form):
    """Who is told, and how long (`wait_s`) until the next step when nobody acknowledges.

    `policy`: `ladder` tries a person's ways one after the other, `all` all at once. `quiet` is whether quiet hours and
    digests hold for levels 3 and 4.
    """

    who: Annotated[tuple[Who, ...], Field(max_length=20), FILLED]
    wait_s: Seconds = 600
    policy: PolicyWord = "ladder"
    quiet: bool = True


class Plan(Kept):
    """One plan and what it is for; empty `areas`, `types` or `levels` are for any.

    After the last step it begins again, `repeat` times at the most, without end where that is null. An acknowledgement
    holds for `ack_s` seconds (0: until the incident ends); then the plan goes on where it stood.
    """

    areas: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    types: Annotated[tuple[Type, ...], Field(max_length=50)] = ()
    levels: Levels = ()
    steps: Annotated[tuple[PlanStep, ...], Field(max_length=20), FILLED]
    repeat: Annotated[Annotated[int, Field(ge=0, le=1000)] | None, BeforeValidator(_repeats)] = 0
    ack_s: Seconds = 0

    def step(self, n: int) -> PlanStep | None:
        """The step number `n`, counted from 0 through the repeats; None where the plan has ended."""
        turn, place = divmod(n, len(self.steps))
        if self.repeat is not None and turn > self.repeat:
            return None
        return self.steps[place]

    def wait(self, n: int) -> int | None:
        """Seconds from step `n` to the next, None where there is none."""
        now = self.step(n)
        return None if now is None or self.step(n + 1) is None else now.wait_s


@dataclass(frozen=True, slots=True)
class Matter:
    """What a plan is looked for: an incident's department, type and level, and the areas it lies in, innermost first."""

    department: str
    type: str
    level: int
    areas: tuple[str, ...] = ()


Rank = tuple[int, int, int, int]


def rank(plan: Plan, matter: Matter) -> Rank | None:
    """How closely the plan is meant for it, None where it is not: area (innermost most), type, level, department."""
    near = min((matter.areas.index(area) for area in plan.areas if area in matter.areas), default=None)
    fits = [pattern for pattern in plan.types if fnmatchcase(matter.type, pattern)]
    if (
        (plan.areas and near is None)
        or (plan.types and not fits)
        or (plan.levels and matter.level not in plan.levels)
        or plan.department not in ("", matter.department)
    ):
        return None
    depth = 0 if near is None else len(matter.areas) - near
    literal = max((len(pattern.replace("*", "").replace("?", "")) + 1 for pattern in fits), default=0)
    return depth, literal, 4 - len(plan.levels) if plan.levels else 0, int(bool(plan.department))


def chosen(plans: Iterable[Plan], matter: Matter) -> Plan | None:
    """The plan most closely meant for it, the first by id of several; None where none is."""
    ranked = [(found, plan) for plan in sorted(plans, key=lambda each: each.id) if (found := rank(plan, matter))]
    return max(ranked, key=lambda each: each[0])[1] if ranked else None


_STEP_S: Final = {1: 180, 2: 600, 3: 1800, 4: 0}
"""Seconds to acknowledge by level: 3, 10 and 30 minutes; level 4 comes in the digest and nobody waits for it."""


def usual(department: str, level: int, *, roster: str = "", unit: str = "") -> Plan:
    """The plan that a site without plans of its own begins with: whoever is on duty, then the unit, then its leaders."""
    whos = [f"roster:{roster}"] if roster else []
    whos += [f"unit:{unit}", f"leader:{unit}"] if unit else []
    wait = _STEP_S[level]
    steps = [PlanStep(who=(who,), wait_s=wait) for who in (whos if level < 4 else whos[:1])]
    return Plan(
        id=f"level-{level}" if not department else f"{department}-level-{level}",
        department=department,
        levels=(level,),
        steps=tuple(steps),
        repeat=None if level == 1 else 0,
        ack_s=3600 if level == 1 else 0,
    )
