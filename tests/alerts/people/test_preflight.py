"""The look ahead: every hour has two who can be reached, or a warning says where, when and why not."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.people.area import Area
from alerts.people.book import Book
from alerts.people.plan import Matter
from alerts.people.preflight import HOUR, Gap, look_ahead
from tests.alerts.people.builders import CHANNELS, NOON, ZONE, at, book, person, plan, roster, shown

TYPES = ("debris", "exceedance")


def gaps(given: Book, **wanted: Any) -> list[Gap]:
    found = look_ahead(given, NOON, TYPES).gaps
    return [gap for gap in found if all(getattr(gap, name) == value for name, value in wanted.items())]


def test_a_whole_book_leaves_no_warning() -> None:
    assert not gaps(book())
    assert look_ahead(book(), NOON, TYPES).checked == 2 * 4 * 2  # the area and what lies in none, 4 levels, 2 types


def test_one_phone_number_less_names_the_hours_it_was_needed() -> None:
    # By night only li has the first line, and there is no second: without a number nobody is left but the leader.
    only = roster(layers=[roster().layers[0].model_dump(by_alias=True)])
    ways = [{"receiver": "texts"}]
    before = book(only, person("li", ways=ways))
    assert not gaps(before, area="river")
    (gap,) = gaps(book(only, person("li", ways=ways, phone="")), area="river")
    assert gap.lacks == "second"
    assert gap.person == "sun"
    assert gap.types == TYPES
    assert gap.levels == (1, 2, 3, 4)
    assert [(reason.who, reason.en) for reason in gap.reasons] == [("li", "has no phone for channel texts")]
    assert [f"{shown(start)} - {shown(end)}" for start, end in gap.spans[:2]] == [
        "11-23 20:00 - 11-24 08:00",
        "11-24 20:00 - 11-25 08:00",
    ]
    assert len(gap.spans) == 14


def test_a_channel_that_left_the_settings_is_named() -> None:
    left = {name: kind for name, kind in CHANNELS.items() if name not in ("im", "texts")}
    found = gaps(book(channels=left), area="river")
    assert {gap.lacks for gap in found} == {"first"}
    said = {reason.en for gap in found for reason in gap.reasons}
    assert said == {"channel im is not in hub.toml any more", "channel texts is not in hub.toml any more"}


def test_the_same_person_twice_is_no_second() -> None:
    leader = book(plan(steps=[{"who": ["person:sun"], "wait_s": 180}, {"who": ["leader"], "wait_s": 180}]))
    (gap,) = gaps(leader, area="river")
    assert (gap.lacks, gap.person) == ("second", "sun")
    assert [reason.zh for reason in gap.reasons] == ["同一人出现两次"]


def test_leave_counts_from_its_beginning_to_its_end() -> None:
    away = [{"from": "2026-11-25T00:00:00+08:00", "to": "2026-11-26T12:00:00+08:00"}]
    only = roster(layers=[{"name": "day", "rotate": "daily", "members": ["wang"]}])
    (gap,) = gaps(book(only, person("wang", away=away)), area="river")
    assert gap.spans == ((at("2026-11-25T00:00"), at("2026-11-26T12:00")),)
    assert [reason.en for reason in gap.reasons] == ["is away"]


def test_what_no_plan_is_for_is_told() -> None:
    found = gaps(book(plan(levels=[1, 2], types=["exceedance"])), lacks="plan", area="river")
    assert {(gap.types, gap.levels) for gap in found} == {(("debris",), (1, 2, 3, 4)), (("exceedance",), (3, 4))}


def test_an_area_within_is_looked_at_with_the_leaders_around_it() -> None:
    inner = Area.model_validate({"id": "sluice", "parent": "river", "stations": ["north/camera/*"]})
    assert not gaps(book(inner))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["wang", "li", "zhao"]), min_size=1, max_size=4),
    st.sets(st.integers(1, 7), min_size=1),
    st.sets(st.sampled_from(["wang", "li", "sun", "qian"])),
)
def test_every_hour_is_judged_as_by_asking_for_it_alone(members: list[str], days: set[int], silent: set[str]) -> None:
    layer = {"name": "first", "rotate": "daily", "members": members, "start": date(2026, 11, 2)}
    layer["shifts"] = [{"days": sorted(days), "from": "07:30", "to": "19:00"}, {"from": "22:00", "to": "02:00"}]
    fresh = book(roster(layers=[layer]), *(person(name, ways=[]) for name in silent))
    found = look_ahead(fresh, NOON, ["debris"])
    for hour in range(0, 14 * 24 - 12, 5):
        instant = NOON + hour * HOUR
        chosen = fresh.plan(Matter("north", "debris", 1, ("river",)))
        assert chosen is not None
        meant = [name for step in chosen.steps for word in step.who for name in fresh.meant(word, ("river",), instant)]
        able = {name for name in meant if name in fresh.people and fresh.usable(fresh.people[name])}
        said = {
            gap.lacks
            for gap in found.gaps
            if gap.area == "river" and any(start <= instant < end for start, end in gap.spans)
        }
        assert said == ({"second"} if len(able) == 1 else {"first"} if not able else set())


def test_the_outlook_ends_with_a_day_of_the_site() -> None:
    found = look_ahead(book(), NOON, TYPES)
    assert found.start == NOON
    last = datetime.fromtimestamp(found.end / 1000, ZONE)
    assert (last.hour, last.minute) == (0, 0)
    assert last.date() == date(2026, 11, 23) + timedelta(days=14)


def test_an_area_of_the_whole_department_leaves_nothing_outside() -> None:
    whole = Area.model_validate({"id": "whole", "department": "north", "units": ["patrol"]})
    assert gaps(book(), area="") == []
    assert {gap.area for gap in gaps(book(plan(steps=[{"who": ["leader"]}])))} == {"river", ""}
    assert {gap.area for gap in gaps(book(whole, plan(steps=[{"who": ["leader"]}])))} == {"river", "whole"}
