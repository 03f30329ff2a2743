"""Stage 2: what somebody has silenced wakes nobody; the incident, its clocks and its log go on."""

from dataclasses import replace

from sqlalchemy import Connection

from alerts.silences import silenced, words_of
from alerts.work import Work


class Silence:
    """A silence stops notices, and nothing else."""

    def apply(self, tx: Connection, work: Work) -> Work:
        """The work, quiet when a silence covers the alert at its level."""
        if work.quiet:
            return work
        why = silenced(tx, words_of(work.alert, work.matter), work.alert.level, work.recorded)
        return replace(work, quiet=why) if why else work
