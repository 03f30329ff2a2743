"""Stage 4: what of it is news, told once: one notice for one change, and many alerts of one incident as a digest."""

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from alerts.pipeline import Occasion
from alerts.practice import Practice
from alerts.rounds import NOBODY
from alerts.work import Work
from storage.records import alerts, timers

SINGLE: Final = 3
"""So many alerts of one incident within the digest's time are told one by one; the others in a digest."""


class Deduplicate:
    """Nobody is told the same twice, whichever way it comes."""

    def __init__(self, practice: Practice) -> None:
        self._numbers = practice.numbers

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work with the occasions on which somebody might be told."""
        alert = work.alert
        if work.what == "cleared":
            return replace(work, occasions=(_occasion(work, "alert.cleared", alert.id),))
        fired = _occasion(work, "alert.fired", alert.id, aside=True)
        if work.opens:
            return replace(work, occasions=(_occasion(work, "incident.opened", "round 1"), fired))
        if work.kind == "reopened":
            again = _occasion(work, "incident.reopened", f"round {work.values['round']}")
            return replace(work, occasions=(fired, again) if work.what == "fired" else (again,))
        work = self._raised(work)
        if work.what != "fired":
            return work
        if work.occasions or not self._many(tx, work):
            return replace(work, occasions=(replace(fired, aside=bool(work.occasions)), *work.occasions))
        return replace(work, occasions=(fired,), timers={**work.timers, **self._digest(tx, work)})

    def _raised(self, work: Work) -> Work:
        """The notice of a level worse than people were told; when nobody was told at all, that of its opening."""
        row, level = work.incident, work.values["level"]
        if not row.open or work.quiet or level >= row.told_level:
            return work
        type_, cause = "incident.raised", f"round {row.round} level {level}"
        if row.told_level == NOBODY:
            type_, cause = "incident.opened", f"round {row.round}"
        kind = "raised" if work.kind == "changed" else work.kind
        news = _occasion(work, type_, cause, level=level)
        return replace(work, kind=kind, values={**work.values, "told_level": level}, occasions=(news,))

    def _many(self, tx: Connection, work: Work) -> bool:
        """Whether people have had their share of single alerts of this incident, or it flaps."""
        row = work.incident
        if row.latched or work.values.get("latched"):
            return True
        since = work.transition.at - self._numbers.digest_s * 1000
        return alerts.fired_since(tx, row.id, since) > SINGLE

    def _digest(self, tx: Connection, work: Work) -> dict[str, int | None]:
        row = work.incident
        if timers.get(tx, row.id, "digest") is not None:
            return {}
        return {"digest": work.recorded + self._numbers.storm_s * 1000}


def _occasion(work: Work, type_: str, cause: str, *, level: int | None = None, aside: bool = False) -> Occasion:
    alert = work.alert
    return Occasion(type_, alert.department, level or alert.level, cause, alert.id, alert.backfilled, aside)
