"""What is remembered of a device over its connections: which records it has sent, what is missing, which password it was given."""

import itertools
from typing import Final

from ingest.protocols.hj212.gaps import Gaps

_MOST_RECORDS: Final = 64
_MOST_DEVICES: Final = 20_000

DURABLE: Final = 0


class Memory:
    """Of one device. A record is known by MN, QN, CN, PNO and its bytes: firmware whose QN stands still loses nothing by it."""

    __slots__ = ("_records", "gaps", "new_password", "offered")

    def __init__(self) -> None:
        self._records: dict[int, int] = {}
        self.gaps = Gaps()
        self.new_password = ""
        """What command 1072 set, until the register says the same."""
        self.offered = ""
        """What command 1072 asks for at this moment: a device may answer in the new word or in the old one."""

    def state(self, record: int) -> int | None:
        """The token of a record under way, `DURABLE`, or None for one that never came."""
        return self._records.get(record)

    def put(self, record: int, token: int) -> None:
        """A record came; older ones are forgotten."""
        if len(self._records) >= _MOST_RECORDS:
            del self._records[next(iter(self._records))]
        self._records[record] = token

    def kept(self, record: int) -> None:
        """The record is durable."""
        if record in self._records:
            self._records[record] = DURABLE

    def forget(self, record: int) -> None:
        """The record's connection ended before it was durable: it may come again as if for the first time."""
        if self._records.get(record):
            del self._records[record]


class Memories:
    """Of all devices of a process; those not heard of for longest are forgotten first."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}
        self.tokens = itertools.count(1)
        """Tokens of records under way, of all connections."""

    def of(self, station: str) -> Memory:
        """What is remembered of a station."""
        memory = self._memories.pop(station, None) or Memory()
        self._memories[station] = memory
        if len(self._memories) > _MOST_DEVICES:
            del self._memories[next(iter(self._memories))]
        return memory
