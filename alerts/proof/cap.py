"""Incidents as Common Alerting Protocol 1.2 (urn:oasis:names:tc:emergency:cap:1.2), for systems that speak it; pure.

Finding, telling and solving are Alert, Update and Cancel. A limit that was crossed inside the bureau is its own affair, so the scope is Restricted:
a warning to the public is for another body to give.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from alerts.proof.cap_words import CATEGORIES, COLOURS, EVENTS, LANGUAGES, NOTES, SEVERITIES, STATE_WORDS, URGENCIES
from hub.properties import PROPERTIES

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE: Final = "application/cap+xml"
ENDED: Final = frozenset({"solved", "closed", "rejected", "self_cleared", "merged"})
MOST_REFERENCES: Final = 200

_RADIUS_KM: Final = 0.5
"""Of the circle around a station: what a measurement there may be taken to speak of."""
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 section 2.2: these cannot be written, however they are escaped."""
_UNFIT: Final = re.compile(r"[\s,<&]")


@dataclass(frozen=True, slots=True)
class Version:
    """The incident after one change that others should know: entry `seq` of its log, `sent` when it was written, epoch ms.

    `value`, `limit`, `unit` and `text` are those of the alert as it stood then: what was once said stays as it was said.
    """

    seq: int
    sent: int
    state: str
    level: int
    max_level: int
    round: int
    kind: str
    reason: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    text: str = ""


Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Where it is: a name, and a point with a radius or rings of (lon, lat) in WGS-84, or neither."""

    name: str
    point: tuple[float, float] | None = None
    radius_km: float = _RADIUS_KM
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What an incident's messages have in common; times epoch ms."""

    number: str
    department: str
    kind: str
    device: str
    area: Area
    opened: int
    property: str | None = None
    type: str = ""
    text: str = ""
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who speaks: a name that is the hub's alone, what people call it, its zone and its pages (empty for none)."""

    identifier: str
    name: str
    zone: ZoneInfo
    url: str = ""

    @classmethod
    def of(cls, district: str, zone: ZoneInfo, url: str) -> "Sender":
        """The hub of this district; its address, where it has one, makes the name unique."""
        host = url.partition("//")[2].partition("/")[0]
        return cls(_UNFIT.sub("-", f"{district}@{host}" if host else f"{district}.streamwarden"), district, zone, url)


def identifier(number: str, seq: int) -> str:
    """The message's own name: no blank, comma, `<` or `&` (3.2.1)."""
    return f"{_UNFIT.sub('-', number)}.{seq}"


def parse_identifier(text: str) -> tuple[str, int] | None:
    """The incident's number and the entry of its log, None where it is no identifier of ours."""
    number, dot, seq = text.rpartition(".")
    return (number, int(seq)) if dot and number and seq.isascii() and seq.isdigit() and len(seq) < 10 else None


def moment(at: int, zone: ZoneInfo) -> str:
    """A time as CAP writes it: whole seconds, an offset and never Z, -00:00 for UTC (3.3.2)."""
    text = datetime.fromtimestamp(at // 1000, UTC).astimezone(zone).isoformat()
    return text[:-6] + "-00:00" if text.endswith("+00:00") else text


def message_type(versions: Sequence[Version]) -> str:
    """Alert, Update or Cancel for the last of these versions; after a Cancel it begins anew."""
    if versions[-1].state in ENDED:
        return "Cancel"
    fresh = len(versions) == 1 or versions[-2].state in ENDED
    return "Alert" if fresh else "Update"


def cap_message(subject: Subject, versions: Sequence[Version], sender: Sender) -> bytes:
    """The message of the last of the versions; those before it are what it refers to."""
    now = versions[-1]
    kind = message_type(versions)
    root = ET.Element("alert", xmlns=NAMESPACE)
    _add(root, "identifier", identifier(subject.number, now.seq))
    _add(root, "sender", sender.identifier)
    _add(root, "sent", moment(now.sent, sender.zone))
    _add(root, "status", "Exercise" if subject.exercise else "Actual")
    _add(root, "msgType", kind)
    _add(root, "source", "Streamwarden")
    _add(root, "scope", "Restricted")
    _add(
        root, "restriction", f"For the district's departments and those they share it with; owner: {subject.department}"
    )
    if kind == "Cancel" and now.state in NOTES:
        zh, en = NOTES[now.state]
        _add(root, "note", f"{zh} / {en}" + (f": {now.reason}" if now.reason else ""))
    if len(versions) > 1:
        earlier = versions[-1 - MOST_REFERENCES : -1]
        said = (
            f"{sender.identifier},{identifier(subject.number, one.seq)},{moment(one.sent, sender.zone)}"
            for one in earlier
        )
        _add(root, "references", " ".join(said))
    _add(root, "incidents", _UNFIT.sub("-", subject.number))
    for language in LANGUAGES:
        _info(root, subject, now, kind, sender, language)
    return document(root)


def document(root: ET.Element) -> bytes:
    """The element as a document of its own."""
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def headline(subject: Subject, now: Version, language: str) -> str:
    """One line: level, what, where, and how it stands."""
    pick = LANGUAGES.index(language)
    colour, state = COLOURS[now.level][pick], STATE_WORDS.get(now.state, (now.state, now.state))[pick]
    gap = "" if pick == 0 else " "
    return f"{colour}{gap}{event(subject, language)}{gap and ' '}({subject.area.name}): {state}".replace("  ", " ")


def event(subject: Subject, language: str) -> str:
    """What happens, in words: the observed property that is wrong, or the sort of incident."""
    pick = LANGUAGES.index(language)
    entry = PROPERTIES.get(subject.property or "")
    name = subject.property if entry is None else (entry.zh, entry.en)[pick]
    known = EVENTS.get(subject.type.partition(".")[0] or ("exceedance" if name else ""))
    word = known[pick] if known else (subject.type or EVENTS[""][pick])
    return word if not name else (f"{name}{word}" if pick == 0 else f"{name}: {word}")


def _info(root: ET.Element, subject: Subject, now: Version, kind: str, sender: Sender, language: str) -> None:
    info = ET.SubElement(root, "info")
    over = kind == "Cancel"
    _add(info, "language", language)
    for category in CATEGORIES.get(subject.kind, ("Safety",)):
        _add(info, "category", category)
    _add(info, "event", event(subject, language))
    _add(info, "responseType", "AllClear" if over else ("Assess" if now.state == "detected" else "Execute"))
    _add(info, "urgency", "Past" if over else URGENCIES[now.level])
    _add(info, "severity", SEVERITIES[now.level])
    _add(info, "certainty", _certainty(now))
    _add(info, "effective", moment(now.sent, sender.zone))
    _add(info, "onset", moment(subject.opened, sender.zone))
    _add(info, "senderName", sender.name)
    _add(info, "headline", headline(subject, now, language))
    if words := subject.text or now.text:
        _add(info, "description", words)
    if sender.url:
        _add(info, "web", f"{sender.url}/incidents/{subject.number}")
    for name, value in _parameters(subject, now):
        parameter = ET.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    _area(info, subject.area)


def _certainty(now: Version) -> str:
    """What people have not looked at yet is likely; what they have, they have seen (or seen that it is not so)."""
    if now.state == "rejected":
        return "Unlikely"
    return "Likely" if now.state in ("detected", "self_cleared") else "Observed"


def _parameters(subject: Subject, now: Version) -> list[tuple[str, str]]:
    found = [("alertLevel", COLOURS[now.level][1]), ("level", str(now.level)), ("worstLevel", str(now.max_level))]
    found += [
        ("state", now.state),
        ("round", str(now.round)),
        ("station", f"{subject.department}/{subject.kind}/{subject.device}"),
    ]
    if subject.property:
        found.append(("property", subject.property))
    for name, number in (("value", now.value), ("limit", now.limit)):
        if number is not None:
            found.append((name, f"{number:g} {now.unit}".rstrip()))
    return found


def _area(info: ET.Element, area: Area) -> None:
    """Latitude comes first in CAP (3.2.4), and a ring ends where it began."""
    place = ET.SubElement(info, "area")
    _add(place, "areaDesc", area.name)
    for ring in area.rings:
        closed = ring if ring[0] == ring[-1] else (*ring, ring[0])
        _add(place, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in closed))
    if not area.rings and area.point is not None:
        lon, lat = area.point
        _add(place, "circle", f"{lat:.6f},{lon:.6f} {area.radius_km:g}")


def _add(parent: ET.Element, name: str, words: str) -> None:
    ET.SubElement(parent, name).text = _FORBIDDEN.sub("\ufffd", words)
