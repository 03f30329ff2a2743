"""Messages split over several frames (PNUM, PNO): gathered until all parts are there, or given up after a time (HJ 212-2017, 6.3.2)."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from ingest.protocols.hj212.content import join_parts
from ingest.protocols.hj212.packet import Packet

PATIENCE_MS: Final = 60_000
"""How long parts wait for the others: a part is sent four times, 10 s apart."""

_MOST_MESSAGES: Final = 4
_MOST_BYTES: Final = 262_144


@dataclass(slots=True)
class Split:
    """The parts of one message that have come; `raw` are their frames, `records` what each is remembered by."""

    first: Packet
    since: int
    parts: dict[int, Packet] = field(default_factory=dict)
    raw: dict[int, bytes] = field(default_factory=dict)
    records: dict[int, int] = field(default_factory=dict)
    answers: int = 0

    @property
    def frames(self) -> bytes:
        """All frames, by number."""
        return b"".join(self.raw[number] for number in sorted(self.raw))

    def describe(self) -> str:
        """What there is of it, and what not."""
        missing = [str(number) for number in range(1, self.first.pnum + 1) if number not in self.parts]
        shown = ", ".join(missing[:20]) + (", ..." if len(missing) > 20 else "")
        return f"CN={self.first.cn} QN={self.first.qn}: {len(self.parts)} of {self.first.pnum} parts came, not {shown} (6.3.2)"

    def whole(self) -> Packet:
        """The message put together."""
        content = join_parts(self.parts[number].cp for number in sorted(self.parts))
        return msgspec.structs.replace(self.first, cp=content, pno=0, pnum=0)


class Assembly:
    """The split messages of one connection."""

    def __init__(self) -> None:
        self._splits: dict[tuple[str, str, str], Split] = {}

    def take(self, packet: Packet, raw: bytes, record: int, now: int) -> tuple[Split | None, list[Split]]:
        """One part: the message it completes, and messages that are given up because of it."""
        key = (packet.mn, packet.qn, packet.cn)
        given_up: list[Split] = []
        split = self._splits.get(key)
        if split is not None and split.first.pnum != packet.pnum:
            given_up.append(self._splits.pop(key))
            split = None
        if split is None:
            if len(self._splits) >= _MOST_MESSAGES:
                oldest = min(self._splits, key=lambda one: self._splits[one].since)
                given_up.append(self._splits.pop(oldest))
            split = self._splits[key] = Split(packet, now)
        split.parts[packet.pno], split.raw[packet.pno], split.records[packet.pno] = packet, raw, record
        split.answers += packet.wants_answer
        split.since = now
        if len(split.parts) == packet.pnum:
            return self._splits.pop(key), given_up
        if sum(map(len, split.raw.values())) > _MOST_BYTES:
            given_up.append(self._splits.pop(key))
        return None, given_up

    def expire(self, now: int) -> list[Split]:
        """Messages whose parts have been waited for long enough."""
        late = [key for key, split in self._splits.items() if now - split.since >= PATIENCE_MS]
        return [self._splits.pop(key) for key in late]

    def drop(self) -> list[Split]:
        """All that is unfinished."""
        splits = list(self._splits.values())
        self._splits.clear()
        return splits

    def next_time(self) -> int | None:
        """When the next one is given up, epoch ms."""
        return min((split.since + PATIENCE_MS for split in self._splits.values()), default=None)
