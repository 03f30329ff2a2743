"""The feed of CAP messages (RFC 4287, paged by RFC 5005): one entry for each version of each incident; pure."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from alerts.proof.cap import MEDIA_TYPE as CAP_TYPE
from alerts.proof.cap import Sender, Subject, Version, document, headline, identifier, moment

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
MEDIA_TYPE: Final = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Item:
    """One message in the feed: what it is about, its version, and its type (Alert, Update, Cancel)."""

    subject: Subject
    version: Version
    kind: str


def atom_feed(items: Iterable[Item], sender: Sender, root: str, here: str, after: str | None) -> bytes:
    """The page of the feed; `root` is the feed's first page, `here` this one, `after` the next, each a URL or a path."""
    entries = list(items)
    feed = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "zh-CN"})
    _add(feed, "id", _urn(sender.identifier))
    _add(feed, "title", f"{sender.name}: CAP 1.2")
    newest = max((item.version.sent for item in entries), default=0)
    _add(feed, "updated", _stamp(newest, sender))
    _add(ET.SubElement(feed, "author"), "name", sender.name)
    ET.SubElement(feed, "link", rel="self", href=here, type=MEDIA_TYPE)
    ET.SubElement(feed, "link", rel="first", href=root, type=MEDIA_TYPE)
    if after is not None:
        ET.SubElement(feed, "link", rel="next", href=after, type=MEDIA_TYPE)
    for item in entries:
        _entry(feed, item, sender, root)
    return document(feed)


def _entry(feed: ET.Element, item: Item, sender: Sender, root: str) -> None:
    name = identifier(item.subject.number, item.version.seq)
    entry = ET.SubElement(feed, "entry")
    _add(entry, "id", _urn(f"{sender.identifier},{name}"))
    _add(entry, "title", _clean(headline(item.subject, item.version, "zh-CN")))
    _add(entry, "updated", _stamp(item.version.sent, sender))
    _add(entry, "published", _stamp(item.version.sent, sender))
    _add(entry, "summary", _clean(headline(item.subject, item.version, "en")))
    ET.SubElement(entry, "link", rel="alternate", href=f"{root}/{name}.xml", type=CAP_TYPE)
    for term in (item.kind, item.version.state, item.subject.department):
        ET.SubElement(entry, "category", term=term)


def _stamp(at: int, sender: Sender) -> str:
    """RFC 3339; what CAP writes as -00:00 is +00:00 there."""
    return moment(at, sender.zone).replace("-00:00", "+00:00")


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"cap:{name}").urn


def _clean(words: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def _add(parent: ET.Element, name: str, words: str) -> None:
    ET.SubElement(parent, name).text = words
