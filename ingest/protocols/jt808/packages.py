"""Messages in several packages: put together again, asked for where one is missing, given up where it never comes (JT/T 808-2013, 7.12, 8.4)."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from ingest.protocols.jt808.frame import Frame, Header

QUIET_MS: Final = 5_000
"""No package for so long: those that are missing are asked for."""

ASKED: Final = 3
"""How often they are asked for before the message is given up."""

MOST_MESSAGES: Final = 4
MOST_PACKAGES: Final = 512
MOST_BYTES: Final = 262_144
"""What one connection may hold of unfinished messages."""


@dataclass(slots=True)
class Group:
    """One message in the making; `first` is the serial number of its package 1, `raw` the frames as they came."""

    header: Header
    first: int
    bodies: dict[int, bytes] = field(default_factory=dict)
    serials: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    raw: bytes = b""
    last: int = 0
    asked: int = 0

    @property
    def missing(self) -> list[int]:
        """Numbers of the packages that have not come."""
        return [number for number in range(1, self.header.total + 1) if number not in self.bodies]

    def whole(self) -> Frame:
        """The message as if it had come in one frame."""
        body = b"".join(self.bodies[number] for number in sorted(self.bodies))
        return Frame(msgspec.structs.replace(self.header, total=0, number=0, serial=self.serials[-1]), body)


class Packages:
    """The unfinished messages of one connection."""

    def __init__(self) -> None:
        self._groups: dict[tuple[int, int, int], Group] = {}

    def take(self, frame: Frame, raw: bytes, now: int) -> tuple[Group | None, Group | None]:
        """One package: the message when it is whole, and one that had to be given up for want of room."""
        header = frame.header
        first = (header.serial - header.number + 1) & 0xFFFF
        key = (header.id, header.total, first)
        group = self._groups.get(key)
        given_up = None
        if group is None:
            if header.total > MOST_PACKAGES:
                return None, Group(header, first, serials=[header.serial], raw=raw)
            if len(self._groups) >= MOST_MESSAGES or self.held + len(raw) > MOST_BYTES:
                given_up = self._drop_oldest()
            group = self._groups[key] = Group(header, first)
        if header.number not in group.bodies:
            group.bodies[header.number] = frame.body
            group.raw += raw
        group.serials.append(header.serial)
        group.keys.append(frame.key)
        group.last = now
        if len(group.bodies) == header.total:
            return self._groups.pop(key), given_up
        if len(group.raw) > MOST_BYTES:
            return None, self._groups.pop(key)
        return None, given_up

    def _drop_oldest(self) -> Group | None:
        if not self._groups:
            return None
        return self._groups.pop(min(self._groups, key=lambda key: self._groups[key].last))

    def quiet(self, now: int) -> tuple[list[Group], list[Group]]:
        """Which messages to ask the rest of, and which to give up."""
        ask, given_up = [], []
        for key, group in list(self._groups.items()):
            if now < group.last + QUIET_MS:
                continue
            if group.asked == ASKED:
                given_up.append(self._groups.pop(key))
                continue
            group.asked += 1
            group.last = now
            ask.append(group)
        return ask, given_up

    def all(self) -> list[Group]:
        """Give up everything: the connection is gone."""
        groups, self._groups = list(self._groups.values()), {}
        return groups

    def next_tick(self) -> int | None:
        """When `quiet` is wanted."""
        return min((group.last + QUIET_MS for group in self._groups.values()), default=None)

    @property
    def held(self) -> int:
        """Bytes of all unfinished messages."""
        return sum(len(group.raw) for group in self._groups.values())
