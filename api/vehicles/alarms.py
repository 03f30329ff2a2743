"""An alert of a vehicle as a few words on a map."""

from typing import Any
from zoneinfo import ZoneInfo

from alerts.views import AlertView
from hub.clock import rfc3339

_EVENT = "event:"


def type_of(rule: str) -> str:
    """The device's own word for what it found, else the rule's id."""
    return rule.removeprefix(_EVENT)


def alarm_item(alert: AlertView, zone: ZoneInfo) -> dict[str, Any]:
    """What rang, how badly, since when."""
    return {
        "id": alert.id,
        "rule": alert.rule.id,
        "type": type_of(alert.rule.id),
        "level": alert.level,
        "condition": alert.condition,
        "from": rfc3339(alert.breach_start, zone),
        "to": None if alert.cleared is None else rfc3339(alert.cleared, zone),
        "value": alert.value,
        "limit": alert.limit,
        "unit": alert.unit,
        "incident": alert.incident,
    }
