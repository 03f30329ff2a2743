"""The devices that the bench plays: loggers at one message a minute, vehicles at one report in five seconds, each calling from an address of many."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from benchmarks.field.hj212 import PASSWORD, frame
from hub.catalogue import Device
from hub.link import FieldLink
from simulators.field.jt808 import Plan, Terminal

LOGGER_MS: Final = 60_000
VEHICLE_MS: Final = 5_000
_CODE: Final = "bench"
_EACH: Final = 200
"""Connections from one address: fewer than `field.per_address`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One record: when its device sends it (epoch ms), the time it carries, its bytes, and what its answer names it by."""

    due: int
    time: int
    frame: bytes
    key: bytes


class Fleet(msgspec.Struct, frozen=True):
    """So many of each."""

    loggers: int
    vehicles: int

    @property
    def size(self) -> int:
        """All of them."""
        return self.loggers + self.vehicles

    def register(self) -> list[Device]:
        """Their entries in the register, in the order of their numbers."""
        loggers = [_logger(number) for number in range(self.loggers)]
        return [*loggers, *(_vehicle(number) for number in range(self.vehicles))]


def address(number: int) -> str:
    """Where device `number` of the fleet calls from."""
    return f"127.0.{1 + number // _EACH}.1"


def mn(number: int) -> str:
    """What a logger calls itself."""
    return f"BENCH{number:019d}"


def phone(number: int) -> str:
    """What a terminal calls itself."""
    return f"139{number:08d}"


def greeting(number: int, now: int) -> bytes:
    """How a vehicle authenticates."""
    return b"".join(_terminal(number, now).connected(now))


def logger_uploads(number: int, first: int, count: int, *, due: int, every: int) -> Iterator[Upload]:
    """Records of a logger from `first` on, a minute apart, sent from `due` on `every` so many ms."""
    for place in range(count):
        time, sent = first + place * LOGGER_MS, due + place * every
        made = frame(mn(number), time, place, sent)
        yield Upload(sent, time // 1000 * 1000, made, made[9:26])


def vehicle_uploads(number: int, first: int, count: int, *, due: int, every: int) -> Iterator[Upload]:
    """Reports of a vehicle from `first` on, five seconds apart, sent from `due` on `every` so many ms."""
    terminal = _terminal(number, first)
    terminal.admit()
    made = terminal.tick(first + (count - 1) * VEHICLE_MS)
    for place, report in enumerate(made):
        time = first + place * VEHICLE_MS
        yield Upload(due + place * every, time // 1000 * 1000, report, place.to_bytes(2))


def _terminal(number: int, now: int) -> Terminal:
    return Terminal(Plan(phone(number), period_s=VEHICLE_MS / 1000, seed=number, code=_CODE), now)


def _logger(number: int) -> Device:
    link = FieldLink("hj212", mn(number), PASSWORD, backfill=False)
    return Device(f"bench/source/l{number}", period_ms=LOGGER_MS, link=link)


def _vehicle(number: int) -> Device:
    return Device(f"bench/vehicle/v{number}", period_ms=VEHICLE_MS, link=FieldLink("jt808", phone(number), _CODE))
