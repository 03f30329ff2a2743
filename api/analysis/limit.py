"""A limit that values must keep: `le:2.0` at most, `ge:5` at least, `lt`, `gt`, or `in:6,9` between; and the limits of a rule."""

import math
from typing import Final

from api.problem import invalid
from hub.rule import Rule
from storage.limit import Limit

EXPECTED: Final = "le:NUMBER, lt:NUMBER, ge:NUMBER, gt:NUMBER or in:LOW,HIGH"


def parse_limit(text: str) -> Limit:
    """The limit that `text` names.

    Raises:
        Problem: not of that form.
    """
    word, _, rest = text.partition(":")
    try:
        numbers = [float(part) for part in rest.split(",")]
    except ValueError:
        raise invalid("limit", EXPECTED) from None
    if not all(map(math.isfinite, numbers)):
        raise invalid("limit", EXPECTED)
    match word, numbers:
        case (("le" | "lt"), [high]):
            return Limit(high=high, open=word == "lt", text=text)
        case (("ge" | "gt"), [low]):
            return Limit(low=low, open=word == "gt", text=text)
        case "in", [low, high] if low <= high:
            return Limit(low, high, text=text)
        case _:
            raise invalid("limit", EXPECTED)


def limit_of_rule(rule: Rule) -> Limit:
    """The mildest limits of a level rule: whatever breaks them breaks the rule at some level."""
    low = max(rule.below.values(), default=-math.inf)
    high = min(rule.above.values(), default=math.inf)
    return Limit(low, high, text=f"rule:{rule.id}")
