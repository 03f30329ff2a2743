"""Closing contracts: what must be so before an incident is solved, as data, and how that is judged from facts; pure."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

Kind = Literal["alerts_cleared", "clear_for", "clean_camera", "after_photo", "text", "cause_code", "any"]

MINUTE: Final = 60_000
_EARTH_M: Final = 6_371_008.8
_EARLY_MS: Final = 5 * MINUTE
"""Phones' clocks may be that wrong."""


class Item(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing that must be so; `minutes` and `within_m` (metres) where its kind asks for them, `of` for `any`."""

    kind: Kind
    minutes: float = 0
    within_m: float = 300
    of: tuple["Item", ...] = ()

    def __post_init__(self) -> None:
        if self.minutes < 0 or self.within_m <= 0:
            raise ValueError("minutes must not be negative, within_m must be above 0")
        if (self.kind == "any") != bool(self.of):
            raise ValueError("`of` names the items of `any`, and only of `any`")


class Contract(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What closes an incident, how long it is watched then, and how long after that it reopens by itself."""

    items: tuple[Item, ...] = (Item("alerts_cleared"),)
    watch_minutes: float = 30
    reopen_minutes: float = 1440

    def __post_init__(self) -> None:
        if min(self.watch_minutes, self.reopen_minutes) < 0:
            raise ValueError("watch_minutes and reopen_minutes must not be negative")


Contracts = Mapping[str, Contract]
"""By type, or the beginning of one up to a dot; `default` is for all others."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence as contracts look at it: what it is, when (epoch ms) and where (WGS-84) it was taken."""

    kind: str
    role: str
    captured: int | None
    added: int
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an incident at `now`; times epoch ms.

    `cleared` is when each alert cleared by its id, None while it has not; `began` when this round of the work began;
    `blind_ms` how much of the time since the last clearing nobody could see the place; `flaps` how often an alert
    that keeps coming back has fired, 0 when none does.
    """

    now: int
    began: int
    cleared: Mapping[str, int | None]
    evidence: tuple[Shown, ...] = ()
    lon: float | None = None
    lat: float | None = None
    text: str = ""
    cause_code: str | None = None
    blind_ms: int = 0
    flaps: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """One item as it stands; `missing` names, one each, what is lacking; nothing when it is satisfied."""

    item: Item
    missing: tuple[str, ...] = ()

    @property
    def satisfied(self) -> bool:
        """Whether it is so."""
        return not self.missing


def judge(contract: Contract, facts: Facts) -> tuple[Judged, ...]:
    """Every item of the contract, satisfied or with what is missing."""
    return tuple(Judged(item, _missing(item, facts)) for item in contract.items)


def missing(contract: Contract, facts: Facts) -> tuple[str, ...]:
    """What is missing of the whole contract, one each."""
    flaps = (f"an alert keeps coming back ({facts.flaps} times): it must be quiet first",) if facts.flaps else ()
    return flaps + tuple(word for each in judge(contract, facts) for word in each.missing)


def by_hand(contract: Contract) -> Contract:
    """What of the contract people bring; the rest is for machines to find."""
    machine = {"alerts_cleared", "clear_for", "clean_camera"}
    kept = tuple(
        item
        for item in contract.items
        if item.kind not in machine and not (item.kind == "any" and machine & {each.kind for each in item.of})
    )
    return msgspec.structs.replace(contract, items=kept)


def contract_for(contracts: Contracts, type_: str) -> Contract:
    """The contract of a type: its own, or that of the longest beginning of it, or the default."""
    words = type_.split(".")
    for length in range(len(words), 0, -1):
        if (found := contracts.get(".".join(words[:length]))) is not None:
            return found
    return contracts.get("default", Contract())


def read_contracts(tables: Mapping[str, Any]) -> dict[str, Contract]:
    """Contracts as the tables of a TOML file have them.

    Raises:
        ValueError: one is not a contract; the message names it.
    """
    found = {}
    for name, table in tables.items():
        try:
            found[name] = msgspec.convert(table, Contract)
        except msgspec.ValidationError as error:
            raise ValueError(f"contract {name}: {error}") from error
    return found


def shipped() -> dict[str, Contract]:
    """The contracts that come with the hub."""
    return read_contracts(tomllib.loads(Path(__file__).with_name("closing.toml").read_text("utf-8")))


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The distance of two places (WGS-84 degrees) on a sphere."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def _missing(item: Item, facts: Facts) -> tuple[str, ...]:
    open_ = tuple(f"alert {alert} has not cleared" for alert, cleared in facts.cleared.items() if cleared is None)
    match item.kind:
        case "alerts_cleared":
            return open_
        case "clear_for":
            return open_ or _since(facts, item.minutes, 0, "{} more minutes below the clear limit")
        case "clean_camera":
            return open_ or _since(facts, item.minutes, facts.blind_ms, "{} more minutes of clear sight of the place")
        case "after_photo":
            return _photo(item, facts)
        case "text":
            return () if facts.text.strip() else ("a text that says what was done",)
        case "cause_code":
            return () if facts.cause_code else ("a cause code",)
        case "any":
            each = [_missing(one, facts) for one in item.of]
            return () if not all(each) else (" or ".join("; ".join(words) for words in each),)


def _since(facts: Facts, minutes: float, blind_ms: int, words: str) -> tuple[str, ...]:
    last = max((cleared for cleared in facts.cleared.values() if cleared is not None), default=facts.began)
    left = minutes * MINUTE - (facts.now - last - blind_ms)
    return (words.format(math.ceil(left / MINUTE)),) if left > 0 else ()


def _photo(item: Item, facts: Facts) -> tuple[str, ...]:
    photos = [each for each in facts.evidence if each.kind == "photo" and each.role == "after"]
    if not photos:
        return (f"a photo after the work, taken within {item.within_m:g} m",)
    fresh = [each for each in photos if facts.began <= _taken(each) <= facts.now + _EARLY_MS]
    if not fresh:
        return ("a photo after the work, taken in this round of it",)
    return () if any(_near(each, item.within_m, facts) for each in fresh) else (_far(fresh, item, facts),)


def _taken(photo: Shown) -> int:
    return photo.added if photo.captured is None else photo.captured


def _near(photo: Shown, within_m: float, facts: Facts) -> bool:
    if facts.lon is None or facts.lat is None:
        return True  # the register does not say where it is
    if photo.lon is None or photo.lat is None:
        return False
    return metres(photo.lon, photo.lat, facts.lon, facts.lat) <= within_m


def _far(photos: list[Shown], item: Item, facts: Facts) -> str:
    assert facts.lon is not None
    assert facts.lat is not None
    away = [metres(p.lon, p.lat, facts.lon, facts.lat) for p in photos if p.lon is not None and p.lat is not None]
    said = f"; the nearest is {min(away):.0f} m away" if away else "; none says where it was taken"
    return f"a photo after the work, taken within {item.within_m:g} m{said}"
