"""Closing contracts: what is satisfied, what is missing, and how it is named."""

import dataclasses

import pytest

from alerts.contracts import (
    Contract,
    Facts,
    Item,
    Shown,
    by_hand,
    contract_for,
    judge,
    metres,
    missing,
    read_contracts,
    shipped,
)
from alerts.practice import Practice
from hub.errors import ConfigError
from hub.incident import IncidentsSection

MINUTE = 60_000
PLACE = (121.600, 29.950)
NEAR = (121.602, 29.951)
FAR = (121.620, 29.950)
FACTS = Facts(now=100 * MINUTE, began=10 * MINUTE, cleared={"a1": 90 * MINUTE}, lon=PLACE[0], lat=PLACE[1])


def photo(place: tuple[float, float] | None = NEAR, at: int = 50 * MINUTE, role: str = "after") -> Shown:
    lon, lat = place if place is not None else (None, None)
    return Shown("photo", role, at, at, lon, lat)


def of(*items: Item, **facts: object) -> tuple[str, ...]:
    return missing(Contract(items), dataclasses.replace(FACTS, **facts))  # type: ignore[arg-type]


def test_every_alert_must_have_cleared_and_those_that_have_not_are_named() -> None:
    assert of(Item("alerts_cleared")) == ()
    assert of(Item("alerts_cleared"), cleared={"a1": 1, "a2": None}) == ("alert a2 has not cleared",)


@pytest.mark.parametrize(
    ("item", "blind", "said"),
    [
        (Item("clear_for", 10), 0, ()),
        (Item("clear_for", 11), 0, ("1 more minutes below the clear limit",)),
        (Item("clean_camera", 10), 0, ()),
        (Item("clean_camera", 10), 4 * MINUTE, ("4 more minutes of clear sight of the place",)),
    ],
)
def test_time_counts_from_the_last_clearing(item: Item, blind: int, said: tuple[str, ...]) -> None:
    assert of(item, blind_ms=blind) == said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ((), "a photo after the work, taken within 300 m"),
        ((photo(role="before"),), "a photo after the work, taken within 300 m"),
        ((photo(FAR),), "a photo after the work, taken within 300 m; the nearest is 1927 m away"),
        ((photo(None),), "a photo after the work, taken within 300 m; none says where it was taken"),
        ((photo(at=5 * MINUTE),), "a photo after the work, taken in this round of it"),
        ((photo(at=200 * MINUTE),), "a photo after the work, taken in this round of it"),
        ((photo(FAR), photo()), None),
    ],
)
def test_a_photo_counts_near_the_place_and_in_this_round(shown: tuple[Shown, ...], said: str | None) -> None:
    assert of(Item("after_photo"), evidence=shown) == (() if said is None else (said,))


def test_where_the_place_is_unknown_any_photo_of_this_round_counts() -> None:
    assert of(Item("after_photo"), evidence=(photo(None),), lon=None, lat=None) == ()


def test_text_and_cause_code_are_asked_for_by_name() -> None:
    both = (Item("text"), Item("cause_code"))
    assert of(*both, text=" ") == ("a text that says what was done", "a cause code")
    assert of(*both, text="valve shut", cause_code="leak") == ()


def test_one_of_any_is_enough_and_all_are_named_when_none_is() -> None:
    either = Item("any", of=(Item("after_photo"), Item("clean_camera", 20)))
    assert of(either) == ("a photo after the work, taken within 300 m or 10 more minutes of clear sight of the place",)
    assert of(either, evidence=(photo(),)) == ()
    assert [each.satisfied for each in judge(Contract((either, Item("text"))), FACTS)] == [False, False]


def test_what_flaps_is_not_solved() -> None:
    assert of(Item("alerts_cleared"), flaps=7) == ("an alert keeps coming back (7 times): it must be quiet first",)


def test_people_bring_photos_and_words_and_machines_find_the_rest() -> None:
    contract = shipped()["hazmat"]
    assert [item.kind for item in by_hand(contract).items] == ["after_photo", "text", "cause_code"]
    assert by_hand(shipped()["debris"]).items == ()


def test_a_type_has_the_contract_of_the_longest_beginning_of_it() -> None:
    contracts = {**shipped(), "debris.coverage": Contract((Item("text"),))}
    assert contract_for(contracts, "debris.item") == contracts["debris"]
    assert contract_for(contracts, "debris.coverage") == contracts["debris.coverage"]
    assert contract_for(contracts, "exceedance") == contracts["default"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"items": [{"kind": "prayer"}]}, "prayer"),
        ({"items": [{"kind": "any"}]}, "of"),
        ({"items": [], "watch_minutes": -1}, "negative"),
        ({"item": []}, "item"),
    ],
)
def test_a_wrong_contract_is_named(table: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=f"contract x: .*{said}"):
        read_contracts({"x": table})
    with pytest.raises(ConfigError, match=r"incidents\.contracts"):
        Practice.of(IncidentsSection(contracts={"x": table}))


def test_the_settings_replace_what_is_shipped() -> None:
    clocks = {"2": {"ack_s": 60}}
    practice = Practice.of(IncidentsSection(contracts={"debris": {"items": [{"kind": "text"}]}}, clocks=clocks))  # type: ignore[arg-type]
    assert practice.contract("debris.item").items == (Item("text"),)
    assert practice.contract("debris.item", "report").items == shipped()["report"].items
    assert (practice.budgets[2].ack_s, practice.budgets[2].verify_s, practice.budgets[1].ack_s) == (60, 300, 180)
    with pytest.raises(ConfigError, match="level '5'"):
        Practice.of(IncidentsSection(clocks={"5": {"ack_s": 60}}))  # type: ignore[dict-item]


def test_distances_are_right_to_a_metre() -> None:
    assert metres(*PLACE, *PLACE) == 0
    assert metres(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
