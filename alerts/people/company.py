"""What runs of people: the escalation by plans, the ladders' and the look ahead's timers."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from alerts.escalation import ByReceivers
from alerts.people.book import Shelf
from alerts.people.climbing import Climber
from alerts.people.escalation import REMIND, PlanEscalation
from alerts.people.lookout import Lookout
from alerts.pipeline import Receiver
from alerts.telling import Teller
from alerts.timers import Handler
from storage.records import Records, people, timers


class Company:
    """The people of a site; `receivers` are those of the settings."""

    def __init__(self, zone: ZoneInfo, receivers: Iterable[Receiver], types: Iterable[str] = ()) -> None:
        known = tuple(receivers)
        self._shelf = Shelf(zone, {each.name: each.channel for each in known})
        self._lookout = Lookout(self._shelf, types)
        self.escalation = PlanEscalation(self._shelf, ByReceivers(known))

    def climber(self, teller: Teller) -> Climber:
        """Whoever moves the ladders, and tells by `teller`."""
        return Climber(self._shelf, teller)

    def handlers(self, climber: Climber) -> dict[str, Handler]:
        """The handlers by the name of their timer."""
        return {REMIND: climber.remind, people.PREFLIGHT: self._lookout.look}

    def begin(self, records: Records, now: int) -> None:
        """After a start: look ahead at once, where anybody is written down.

        Raises:
            StoreUnavailable: the records cannot be reached.
        """
        with records.read() as tx:
            nobody = not any(people.stamp(tx))
        if not nobody:
            with records.begin() as tx:
                timers.put(tx, "", people.PREFLIGHT, now)
