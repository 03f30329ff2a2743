"""Stage 1: what follows from something that is known already wakes nobody."""

from dataclasses import replace

from sqlalchemy import Connection

from alerts.grouping import inhibitor
from alerts.work import Work


class Inhibit:
    """A gateway that is away keeps its sensors quiet, level 1 keeps level 4 of the same place quiet."""

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work, quiet when a parent speaks for it."""
        why = inhibitor(tx, work.alert, work.matter)
        return replace(work, quiet=f"inhibited: {why}") if why else work
