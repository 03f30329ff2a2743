"""A notice cut to what a vendor takes: number, level, place, value and limit, time and link always stay."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from alerts.channel import Notification
from alerts.wording import Language, Text, link_label, wording
from hub.clock import rfc3339

Size = Callable[[str], int]

_SENT: Final = {"zh": "通知时间", "en": "Sent"}
_COLON: Final = {"zh": "：", "en": ": "}
_LONGEST, _SHORTEST = 2000, 24

# What would be read as mark-up: text of devices and people must not make links, mentions or tags.
_TAME: Final = str.maketrans({"[": "［", "]": "］", "<": "＜", ">": "＞", "`": "'", "*": "＊", "\n": " ", "\r": " "})


def utf8_bytes(text: str) -> int:
    """The length as vendors count it that count bytes."""
    return len(text.encode())


@dataclass(frozen=True, slots=True)
class Brief:
    """What is said: a line, labelled facts and a link; `sent` is when the notice was written, in the site's zone."""

    text: Text
    language: Language
    sent: str

    def named(self) -> dict[str, str]:
        """Every fact by its name, for templates: number, level, head, place, what, since, cleared, by, reason, ..."""
        facts = {name: _moment(value) for name, value in self.text.named.items()}
        return {**facts, "text": self.text.subject, "link": self.text.link, "sent": self.sent}

    def lines(self) -> list[tuple[str, str]]:
        """The labelled facts, with the time of the notice."""
        facts = [(label, _moment(value)) for label, value in self.text.facts]
        return [*facts, (_SENT[self.language], self.sent)]

    def plain(self, most: int, size: Size = utf8_bytes) -> str:
        """Lines of plain text, `most` long at the most."""
        return _fit(self, most, size, _plain)

    def markdown(self, most: int, size: Size = utf8_bytes) -> str:
        """The same as the Markdown that the vendors share: a heading, quoted lines, a link."""
        return _fit(self, most, size, _markdown)

    def line(self, most: int, size: Size = len) -> str:
        """One line: the subject, when, and the link; for short messages."""
        return _fit(self, most, size, _line)

    def spoken(self) -> str:
        """What a voice says: no link, no signs."""
        words = self.text.named
        parts = [words["head"], words["level"], words["place"].replace("/", " "), words["what"], words["number"]]
        return "，".join(filter(None, parts)) if self.language == "zh" else ", ".join(filter(None, parts))

    def cut(self, most: int) -> "Brief":
        """The same with no fact longer than `most` characters; links are never cut."""
        facts = tuple((label, shortened(value, most)) for label, value in self.text.facts)
        named = {name: shortened(value, most) for name, value in self.text.named.items()}
        subject = shortened(self.text.subject, most * 2)
        return replace(self, text=replace(self.text, subject=subject, facts=facts, named=named))


def tongue(notification: Notification, otherwise: Language) -> Language:
    """The language of a notice: the person's own, or else the receiver's."""
    own: Language | None = notification.data.get("language")
    return otherwise if own is None else own


def brief(notification: Notification, language: Language, zone: ZoneInfo) -> Brief:
    """The notice in words: in the language of the person it is to, in `language` where it is to nobody in particular."""
    language = tongue(notification, language)
    text = wording(notification.type, notification.data, language)
    return Brief(text, language, _moment(rfc3339(notification.created // 1000 * 1000, zone)))


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis, in at most `most` characters."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def _fit(whole: Brief, most: int, size: Size, shape: Callable[[Brief], str]) -> str:
    """The longest form that fits; below the shortest form what is too long is cut hard."""
    if size(said := shape(whole)) <= most:
        return said
    low, high = _SHORTEST, _LONGEST
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(shape(whole.cut(middle))) <= most else (low, middle - 1)
    said = shape(whole.cut(low))
    while size(said) > most:
        said = said[: -max(1, (size(said) - most) // 4)]
    return said


def _plain(said: Brief) -> str:
    colon = _COLON[said.language]
    lines = [said.text.subject, *(f"{label}{colon}{value}" for label, value in said.lines())]
    if said.text.link:
        lines.append(f"{link_label(said.language)}{colon}{said.text.link}")
    return "\n".join(lines)


def _markdown(said: Brief) -> str:
    colon = _COLON[said.language]
    lines = [f"### {said.text.subject.translate(_TAME)}"]
    lines += [f"> {label}{colon}{value.translate(_TAME)}" for label, value in said.lines()]
    if said.text.link:
        lines.append(f"[{link_label(said.language)}]({said.text.link})")
    return "\n\n".join(lines)


def _line(said: Brief) -> str:
    since = _moment(said.text.named.get("since", ""))
    return " ".join(filter(None, (said.text.subject, since, said.text.link)))


def _moment(value: str) -> str:
    """RFC 3339 as people write it, in the same zone; anything else as it is."""
    dated = len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T" and value[13:14] == ":"
    return f"{value[:10]} {value[11:19]}" if dated else value
