"""Stage 5: who is told on each occasion, and who is not and why."""

from dataclasses import replace

from sqlalchemy import Connection

from alerts.telling import Teller
from alerts.work import Work


class Route:
    """People by the incident's plan of escalation, programs by the settings; `alerts.pipeline` has the sieves."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work with a plan for each occasion."""
        row = replace(work.incident, **work.values)
        plans = self._teller.plans(tx, row, work.occasions, at=work.recorded, quiet=work.quiet)
        return replace(work, plans=plans)
