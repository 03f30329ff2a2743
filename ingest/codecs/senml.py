"""SenML JSON (RFC 8428) inside `telemetry`: base values, relative times, units; told by its shape."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from hub.errors import Refused
from hub.model import Check
from ingest.codec import Arrival, Entry, Reading, Taken
from ingest.document import mapping, number, shown
from ingest.times import checked
from ingest.values import MOST_PROPERTIES, in_unit

_LABELS: Final = frozenset({"n", "v", "vb", "vs", "vd", "bn", "bv", "bt", "bu", "bver", "u", "t", "s", "bs", "ut"})
_VERSION: Final = 10
_RELATIVE: Final = 1 << 28
"""RFC 8428, 4.5.3: times below 2**28 seconds are relative to now."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")  # RFC 8428, 4.5.1


@dataclass(frozen=True, slots=True)
class _Bases:
    name: str = ""
    time: float = 0.0
    value: float = 0.0
    unit: str | None = None


def is_senml(document: Any) -> bool:
    """Whether a document is a SenML pack: an array whose first record has SenML's labels and no `values`."""
    if not isinstance(document, list) or not document or not isinstance(document[0], dict):
        return False
    first = document[0]
    return "values" not in first and not _LABELS.isdisjoint(first)


def read(pack: list[Any], arrival: Arrival, entry: Entry) -> Taken:
    """The readings of a pack, one per time, oldest first.

    Raises:
        Refused: nothing of the pack may be processed.
    """
    taken = Taken()
    rows: dict[tuple[int, bool], dict[str, float]] = {}
    bases = _Bases()
    for place, raw in enumerate(pack):
        try:
            record = mapping(raw, "record")
            _understood(record)
            bases = _rebased(bases, record)
            _take(record, bases, rows, arrival, entry)
        except Refused as refused:
            if refused.reason == "unsupported":
                raise
            taken.refuse(refused.reason, f"[{place}] {refused.detail}")
    for (time, assumed), row in sorted(rows.items(), key=lambda item: item[0][0]):
        checks = Check.TIME_ASSUMED if assumed else 0
        taken.readings.append(Reading(time, tuple(row), tuple(row.values()), None, checks))
    return taken


def _understood(record: dict[str, Any]) -> None:
    # RFC 8428, 4.4: a label that ends in "_" must be understood, else the pack must not be processed.
    foreign = [label for label in record if label.endswith("_")]
    if foreign:
        raise Refused("unsupported", f"SenML label {shown(foreign[0])} must be understood, and is not")
    version = record.get("bver", _VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or not 0 < version <= _VERSION:
        raise Refused("unsupported", f"SenML version {shown(version)}, at most {_VERSION} is known")


def _rebased(bases: _Bases, record: dict[str, Any]) -> _Bases:
    if "bn" in record:
        if not isinstance(record["bn"], str):
            raise Refused("bad_value", f"bn: expected text, got {shown(record['bn'])}")
        bases = replace(bases, name=record["bn"])
    if "bt" in record:
        bases = replace(bases, time=number(record["bt"], "bt"))
    if "bv" in record:
        bases = replace(bases, value=number(record["bv"], "bv"))
    if "bu" in record:
        bases = replace(bases, unit=record["bu"])
    return bases


def _take(
    record: dict[str, Any],
    bases: _Bases,
    rows: dict[tuple[int, bool], dict[str, float]],
    arrival: Arrival,
    entry: Entry,
) -> None:
    if record.keys().isdisjoint(("v", "vs", "vb", "vd", "s", "n", "u", "t")):
        return  # a record of base values only
    name = _property(bases.name, record.get("n", ""), entry)
    if not entry.knows(name):
        raise Refused("unknown_property", name)
    # RFC 8428, 4.6: a base value is the value of a record that has none of its own.
    if "v" not in record and ("bv" not in record or not record.keys().isdisjoint(("vs", "vb", "vd", "s"))):
        raise Refused("bad_value", f"{name}: expected v, a number; texts, booleans, data and sums are not kept")
    value = number(number(record.get("v", 0.0), name) + bases.value, name)
    time = _time(record, bases, arrival)
    value = in_unit(name, value, record.get("u", bases.unit), entry)
    row = rows.setdefault(time, {})
    if len(row) >= MOST_PROPERTIES:
        raise Refused("too_large", f"{name}: more than {MOST_PROPERTIES} properties at one time")
    row[name] = value


def _property(base: str, own: Any, entry: Entry) -> str:
    if not isinstance(own, str) or not _NAME.fullmatch(base + own):
        raise Refused("bad_value", f"n: expected a SenML name, got {shown(own)} after {shown(base)}")
    # The device is the topic's; of a name such as urn:dev:mac:0024befffe804ff1:ph the last word says what was measured.
    whole = base + own
    return whole if entry.knows(whole) else re.split("[/:]", whole)[-1]


def _time(record: dict[str, Any], bases: _Bases, arrival: Arrival) -> tuple[int, bool]:
    seconds = bases.time + number(record.get("t", 0), "t")
    if seconds >= _RELATIVE:
        return checked(_milliseconds(seconds), arrival.horizon), False
    if arrival.retained:
        raise Refused("bad_time", "a retained message with a relative time: when it was true cannot be known")
    return checked(arrival.received + _milliseconds(seconds), arrival.horizon), True


def _milliseconds(seconds: float) -> int:
    return round(number(seconds, "t") * 1000)
