"""Many incidents at once, written as the tables hold them: a year of a busy district in a few seconds."""

import random
from typing import Any

import msgspec
from sqlalchemy import insert

from storage.records import Records, chain
from storage.records.tables import alert, alert_transition, delivery, incident, incident_log, notification

DAY = 86_400_000
STATES = ("closed",) * 17 + ("rejected", "self_cleared", "acknowledged")
CAUSES = ("sensor fault", "weather", "test")
PIECE = 2000


def crowd(records: Records, count: int, begin: int, *, days: int = 365, seed: int = 1) -> None:
    """Write so many incidents, opened evenly from `begin` (epoch ms) on, each with an alert, a log and a notice."""
    chance = random.Random(seed)
    for start in range(0, count, PIECE):
        numbers = range(start, min(count, start + PIECE))
        made = [_one(number, begin + number * days * DAY // count, chance) for number in numbers]
        with records.begin() as tx:
            for table, rows in zip(
                (incident, alert, alert_transition, incident_log, notification, delivery),
                ([row for each in made for row in each[place]] for place in range(6)),
                strict=True,
            ):
                tx.execute(insert(table), rows)


def _one(number: int, at: int, chance: random.Random) -> tuple[list[dict[str, Any]], ...]:
    """The rows of one incident, table by table."""
    name, state = f"i{number:08}", STATES[number % len(STATES)]
    opened, taken, ended = at, at + chance.randrange(20, 900) * 1000, at + chance.randrange(1000, 20_000) * 1000
    open_ = state == "acknowledged"
    place = {"department": f"dep-{number % 7}", "kind": "water", "device": f"s{number % 311}", "property": "nh3_n"}
    level = 1 + number % 4
    log, head = _log(name, opened, taken, ended, state, level)
    row = {
        "id": name,
        "number": f"zhenhai-{number // 300 + 20260101}-{number % 300 + 1}",
        "day": number // 300 + 20260101,
    }
    row |= {"day_n": number % 300 + 1, "group_key": f"g{number}", **place, "level": level, "max_level": level}
    row |= {
        "told_level": level,
        "opened": opened,
        "changed": log[-1]["recorded"],
        "state": state,
        "open": open_,
        "round": 1,
    }
    row |= {
        "version": len(log),
        "reason": "",
        "log_seq": len(log),
        "log_hash": head,
        "type": ("exceedance", "silence")[number % 2],
    }
    row |= {"area": f"area-{number % 5}", "cause_code": CAUSES[number % 3] if state == "rejected" else None, "text": ""}
    row |= {
        "acknowledged": None if state in ("rejected", "self_cleared") else taken,
        "acknowledged_by": f"p{number % 12}",
    }
    row |= {"closed": None if open_ else ended, "closed_by": None if open_ else f"p{number % 12}"}
    fact, step = _alert(name, place, number, opened, ended, open_)
    notice = {
        "id": number + 1,
        "key": name,
        "incident": name,
        "alert": f"a{name}",
        "receiver": "duty",
        "channel": "sms",
    }
    notice |= {"address": "1", "person": f"p{number % 12}", "type": "incident.opened", "lane": name, "body": "{}"}
    notice |= {
        "state": "accepted",
        "attempts": 1,
        "maybe_duplicate": False,
        "created": opened,
        "next_action_at": opened,
    }
    notice |= {"done": opened + 900, "answer": ""}
    attempt = {"notification": number + 1, "attempt": 1, "begun": opened, "ended": opened + 900, "status": "accepted"}
    return [row], [fact], [step], log, [notice], [{**attempt, "code": 0, "answer": "", "vendor_id": ""}]


def _alert(
    name: str, place: dict[str, str], number: int, opened: int, ended: int, open_: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    body = msgspec.json.encode({"id": f"a{name}", "n": 1, **place}).decode()
    head = chain.link(chain.START, (f"a{name}", 1, body, opened))
    fact = {"id": f"a{name}", "n": 1, "rule": f"r{number % 23}", "rule_version": 1, **place, "level": 2, "max_level": 2}
    fact |= {"condition": "active" if open_ else "cleared", "breach_start": opened - 60_000, "fired": opened}
    fact |= {"cleared": None if open_ else ended, "value": 2.4, "limit": 2.0, "unit": "mg/L", "coverage": 1.0}
    fact |= {"backfilled": False, "text": "", "at": opened, "received": opened, "recorded": opened, "incident": name}
    step = {"alert": f"a{name}", "n": 1, "body": body, "recorded": opened, "prev_hash": chain.START, "hash": head}
    return {**fact, "evidence": "[]", "log_hash": head}, step


def _log(name: str, opened: int, taken: int, ended: int, state: str, level: int) -> tuple[list[dict[str, Any]], str]:
    lines, head, before = [], chain.START, "{}"
    for seq, (kind, at) in enumerate((("detected", opened), ("acknowledged", taken), (state, ended)), 1):
        said = {"level": level, "max_level": level, "round": 1, "state": kind}
        after = msgspec.json.encode(said, order="sorted").decode()
        fields = (name, seq, at, at, "hub", kind, before, after, "")
        prev, head = head, chain.link(head, fields)
        names = ("incident", "seq", "at", "recorded", "actor", "kind", "before", "after", "reason")
        lines.append(dict(zip(names, fields, strict=True)) | {"prev_hash": prev, "hash": head})
        before = after
    return lines, head
