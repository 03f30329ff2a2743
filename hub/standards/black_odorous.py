"""Black and odorous urban waters, light or heavy: the guide of 2015, table 1 and clause 2.3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import msgspec
import numpy as np

from hub.batch import Floats
from hub.standards.edition import Edition, in_force, load

Odour = Literal["none", "light", "heavy"]
WORDS: Final[Mapping[Odour, tuple[str, str]]] = {
    "none": ("未达黑臭", "not black-odorous"),
    "light": ("轻度黑臭", "lightly black-odorous"),
    "heavy": ("重度黑臭", "heavily black-odorous"),
}


class OdourItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One item: values up to `light` (from there on, if bad is above) are light, beyond `heavy` heavy."""

    property: str
    light: float
    heavy: float
    side: Literal["above", "below"]


class Guide(Edition, frozen=True, kw_only=True):
    """An edition of the guide; shares in per cent, depth in cm."""

    items: tuple[OdourItem, ...]
    one_item_percent: float
    two_items_percent: float
    consecutive_points: int
    body_percent: float
    least_points: int
    least_samples: int
    shallow_cm: float
    shallow_percent: float


GUIDES: Final = load("black_odorous", Guide)


@dataclass(frozen=True, slots=True)
class Point:
    """One point: `odour` None with too few samples; shares of each item's data that are heavy, and light or heavy, in per cent."""

    edition: str
    clause: str
    odour: Odour | None
    samples: int
    heavy: dict[str, float]
    light: dict[str, float]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A whole water: `heavy_reaches` are the first and last place of each run of heavy points that makes the reach between them heavy."""

    edition: str
    clause: str
    odour: Odour | None
    points: int
    judged: int
    heavy_reaches: tuple[tuple[int, int], ...]


def point(columns: Mapping[str, Floats], day: date, *, depth_cm: float | None = None) -> Point | None:
    """A point from the samples (n,) of its items in the catalogue's units, NaN where none; None before the first edition.

    Heavy: one item with more than 60 % of its data heavy, or two with more than 30 %; light likewise for light or worse, else none (the guide only tells light
    from heavy, for waters already known as black-odorous).
    """
    guide = in_force(GUIDES, day)
    if guide is None:
        return None
    heavy: dict[str, float] = {}
    light: dict[str, float] = {}
    samples = 0
    for item in guide.items:
        value = np.asarray(columns.get(item.property, ()), np.float64)
        value = value[np.isfinite(value)]
        if len(value) < guide.least_samples:
            continue
        samples = max(samples, len(value))
        sign = 1.0 if item.side == "above" else -1.0
        limit = _heavy_limit(item, guide, depth_cm)
        heavy[item.property] = 100 * float(np.mean(sign * value > sign * limit))
        within = sign * value >= sign * item.light
        light[item.property] = 100 * float(np.mean(within | (sign * value > sign * limit)))
    missing = tuple(item.property for item in guide.items if item.property not in heavy)
    return Point(guide.edition, guide.clause, _odour(heavy, light, guide), samples, heavy, light, missing)


def body(points: Sequence[Odour | None], day: date) -> Body | None:
    """A water from its points in their order along it; None before the first edition. With fewer than three judged points it has no grade."""
    guide = in_force(GUIDES, day)
    if guide is None:
        return None
    judged = [one for one in points if one is not None]
    odour: Odour | None = None
    if len(judged) >= guide.least_points:
        share = 100 * judged.count("heavy") / len(judged)
        worse: Odour = "light" if {"light", "heavy"} & set(judged) else "none"
        odour = "heavy" if share > guide.body_percent else worse
    reaches = _runs(points, guide.consecutive_points)
    return Body(guide.edition, guide.clause, odour, len(points), len(judged), reaches)


def _heavy_limit(item: OdourItem, guide: Guide, depth_cm: float | None) -> float:
    if item.property == "transparency" and depth_cm is not None and depth_cm < guide.shallow_cm:
        return depth_cm * guide.shallow_percent / 100
    return item.heavy


def _odour(heavy: Mapping[str, float], light: Mapping[str, float], guide: Guide) -> Odour | None:
    if not heavy:
        return None
    if _reached(heavy, guide):
        return "heavy"
    return "light" if _reached(light, guide) else "none"


def _reached(shares: Mapping[str, float], guide: Guide) -> bool:
    one = any(share > guide.one_item_percent for share in shares.values())
    return one or sum(share > guide.two_items_percent for share in shares.values()) >= 2


def _runs(points: Sequence[Odour | None], least: int) -> tuple[tuple[int, int], ...]:
    found, start = [], 0
    for place, odour in enumerate((*points, None)):
        if odour == "heavy":
            continue
        if place - start >= least:
            found.append((start, place - 1))
        start = place + 1
    return tuple(found)
