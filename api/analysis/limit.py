"""A limit that values must keep: `le:2.0` at most, `ge:5` at least, `lt`, `gt`, or `in:6,9` between; and the limits of a rule."""

import math
from typing import Final

import numpy as np

from api.problem import invalid
from hub.batch import Ints
from hub.catalogue import Catalogue
from hub.rule import Rule
from hub.standards.facts import facts_of, mildest_limits
from storage.limit import Limit
from storage.series import Series
from storage.zones import zone_of

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


def limit_of_rule(rule: Rule, series: Series, time: Ints, catalogue: Catalogue, zone: str) -> Limit | None:
    """The mildest limits of a level rule at a station and at each time (n,) ms: whatever breaks them breaks the rule at some level.

    A standard's limit is that of the edition in force at the time, of the station's water and target, its permit; None where the station has none.
    """
    facts = facts_of(catalogue, series.station, series.property)
    low, high = mildest_limits(rule, facts, zone_of(zone), time)
    if not (np.isfinite(low).any() or np.isfinite(high).any()) and len(time):
        return None
    return Limit(low, high, text=f"rule:{rule.id}")
