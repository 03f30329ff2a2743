"""When a case is opened, told again, and closed; how cases merge, cool down, and what an officer's word does to them."""

from collections.abc import Sequence
from math import hypot
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from vision.events.event import Edge, Facts
from vision.rules.claim import Claim, Timing

Verdict = Literal["", "acknowledged", "rejected"]
GROWTH: Final = 1.25
MEMBERS: Final = 64
PAST: Final = 256
"""How many closed cases are remembered by name, so that no two events have one."""
REJECTED_MS: Final = 24 * 3_600_000
"""How long a still thing that an officer rejected is not told again."""


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One case from its first claim to the end of its cooldown; `opened` and `closed` are 0 before they happen, the other times are those of frames.

    `members` are the subjects it is about, `unmet` those that only cool down with it. `told` is the count and area said last.
    """

    since: int
    birth: int
    members: tuple[str, ...]
    claim: Claim
    group: str = ""
    opened: int = 0
    closed: int = 0
    held_ms: int = 0
    absent_ms: int = 0
    seen: int = 0
    told: int = 0
    told_count: int = 0
    told_area: float = 0.0
    facts: Facts = Facts()
    verdict: Verdict = ""


class Change(msgspec.Struct, frozen=True):
    """What is to be said of an episode now."""

    edge: Edge
    episode: Episode


class Episodes:
    """All cases of one kind at one camera; `unit` is one metre in pixels."""

    def __init__(self, timing: Timing, cooldown_s: float, unit: float) -> None:
        self._timing, self._unit = timing, unit
        self._cooldown_ms = int(1000 * (cooldown_s if timing.cooldown_s is None else timing.cooldown_s))
        self.all: tuple[Episode, ...] = ()
        self.past: tuple[tuple[int, int], ...] = ()

    def step(self, time: int, elapsed: int, claims: Sequence[Claim]) -> tuple[list[Change], list[Claim]]:
        """What is to be said at a frame, `elapsed` ms of sight after the last one; and the claims that cool down and are not said."""
        mine, cooling, fresh = self._sorted(time, claims)
        after: list[Episode] = []
        changes: list[Change] = []
        for place, episode in enumerate(self.all):
            change, kept = self._moved(episode, mine.get(place, []), time, elapsed)
            changes += [change] if change else []
            after += [kept] if kept else []
        for claim in fresh:
            change, kept = self._moved(_begun(claim, self._name(claim, time, after)), [claim], time, 0)
            changes += [change] if change else []
            after += [kept] if kept else []
        ended = tuple((one.episode.since, one.episode.birth) for one in changes if one.edge == "close")
        self.all, self.past = tuple(after), (*self.past, *ended)[-PAST:]
        return changes, cooling

    def finish(self, time: int) -> list[Episode]:
        """Close all that is open, and forget everything."""
        ended = [replace(one, closed=time) for one in self.all if one.opened and not one.closed]
        self.all = ()
        return ended

    def judge(self, since: int, birth: int, verdict: Verdict) -> bool:
        """Take an officer's word on an open case; whether there is one. A rejected one closes at the next frame."""
        found = [one for one in self.all if (one.since, one.birth) == (since, birth) and one.opened and not one.closed]
        self.all = tuple(replace(one, verdict=verdict) if one in found else one for one in self.all)
        return bool(found)

    def _name(self, claim: Claim, time: int, others: Sequence[Episode]) -> tuple[int, int]:
        """When a new case began and which of those it is; what comes back after its event was closed begins anew now."""
        taken = {*self.past, *((one.since, one.birth) for one in others)}
        since, birth = (time if (claim.since, claim.birth) in self.past else claim.since), claim.birth
        while (since, birth) in taken:
            birth += 1
        return since, birth

    def _sorted(self, time: int, claims: Sequence[Claim]) -> tuple[dict[int, list[Claim]], list[Claim], list[Claim]]:
        """Claims by the place of their episode; those that cool down; those of nobody yet, one of each group."""
        mine: dict[int, list[Claim]] = {}
        cooling: list[Claim] = []
        fresh: list[Claim] = []
        for claim in claims:
            owner = self._owner(claim, time)
            if owner is None:
                if claim.opens and not any(claim.group and claim.group == other.group for other in fresh):
                    fresh.append(claim)
            elif self.all[owner].closed:
                cooling.append(claim)
            else:
                mine.setdefault(owner, []).append(claim)
        return mine, cooling, fresh

    def _owner(self, claim: Claim, time: int) -> int | None:
        """The episode a claim belongs to: by its subject, its group, what it split from, or its place; open ones before those that cool down."""
        order = sorted(range(len(self.all)), key=lambda place: (bool(self.all[place].closed), place))
        for test in (self._by_subject, self._by_kin, self._by_place):
            for place in order:
                if test(self.all[place], claim, time):
                    return place
        return None

    def _by_subject(self, episode: Episode, claim: Claim, time: int) -> bool:
        return claim.subject in episode.members and not (episode.closed and claim.since > episode.closed)

    def _by_kin(self, episode: Episode, claim: Claim, time: int) -> bool:
        return bool(claim.group and claim.group == episode.group) or claim.parent in episode.members

    def _by_place(self, episode: Episode, claim: Claim, time: int) -> bool:
        last = episode.claim
        if episode.verdict == "rejected" and not claim.still:
            return False
        if claim.place is None or last.place is None or claim.space != last.space or not self._timing.merge_m:
            return False
        if claim.subject in {name for other in self.all for name in other.members}:
            return False
        seconds = 0.0 if last.still else (time - episode.seen) / 1000
        x, y = (last.place[axis] + last.velocity[axis] * seconds for axis in (0, 1))
        reach = max(self._timing.merge_m, last.facts.size_m or 0.0) * (1.0 if claim.space == "m" else self._unit)
        return hypot(claim.place[0] - x, claim.place[1] - y) <= reach

    def _moved(
        self, episode: Episode, claims: Sequence[Claim], time: int, elapsed: int
    ) -> tuple[Change | None, Episode | None]:
        if episode.closed:
            lasts = REJECTED_MS if episode.verdict == "rejected" and episode.claim.still else self._cooldown_ms
            return None, (episode if time - episode.closed < lasts else None)
        absent = replace(episode, absent_ms=episode.absent_ms + elapsed)
        episode = _claimed(episode, claims, time, elapsed) if claims else absent
        if not episode.opened:
            return self._pending(episode, time)
        return self._open(episode, time)

    def _pending(self, episode: Episode, time: int) -> tuple[Change | None, Episode | None]:
        # A claim on its way may flicker, but not for long: a tenth of its time, at least some frames.
        grace = min(self._timing.off_s, max(5.0, 0.1 * self._timing.on_s))
        if episode.seen != time and episode.absent_ms >= 1000 * grace:
            return None, None
        held = episode.claim.at_once or episode.held_ms >= 1000 * self._timing.on_s
        if episode.seen == time and held:
            opened = _told(replace(episode, opened=time), time)
            return Change("open", opened), opened
        return None, episode

    def _open(self, episode: Episode, time: int) -> tuple[Change | None, Episode | None]:
        over = episode.seen != time and episode.absent_ms >= 1000 * self._timing.off_s
        if episode.verdict == "rejected" or over:
            closed = replace(episode, closed=time)
            return Change("close", closed), closed
        facts = episode.facts
        more = facts.count > episode.told_count or (facts.area_m2 or 0.0) > GROWTH * episode.told_area > 0
        due = time - episode.told >= 1000 * self._timing.update_s or (more and time - episode.told >= 5000)
        if episode.verdict or not due or episode.seen != time:
            return None, episode
        updated = _told(episode, time)
        return Change("update", updated), updated


def _begun(claim: Claim, name: tuple[int, int]) -> Episode:
    return Episode(since=name[0], birth=name[1], members=(claim.subject,), claim=claim, group=claim.group)


def _told(episode: Episode, time: int) -> Episode:
    return replace(episode, told=time, told_count=episode.facts.count, told_area=episode.facts.area_m2 or 0.0)


def _claimed(episode: Episode, claims: Sequence[Claim], time: int, elapsed: int) -> Episode:
    """The episode after claims of its own: the surest stands for all, counts and areas add up, the highest score is kept."""
    lead = max(claims, key=lambda claim: (claim.facts.score, claim.facts.area_m2 or 0.0, claim.subject))
    names = dict.fromkeys([*episode.members, *(claim.subject for claim in claims)])
    areas = [claim.facts.area_m2 for claim in claims if claim.facts.area_m2 is not None]
    facts = replace(
        lead.facts,
        score=max(lead.facts.score, episode.facts.score),
        area_m2=sum(areas) if areas else None,
        count=sum(claim.facts.count for claim in claims),
    )
    tracks = tuple(dict.fromkeys(track for claim in claims for track in claim.tracks))
    return replace(
        episode,
        members=tuple(names)[-MEMBERS:],
        claim=replace(lead, tracks=tracks),
        facts=facts,
        seen=time,
        absent_ms=0,
        held_ms=episode.held_ms + (elapsed if any(claim.opens for claim in claims) else 0),
    )
