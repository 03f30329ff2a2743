"""The readings in a data message (2011, 2051, 2061, 2031, 2021, 2041).

A logger sends the same items in the same order all day long. What they mean is worked out once for each sequence of names, as a `Plan`; after that a message
is one match, two picks and one conversion of numbers. Whatever is unusual goes the slow way, which says what is wrong with which item.
"""

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, cast

from hub.errors import Refused
from hub.units import Conversion
from ingest.codec import Entry, Reading, Taken
from ingest.field.session import ProtocolError
from ingest.protocols.hj212.content import read_items, records
from ingest.protocols.hj212.factors import PERIOD_OF, Dialect, Unmapped, dialect_key
from ingest.protocols.hj212.packet import Packet
from ingest.protocols.hj212.times import read_time
from ingest.protocols.hj212.words import QUALITY
from ingest.times import checked

DATA: Final = frozenset(PERIOD_OF)
"""Commands whose content becomes readings."""

MOST_PLANS: Final = 2048
"""Sequences of names that are remembered: loggers of one make share theirs."""

_MOST_SHAPES: Final = 8
_NUMBER: Final = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\s*", re.ASCII)
_SEPARATORS: Final = re.compile("[;,]")
_PLAIN: Final = Conversion(1.0, 0.0)

Pick = Callable[[tuple[str, ...]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Channel:
    """One item that is a value: its place and its flag's among the items (-1: it has none), what it is, how it is converted."""

    item: int
    flag: int
    name: str
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class Group:
    """Channels that share a time: where it stands, and the values and flags as they are picked."""

    time: int
    channels: tuple[Channel, ...]
    names: tuple[str, ...]
    values: Pick
    flags: Pick | None
    conversions: tuple[tuple[float, float], ...] | None


@dataclass(slots=True)
class Plan:
    """What a sequence of item names means; `refusals` are the items that mean nothing, the same in every message.

    `usual`: it came before, and has no pattern yet; `slow`: it is to be read item by item.
    """

    groups: list[Group] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    usual: bool = False
    slow: bool = False


class Reader:
    """One for the process: plans by the dialect of a device, the command and the names."""

    def __init__(self, most: int = MOST_PLANS) -> None:
        self._most = most
        self._plans: dict[object, Plan] = {}
        self._shapes: dict[object, list[tuple[re.Pattern[str], Plan]]] = {}
        self._once: set[int] = set()
        self._keys: dict[object, int] = {}
        self._numbers = itertools.count(1)

    def dialect(self, entry: Entry) -> int:
        """A number for how this device's codes are read; ask again when the register changes."""
        key = dialect_key(entry.device)
        if key not in self._keys:
            if len(self._keys) > self._most:
                self._keys.clear()
            self._keys[key] = next(self._numbers)  # never one that was given before: a connection may still use it
        return self._keys[key]

    def read(self, packet: Packet, entry: Entry, dialect: int, horizon: int) -> Taken:
        """The readings of one message, oldest first; what of it cannot be taken is in `refusals`. `horizon`: the latest time it may carry, epoch ms.

        Raises:
            ProtocolError: the content is not built as it should be.
        """
        taken = Taken()
        usual = (
            self._shapes.get((dialect, packet.cn, packet.st), ())
            if packet.cp.isascii() and "_" not in packet.cp
            else ()
        )
        for pattern, plan in usual:
            match = pattern.fullmatch(packet.cp)
            if match is not None and _take_ordinary(plan, match.groups(), horizon, taken):
                return taken
        taken = Taken()
        for record in records(read_items(packet.cp)):
            self._take(packet, entry, dialect, record, horizon, taken)
        taken.readings.sort(key=lambda reading: reading.time)
        return taken

    def _plan(self, packet: Packet, entry: Entry, dialect: int, names: tuple[str, ...]) -> Plan:
        key = (dialect, packet.cn, packet.st, names)
        plan = self._plans.get(key)
        if plan is None:
            plan = _make_plan(packet, Dialect(entry), names)
            self._remember(key, plan)
        return plan

    def _remember(self, key: object, plan: Plan) -> None:
        """Keep a plan from the second time its names come: what came once may be noise."""
        if hash(key) not in self._once:
            self._once.add(hash(key))
            if len(self._once) > 4 * self._most:
                self._once.clear()
            return
        if len(self._plans) > self._most:
            self._plans.clear()
            self._shapes.clear()
        self._plans[key] = plan
        plan.usual = True

    def _take(
        self,
        packet: Packet,
        entry: Entry,
        dialect: int,
        record: list[tuple[str, str]],
        horizon: int,
        taken: Taken,
    ) -> None:
        names = tuple(name for name, _ in record)
        plan = self._plan(packet, entry, dialect, names)
        _take_slowly(plan, tuple(value for _, value in record), horizon, taken)
        if plan.usual and not plan.slow and len(_SEPARATORS.split(packet.cp)) == len(names):
            shapes = self._shapes.setdefault((dialect, packet.cn, packet.st), [])
            if len(shapes) < _MOST_SHAPES:
                shapes.append((_shape(packet.cp), plan))
                plan.usual = False  # one way of separating its items is enough


def _shape(cp: str) -> re.Pattern[str]:
    """What fits every content with these names and separators in this order; a group for each value."""
    names = [re.escape(item.partition("=")[0]) for item in _SEPARATORS.split(cp)]
    separators = [*_SEPARATORS.findall(cp), ""]
    return re.compile("".join(f"{name}=([^;,]*){apart}" for name, apart in zip(names, separators, strict=True)))


def _make_plan(packet: Packet, dialect: Dialect, names: tuple[str, ...]) -> Plan:
    plan = Plan()
    places = {name.strip(): place for place, name in enumerate(names)}
    time = places.get("DataTime", -1)
    grouped: dict[int, list[Channel]] = {}
    seen: set[str] = set()
    for place, written in enumerate(names):
        code, dash, attribute = written.strip().partition("-")
        if not dash:
            continue
        try:
            name, conversion = dialect.meaning(packet.cn, packet.st, code, attribute)
        except Unmapped as unmapped:
            if unmapped.reason:
                plan.refusals.append(Refused(unmapped.reason, unmapped.detail))
            continue
        if name in seen:
            plan.refusals.append(Refused("bad_value", f"{written.strip()}: {name} stands twice in the message"))
            continue
        seen.add(name)
        flag = places.get(f"{code}-Flag", -1)
        sampled = places.get(f"{code}-SampleTime", -1) if packet.cn == "2011" else -1
        grouped.setdefault(sampled if sampled >= 0 else time, []).append(Channel(place, flag, name, conversion))
    _flags_alone(packet, dialect, places, seen, grouped.setdefault(time, []), plan)
    plan.groups = [_group(at, channels) for at, channels in grouped.items() if channels]
    return plan


def _flags_alone(
    packet: Packet,
    dialect: Dialect,
    places: dict[str, int],
    seen: set[str],
    channels: list[Channel],
    plan: Plan,
) -> None:
    """A factor that has a flag and no value (no contact with the instrument): nothing was measured, and the flag says why."""
    valued = {name.partition("-")[0] for name in places if not name.endswith(("-Flag", "-EFlag", "-SampleTime"))}
    for written, place in places.items():
        code, dash, attribute = written.partition("-")
        if not dash or attribute != "Flag" or code in valued:
            continue
        try:
            name, _ = dialect.meaning(packet.cn, packet.st, code, "Avg" if PERIOD_OF[packet.cn] else "Rtd")
        except Unmapped as unmapped:
            plan.refusals.append(Refused(unmapped.reason, unmapped.detail))
            continue
        if name not in seen:
            plan.slow = True
            channels.append(Channel(-1, place, name, _PLAIN))


def _group(time: int, channels: list[Channel]) -> Group:
    flagged = any(channel.flag >= 0 for channel in channels)
    converted = any(channel.conversion != _PLAIN for channel in channels)
    return Group(
        time,
        tuple(channels),
        tuple(channel.name for channel in channels),
        _pick([channel.item for channel in channels]),
        _pick([channel.flag for channel in channels]) if flagged else None,
        tuple((channel.conversion.factor, channel.conversion.offset) for channel in channels) if converted else None,
    )


def _pick(places: list[int]) -> Pick:
    if len(places) == 1:
        place = places[0]
        return lambda items: (items[place],)
    return itemgetter(*places)


def _take_ordinary(plan: Plan, values: tuple[str, ...], horizon: int, taken: Taken) -> bool:
    """Take a message in which everything is as usual; False, and nothing is said of it, where something is not."""
    items = (*values, "")  # place -1: no flag
    for group in plan.groups:
        if group.time < 0:
            return False
        try:
            time = checked(read_time(items[group.time]), horizon)
            row = tuple(map(float, group.values(items)))
        except (ValueError, ProtocolError, Refused):
            return False
        if group.conversions is not None:
            row = tuple(value * factor + offset for value, (factor, offset) in zip(row, group.conversions, strict=True))
        if not math.isfinite(sum(row)):
            return False
        quality: tuple[int | None, ...] | None = None
        if group.flags is not None:
            quality = tuple(map(QUALITY.get, group.flags(items)))
            if None in quality:
                return False
        taken.readings.append(Reading(time, group.names, row, cast("tuple[int, ...] | None", quality)))
    if len(taken.readings) > 1:
        taken.readings.sort(key=lambda reading: reading.time)
    taken.refusals.extend(plan.refusals)
    return True


def _take_slowly(plan: Plan, values: tuple[str, ...], horizon: int, taken: Taken) -> None:
    """Take what can be taken, and say of each other item why not."""
    items = (*values, "")
    taken.refusals.extend(plan.refusals)
    for group in plan.groups:
        try:
            time = _time(group, items, horizon)
        except Refused as refused:
            taken.refusals.append(refused)
            continue
        row: list[tuple[str, float, int]] = []
        for channel in group.channels:
            try:
                row.append((channel.name, _value(channel, items), _letter(channel, items)))
            except Refused as refused:
                taken.refusals.append(refused)
        if row:
            names, numbers, letters = zip(*row, strict=True)
            taken.readings.append(Reading(time, names, numbers, letters if any(letters) else None))


def _time(group: Group, items: tuple[str, ...], horizon: int) -> int:
    if group.time < 0:
        raise Refused("bad_time", "DataTime is missing (table 9)")
    try:
        return checked(read_time(items[group.time]), horizon)
    except ProtocolError as error:
        raise Refused("bad_time", error.detail) from None


def _value(channel: Channel, items: tuple[str, ...]) -> float:
    if channel.item < 0:
        return math.nan
    text = items[channel.item]
    if not text.strip() and channel.flag >= 0:
        return math.nan
    if not _NUMBER.fullmatch(text):
        raise Refused("bad_value", f"{channel.name}: {text[:40]!r} is no number (6.3.3)")
    value = channel.conversion(float(text))
    if not math.isfinite(value):
        raise Refused("bad_value", f"{channel.name}: {text[:40]!r} is no number that can be kept")
    return value


def _letter(channel: Channel, items: tuple[str, ...]) -> int:
    code = QUALITY.get(items[channel.flag].strip())
    if code is None:
        raise Refused("bad_value", f"{channel.name}: data flag {items[channel.flag][:8]!r} is none of table 8")
    return code
