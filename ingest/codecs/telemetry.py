"""`telemetry`: `{"ts": T, "values": {...}, "flags": {...}, "units": {...}, "seq": n}`, an array of these, or SenML."""

import math
from typing import Any, Final

import msgspec

from hub.errors import Refused
from hub.model import QUALITY_CODE, QUALITY_LETTERS, Check
from ingest.codec import Arrival, Entry, Reading, Taken
from ingest.codecs import senml
from ingest.document import mapping, number, objects, read_json, shown
from ingest.times import time_of
from ingest.values import MOST_PROPERTIES, in_unit

MESSAGE: Final = "telemetry"
KINDS: Final = None


class Plain(msgspec.Struct, gc=False):
    """The ordinary object, read in one step; whatever does not fit is read by `decode`, which says why."""

    values: dict[str, float | None]
    ts: int | str | None = None
    seq: int | None = None
    flags: Any = None
    units: Any = None


read_plain: Final = msgspec.json.Decoder(Plain).decode


def decode(arrival: Arrival, entry: Entry) -> Taken:
    """The readings of one message, oldest first.

    Raises:
        Refused: nothing of it can be taken.
    """
    document = read_json(arrival.payload)
    if senml.is_senml(document):
        return senml.read(document, arrival, entry)
    members = objects(document)
    taken = Taken()
    for place, member in enumerate(members):
        where = f"[{place}] " if len(members) > 1 else ""
        try:
            reading = _read(member, arrival, entry, taken, where)
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
        else:
            if reading is not None:
                taken.readings.append(reading)
    taken.readings.sort(key=lambda reading: reading.time)
    return taken


def _read(raw: Any, arrival: Arrival, entry: Entry, taken: Taken, where: str) -> Reading | None:
    member = mapping(raw, "telemetry")
    values = mapping(member.get("values"), "values")
    if not values:
        raise Refused("bad_value", "values: expected at least one property")
    if len(values) > MOST_PROPERTIES:
        raise Refused("too_large", f"values: {len(values)} properties, at most {MOST_PROPERTIES} are taken")
    flags, units = _optional(member, "flags"), _optional(member, "units")
    time, assumed = time_of(member.get("ts"), arrival, entry)
    row: dict[str, float] = {}
    letters: dict[str, int] = {}
    for name, value in values.items():
        try:
            letters[name] = _letter(name, flags)
            row[name] = _value(name, value, units, entry)
        except Refused as refused:
            taken.refuse(refused.reason, where + refused.detail)
    for name in flags.keys() - values.keys():
        taken.refuse("bad_value", f"{where}flags: {shown(name)} has no value")
    seq = _sequence(member.get("seq"), taken, where)
    if not row:
        return None
    quality = tuple(letters[name] for name in row)
    return Reading(
        time,
        tuple(row),
        tuple(row.values()),
        quality if any(quality) else None,
        Check.TIME_ASSUMED if assumed else 0,
        seq,
    )


def _optional(member: dict[str, Any], key: str) -> dict[str, Any]:
    raw = member.get(key)
    return {} if raw is None else mapping(raw, key)


def _letter(name: str, flags: dict[str, Any]) -> int:
    letter = flags.get(name, "")
    if not isinstance(letter, str) or letter not in QUALITY_CODE:
        raise Refused("bad_value", f"{name}: flag {shown(letter)}, expected one of {' '.join(QUALITY_LETTERS[1:])}")
    return QUALITY_CODE[letter]


def _value(name: str, raw: Any, units: dict[str, Any], entry: Entry) -> float:
    if not entry.knows(name):
        raise Refused("unknown_property", name)
    if raw is None:
        return math.nan
    return in_unit(name, number(raw, name), units.get(name), entry)


def _sequence(raw: Any, taken: Taken, where: str) -> int | None:
    if raw is None or (isinstance(raw, int) and not isinstance(raw, bool)):
        return raw
    taken.refuse("bad_value", f"{where}seq: expected an integer, got {shown(raw)}")
    return None
