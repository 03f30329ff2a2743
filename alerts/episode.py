"""What one transition of an alert does: the alert's row, and what the stages make of it, in one transaction."""

from dataclasses import replace

from sqlalchemy import Connection

from alerts.grouping import matter_of
from alerts.stages import stages
from alerts.telling import Teller
from alerts.work import Work
from hub.alert import AlertTransition
from storage.records import alerts
from storage.records.alerts import Taken
from storage.records.rows import AlertRow


def take_transition(tx: Connection, teller: Teller, transition: AlertTransition, *, recorded: int) -> bool:
    """Take one transition, once; False when it, or a later one of its alert, was taken before.

    A pending alert is shown but opens nothing; a fired one opens or joins an incident; one that came too late
    (backfilled) is recorded, and neither opens nor joins anything.
    """
    taken = alerts.take(tx, transition, recorded=recorded)
    if taken is None:
        return False
    alert = taken.now
    if alert.fired is not None and not alert.backfilled:
        alert = _worked(tx, teller, taken, transition, recorded)
    teller.show_alert(tx, alert, at=recorded)
    return True


def _worked(tx: Connection, teller: Teller, taken: Taken, transition: AlertTransition, recorded: int) -> AlertRow:
    """The alert after the stages; one that is first seen when it is over goes through them as fired, then as cleared."""
    alert = taken.now
    before = None if taken.before is None else taken.before.condition
    first = Work("fired", alert, before, transition, recorded, matter_of(tx, alert))
    works: list[Work] = []
    if alert.incident is None:
        works.append(first)
    elif not taken.clears:
        works.append(replace(first, what="changed"))
    if taken.clears:
        works.append(replace(first, what="cleared"))
    for work in works:
        alert = _through(tx, teller, replace(work, alert=alert)).alert
    return alert


def _through(tx: Connection, teller: Teller, work: Work) -> Work:
    for stage in stages(teller):
        work = stage.apply(tx, work)
    return work
