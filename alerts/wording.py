"""What people read: subject and lines of a notice, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hub.properties import PROPERTIES

Language = Literal["zh", "en"]

_ROMAN: Final = {1: "I", 2: "II", 3: "III", 4: "IV"}

_HEADS: Final[dict[str, tuple[str, str]]] = {
    "incident.opened": ("新事件", "New incident"),
    "incident.raised": ("事件升级", "Incident raised"),
    "incident.reopened": ("事件重新打开", "Incident reopened"),
    "incident.acknowledged": ("事件已确认", "Incident acknowledged"),
    "incident.solved": ("事件已办结", "Incident closed"),
    "incident.escalated": ("事件无人响应，逐级上报", "Nobody has answered: incident escalated"),
    "incident.reminder": ("事件待处置提醒", "Incident still to be dealt with"),
    "incident.digest": ("事件汇总", "Incident in brief"),
    "alert.fired": ("新告警", "New alert"),
    "alert.cleared": ("告警已解除", "Alert cleared"),
    "hub.test": ("测试通知", "Test notice"),
}

_TEST: Final = ("仅用于测试通道，无需处理", "this only tries the way here; nothing is to be done")

_ENDS: Final = {
    "rejected": ("判定为误报", "Judged a false alarm"),
    "self_cleared": ("事件自行恢复", "Incident cleared by itself"),
    "solved": ("事件已解决，待办结", "Incident solved, to be closed"),
}
"""How an incident ended, by its state."""

_LABELS: Final[dict[str, tuple[str, str]]] = {
    "number": ("事件编号", "Incident"),
    "level": ("级别", "Level"),
    "place": ("站点", "Station"),
    "what": ("情况", "Reading"),
    "count": ("告警数", "Alerts"),
    "since": ("开始时间", "Since"),
    "cleared": ("解除时间", "Cleared"),
    "by": ("处理人", "By"),
    "reason": ("说明", "Reason"),
    "link": ("查看", "Open"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A notice to be read: one line, and labelled facts; `named` has the same facts by their names, and `head`."""

    subject: str
    facts: tuple[tuple[str, str], ...]
    link: str
    named: Mapping[str, str] = field(default_factory=dict)


def wording(type_: str, data: dict[str, Any], language: Language) -> Text:
    """The words of a notice; `data` is the notice's own, as the interface shows it."""
    pick = 0 if language == "zh" else 1
    incident, alert = data["incident"], data.get("alert") or {}
    ended = _ENDS.get(incident["state"]) if type_ == "incident.solved" else None
    head = (ended or _HEADS[type_])[pick]
    level = _level(alert.get("level") if type_.startswith("alert.") else incident["level"], language)
    place = "/".join(incident["target"][word] for word in ("department", "kind", "device"))
    what = _TEST[pick] if type_ == "hub.test" else _reading(incident["target"], alert, data.get("text") or "", pick)
    facts = {
        "number": incident["number"],
        "level": level,
        "place": place,
        "what": what,
        "count": incident["count"] if incident.get("count", 0) > 1 else None,
        "since": alert.get("breach_start") or incident["opened"],
        "cleared": alert.get("cleared") if type_ == "alert.cleared" else None,
        "by": data.get("actor"),
        "reason": data.get("reason"),
    }
    colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
    subject = f"[{level}] {head} {incident['number']}{colon}{place}{comma if what else ''}{what}"
    shown = tuple((_LABELS[word][pick], str(value)) for word, value in facts.items() if value)
    named = {word: str(value or "") for word, value in facts.items()} | {"head": head} | _numbers(alert)
    return Text(subject, shown, data.get("url") or "", named)


def link_label(language: Language) -> str:
    """What the link is called."""
    return _LABELS["link"][0 if language == "zh" else 1]


def _level(level: int | None, language: Language) -> str:
    roman = _ROMAN.get(level or 4, "IV")
    return f"{roman} 级" if language == "zh" else f"Level {roman}"


def _numbers(alert: dict[str, Any]) -> dict[str, str]:
    """Value and limit, each with the unit; empty when there is none."""
    given = {name: alert.get(name) for name in ("value", "limit")}
    unit = alert.get("unit", "")
    return {name: "" if number is None else f"{number:g} {unit}".rstrip() for name, number in given.items()}


def _reading(target: dict[str, Any], alert: dict[str, Any], text: str, pick: int) -> str:
    """Such as `Ammonia nitrogen 2.4 mg/L (limit 2.0)`; empty when there is no value."""
    code = target.get("property") or alert.get("target", {}).get("property")
    if code is None:
        return text
    entry = PROPERTIES.get(code)
    name = code if entry is None else (entry.zh, entry.en)[pick]
    if alert.get("value") is None:
        return name
    words = f"{name} {alert['value']:g} {alert['unit']}".rstrip()
    if alert.get("limit") is None:
        return words
    return words + (f"（限值 {alert['limit']:g}）", f" (limit {alert['limit']:g})")[pick]
