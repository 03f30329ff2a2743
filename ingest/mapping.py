"""Devices whose firmware cannot be changed: their topics and JSON are read by a mapping of `hub.toml`; pure."""

import importlib.util
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from hub.catalogue import Catalogue, Device
from hub.clock import rfc3339
from hub.errors import Refused
from hub.model import Check, Station, check_property
from hub.settings import MappingSection
from ingest.codec import Arrival, Codec, Decode, Entry, Reading, Taken
from ingest.codecs import codecs
from ingest.document import number, objects, read_json, shown
from ingest.json_path import find, parse_path
from ingest.times import checked, in_zone, parse
from ingest.values import in_unit

_WORDS: Final = ("department", "kind", "device")
_NAMED: Final = re.compile(r"\{([a-z_]+)\}")
_TEXT_NUMBER: Final = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*", re.ASCII)


class DeviceMapping:
    """One mapping, ready to use."""

    def __init__(self, section: MappingSection, district: str) -> None:
        if problems := mapping_problems(section):
            raise ValueError("; ".join(problems))
        self.name = section.name
        self._section = section
        self._district = district
        self._levels = section.topic.split("/")
        self._items = None if section.items is None else parse_path(section.items)
        self._time = None if section.time is None else parse_path(section.time)
        self._values = {name: parse_path(text) for name, text in section.values.items()}
        self._decoder: Decode | None = None if section.decoder is None else load_decoder(section.decoder).decode

    @property
    def filter(self) -> str:
        """The MQTT topic filter."""
        return "/".join("+" if _NAMED.fullmatch(level) else level for level in self._levels)

    def levels(self, levels: tuple[str, ...]) -> Mapping[str, str] | None:
        """The named levels of a topic, None when the mapping is not for it."""
        wanted = self._levels
        if wanted[-1] == "#":
            wanted, levels = wanted[:-1], levels[: len(wanted) - 1]
        if len(levels) != len(wanted):
            return None
        named: dict[str, str] = {}
        for have, want in zip(levels, wanted, strict=True):
            match = _NAMED.fullmatch(want)
            if match:
                named[match[1]] = have
            elif want not in ("+", have):
                return None
        return named

    def station(self, named: Mapping[str, str], payload: bytes) -> str:
        """The device a message comes from.

        Raises:
            Refused: bad_topic, or bad_json when the device stands in the payload.
        """
        section = self._section
        words = {"department": section.department or self._district, "kind": section.kind or ""}
        words |= {word: named[word] for word in _WORDS if word in named}
        if "device" not in words:
            words["device"] = self._device(section.device or "", payload)
        try:
            return str(Station(**words))
        except ValueError as error:
            raise Refused("bad_topic", f"mapping {self.name}: {error}") from None

    def decode(self, arrival: Arrival, entry: Entry) -> Taken:
        """The readings of one message, oldest first.

        Raises:
            Refused: nothing of it can be taken.
        """
        if self._decoder is not None:
            return self._decoder(arrival, entry)
        document = read_json(arrival.payload)
        members = objects(document if self._items is None else find(self._items, document))
        taken = Taken()
        for member in members:
            try:
                reading = self._read(member, arrival, entry, taken)
            except Refused as refused:
                taken.refuse(refused.reason, refused.detail)
            else:
                taken.readings.append(reading)
        taken.readings.sort(key=lambda reading: reading.time)
        return taken

    def _device(self, written: str, payload: bytes) -> str:
        if not written.startswith("$"):
            return written
        found = find(parse_path(written), read_json(payload))
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise Refused(
                "bad_json", f"mapping {self.name}: {written} holds {shown(found)}, expected the device's name"
            )
        return str(found)

    def _read(self, member: Any, arrival: Arrival, entry: Entry, taken: Taken) -> Reading:
        time, assumed = self._when(member, arrival, entry)
        row: dict[str, float] = {}
        for name, path in self._values.items():
            try:
                row[name] = self._value(name, find(path, member), entry)
            except Refused as refused:
                taken.refuse(refused.reason, refused.detail)
        if not row:
            raise Refused("bad_json", f"mapping {self.name}: none of its values is in the message")
        return Reading(time, tuple(row), tuple(row.values()), None, Check.TIME_ASSUMED if assumed else 0)

    def _when(self, member: Any, arrival: Arrival, entry: Entry) -> tuple[int, bool]:
        raw = None if self._time is None else find(self._time, member)
        if raw is None:
            if arrival.retained:
                raise Refused("bad_time", "a retained message without a time: when it was true cannot be known")
            return arrival.received, True
        return checked(
            read_time(raw, self._section.time_format, self._section.zone or entry.zone), arrival.horizon
        ), False

    def _value(self, name: str, raw: Any, entry: Entry) -> float:
        if not entry.knows(name):
            raise Refused("unknown_property", name)
        if raw is None:
            return math.nan
        if self._section.text_numbers and isinstance(raw, str) and _TEXT_NUMBER.fullmatch(raw):
            raw = float(raw)
        return in_unit(name, number(raw, name), self._section.units.get(name), entry)


def mapping_problems(section: MappingSection) -> list[str]:
    """Everything that is wrong with a mapping."""
    found = _topic_problems(section)
    if section.decoder is None and not section.values:
        found.append("values: expected at least one property = path, or a decoder")
    if section.decoder is not None:
        try:
            load_decoder(section.decoder)
        except ValueError as error:
            found.append(f"decoder: {error}")
    paths = {"items": section.items, "time": section.time} | {f"values.{k}": v for k, v in section.values.items()}
    for key, text in paths.items():
        try:
            if text is not None:
                parse_path(text)
        except ValueError as error:
            found.append(f"{key}: {error}")
    for name in section.values:
        try:
            check_property(name)
        except ValueError as error:
            found.append(f"values: {error}")
    found += [f"units: {name} is not among the values" for name in section.units.keys() - section.values.keys()]
    return found + _time_problems(section)


def _topic_problems(section: MappingSection) -> list[str]:
    levels = section.topic.split("/")
    named = [match[1] for level in levels if (match := _NAMED.fullmatch(level))]
    found = []
    if not section.topic or any(set(level) & set("{}+#") and not _whole_level(level) for level in levels):
        found.append(f"topic {section.topic!r}: a wildcard or a {{name}} must fill its level")
    if "#" in levels[:-1]:
        found.append(f"topic {section.topic!r}: # may only stand last")
    if section.kind is None and "kind" not in named:
        found.append("kind: expected a word, or {kind} in the topic")
    if section.device is None and "device" not in named:
        found.append("device: expected a word, a path such as $.id, or {device} in the topic")
    return found


def _whole_level(level: str) -> bool:
    return level in ("+", "#") or _NAMED.fullmatch(level) is not None


def _time_problems(section: MappingSection) -> list[str]:
    found = []
    if section.zone is not None:
        try:
            ZoneInfo(section.zone)
        except (KeyError, ValueError, OSError):
            found.append(f"zone {section.zone!r}: expected an IANA zone such as Asia/Shanghai")
    if section.time_format not in ("rfc3339", "epoch_ms", "epoch_s") and "%" not in section.time_format:
        found.append(
            f"time_format {section.time_format!r}: expected rfc3339, epoch_ms, epoch_s or a format such as %Y%m%d%H%M%S"
        )
    return found


def read_time(raw: Any, form: str, zone: str | None) -> int:
    """A time in one of a mapping's formats as epoch ms.

    Raises:
        Refused: bad_time or no_offset.
    """
    if form == "rfc3339":
        return parse(raw, zone)
    if form in ("epoch_ms", "epoch_s"):
        if isinstance(raw, str) and _TEXT_NUMBER.fullmatch(raw):
            raw = float(raw)
        try:
            return round(number(raw, "time") * (1000 if form == "epoch_s" else 1))
        except Refused as refused:
            raise Refused("bad_time", refused.detail) from None
    try:
        moment = datetime.strptime(str(raw), form)  # noqa: DTZ007 - the zone comes next
        if moment.tzinfo is None:
            moment = in_zone(moment, zone, str(raw))
        return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    except (ValueError, OverflowError):
        raise Refused("bad_time", f"time {shown(raw)}: expected {form}") from None


def load_decoder(written: str) -> Codec:
    """The decoder of that name in `ingest/codecs/`, or in a file `something.py`.

    Raises:
        ValueError: there is none.
    """
    if not written.endswith(".py"):
        codec = codecs().get(written)
        if codec is None:
            raise ValueError(f"{written!r}: expected one of {', '.join(codecs())}, or a file ending in .py")
        return codec
    path = Path(written)
    spec = importlib.util.spec_from_file_location(f"hub_decoder_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ValueError(f"{written!r}: no such file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "decode"):
        raise ValueError(f"{written!r}: expected a function decode(arrival, entry) in it")
    return cast("Codec", module)


def explain(section: MappingSection, district: str, payload: bytes, received: int, zone: ZoneInfo) -> dict[str, Any]:
    """What a sample message would become: topic, station, readings, and what of it would be refused and why."""
    mapping = DeviceMapping(section, district)
    topic = _NAMED.sub(_sample_word, section.topic).replace("+", "any").replace("#", "any")
    named = mapping.levels(tuple(topic.split("/"))) or {}
    answer: dict[str, Any] = {"mapping": mapping.name, "topic": topic}
    try:
        answer["station"] = mapping.station(named, payload)
        entry = Entry(Device(answer["station"]), Catalogue())
        taken = mapping.decode(Arrival(payload, received, received), entry)
    except Refused as refused:
        return answer | {"readings": [], "refused": [str(refused)]}
    readings = [
        {"time": rfc3339(reading.time, zone), "values": dict(zip(reading.names, reading.values, strict=True))}
        for reading in taken.readings
    ]
    return answer | {"readings": readings, "refused": [str(refused) for refused in taken.refusals]}


def _sample_word(match: re.Match[str]) -> str:
    return {"kind": "water"}.get(match[1], match[1])
