"""Which of a camera's time was seen, and which not and why, added up by hour: a pure fold of what the pipeline says."""

from typing import Final

import msgspec

from processors.patrol.wire import SpanSeen
from storage.records.patrol.coverage import Hour

HOUR: Final = 3_600_000


class HourSum(msgspec.Struct):
    """One hour so far; `through` is the end of the last stretch that was counted, epoch ms."""

    start: int
    seen_ms: int = 0
    blind: dict[str, int] = {}
    through: int = 0


class Ledger(msgspec.Struct):
    """The hours of a camera that are not written down yet, and the one that goes on."""

    hours: dict[int, HourSum] = {}
    through: int = 0

    def add(self, span: SpanSeen) -> None:
        """Count a stretch of time once: what lies before `through` was counted already, as after a restart."""
        start, end = max(span.start, self.through), span.end
        self.through = max(self.through, end)
        while start < end:
            hour = start - start % HOUR
            upto = min(end, hour + HOUR)
            told = self.hours.setdefault(hour, HourSum(hour))
            if span.cause:
                told.blind[span.cause] = told.blind.get(span.cause, 0) + upto - start
            else:
                told.seen_ms += upto - start
            told.through = upto
            start = upto

    def go_on_from(self, written: Hour | None) -> None:
        """Take up what the records know where they know more: the state was lost, the hours were not."""
        if written is None or written.through <= self.through:
            return
        self.hours[written.start] = HourSum(written.start, written.seen_ms, dict(written.blind), written.through)
        self.through = written.through

    def written(self, station: str) -> list[Hour]:
        """The hours as they are to be written down."""
        return [Hour(station, one.start, one.seen_ms, dict(one.blind), one.through) for one in self.hours.values()]

    def forget(self) -> None:
        """Let go of hours that are over and written."""
        last = self.through - self.through % HOUR
        self.hours = {start: one for start, one in self.hours.items() if start >= last}
