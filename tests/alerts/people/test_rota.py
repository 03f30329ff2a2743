"""Who is on duty: every moment is answered as a slow oracle answers it, in zones whose clocks are changed too."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.people.roster import Layer, Override, Roster, Shift
from alerts.people.rota import rota
from alerts.people.wall import moment

PEOPLE = ("wang", "li", "zhao", "qian+sun")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo")
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
START = date(2026, 3, 2)
# Both changes of the northern clocks, and the southern ones, lie in one of these.
WINDOWS = st.sampled_from(
    [date(2026, 3, 6), date(2026, 3, 27), date(2026, 4, 3), date(2026, 10, 2), date(2026, 10, 30)]
)
MINUTE = 60_000


def shown(zone: ZoneInfo, instant: int) -> datetime:
    """What a clock shows."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(zone).replace(tzinfo=None)


def first_showing(zone: ZoneInfo, wall: datetime) -> int:
    """The first minute whose clock shows `wall` or later, found by looking at one after the other."""
    instant = int(wall.replace(tzinfo=UTC).timestamp() * 1000) - 15 * 3_600_000
    while shown(zone, instant) < wall - timedelta(hours=4):
        instant += 30 * MINUTE
    while shown(zone, instant) < wall:
        instant += 15 * MINUTE
    return instant


def oracle_layer(roster: Roster, layer: Layer, zone: ZoneInfo, instant: int) -> tuple[str, ...]:
    """Whose turn it is, by trying every shift of every near day in the order in which they begin."""
    shifts = layer.shifts or (Shift.model_validate({"from": layer.handover, "to": layer.handover}),)
    today = shown(zone, instant).date()
    ran: list[tuple[int, int, tuple[str, ...]]] = []
    day = layer.start
    number = 0
    while day <= today + timedelta(days=1):
        weekday = roster.runs_as.get(day, day.isoweekday())
        for shift in sorted(shifts, key=lambda each: each.from_):
            counts = day.isoweekday() in shift.days
            runs = weekday in shift.days
            runs = runs and (layer.holidays == "as_usual" or (day in roster.holidays) == (layer.holidays == "only"))
            if runs and abs((day - today).days) <= 3:
                begin = first_showing(zone, datetime.combine(day, shift.from_))
                until = day if shift.to > shift.from_ else day + timedelta(days=1)
                end = first_showing(zone, datetime.combine(until, shift.to))
                if begin <= instant < end:
                    if layer.rotate == "shift":
                        turn = number
                    else:
                        turn = -1
                        mark = layer.start
                        while (
                            mark <= today + timedelta(days=1)
                            and first_showing(zone, datetime.combine(mark, layer.handover)) <= instant
                        ):
                            turn += 1
                            mark += timedelta(days=layer.days)
                    if turn >= 0:
                        ran.append((begin, end, tuple(layer.members[turn % len(layer.members)].split("+"))))
            number += counts
        day += timedelta(days=1)
    return min(ran)[2] if ran else ()


def oracle(roster: Roster, zone: ZoneInfo, instant: int) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for layer in roster.layers:
        who = list(oracle_layer(roster, layer, zone, instant))
        for each in roster.overrides:
            if each.layer in ("", layer.name) and each.start <= instant < each.end:
                put = each.person.split("+") if each.person else []
                if not each.instead_of:
                    who = put
                elif each.instead_of in who:
                    place = who.index(each.instead_of)
                    who = list(dict.fromkeys([*who[:place], *put, *who[place + 1 :]]))
        found += [(layer.name, person) for person in who]
        if layer.covers and who:
            break
    return tuple(found)


@st.composite
def layers(draw: st.DrawFn, name: str) -> Layer:
    rotate = draw(st.sampled_from(["daily", "weekly", "custom"]))
    shifts = []
    if draw(st.booleans()):
        edges = sorted(draw(st.sets(CLOCKS, min_size=2, max_size=4)))
        days = draw(st.sets(st.integers(1, 7), min_size=1))
        pairs = list(pairwise(edges)) + ([(edges[-1], edges[0])] if draw(st.booleans()) else [])
        shifts = [{"days": sorted(days), "from": begin, "to": end} for begin, end in pairs]
        rotate = draw(st.sampled_from([rotate, "shift"]))
    return Layer.model_validate(
        {
            "name": name,
            "rotate": rotate,
            "every": draw(st.integers(1, 9)),
            "members": draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=5)),
            "start": START + timedelta(days=draw(st.integers(0, 9))),
            "handover": draw(CLOCKS),
            "shifts": shifts,
            "holidays": draw(st.sampled_from(["as_usual", "off", "only"])),
            "covers": draw(st.booleans()),
        }
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Roster, ZoneInfo, int, int]:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = draw(WINDOWS)
    start = moment(zone, datetime.combine(first, time()))
    end = start + 6 * 86_400_000
    overrides = []
    for n in range(draw(st.integers(0, 3))):
        begin = start + draw(st.integers(-8, 140)) * 3_600_000
        stop = begin + draw(st.integers(1, 40)) * 3_600_000
        overrides.append(
            Override.of(
                datetime.fromtimestamp(begin / 1000, UTC),
                datetime.fromtimestamp(stop / 1000, UTC),
                id=f"o{n}",
                person=draw(st.sampled_from(["", "zhou", "li", "wu+zheng"])),
                instead_of=draw(st.sampled_from(["", "wang", "qian"])),
                layer=draw(st.sampled_from(["", "a"])),
            )
        )
    days = st.integers(0, 6).map(lambda n: first + timedelta(days=n))
    roster = Roster(
        id="river",
        zone=zone.key,
        layers=(draw(layers("a")), draw(layers("b"))),
        holidays=tuple(draw(st.sets(days, max_size=3))),
        runs_as=draw(st.dictionaries(days, st.integers(1, 7), max_size=2)),
        overrides=tuple(overrides),
    )
    return roster, zone, start, end


@settings(max_examples=60, deadline=None)
@given(cases(), st.lists(st.integers(0, 6 * 96 - 1), min_size=4, max_size=12))
def test_every_moment_is_answered_as_by_looking_at_it_alone(
    case: tuple[Roster, ZoneInfo, int, int], quarters: list[int]
) -> None:
    roster, zone, start, end = case
    found = rota(roster, ZoneInfo("UTC"), start, end)
    for quarter in quarters:
        instant = start + quarter * 15 * MINUTE
        duty = found.on(instant)
        assert duty is not None
        assert duty.on == oracle(roster, zone, instant), shown(zone, instant)


@settings(max_examples=40, deadline=None)
@given(cases(), st.integers(1, 6 * 24 - 1))
def test_a_window_is_filled_without_a_hole_and_a_narrow_one_says_the_same(
    case: tuple[Roster, ZoneInfo, int, int], hour: int
) -> None:
    roster, zone, start, end = case
    found = rota(roster, zone, start, end).duties
    assert found[0].start == start
    assert found[-1].end == end
    assert all(one.end == two.start and one.on != two.on for one, two in pairwise(found))
    instant = start + hour * 3_600_000
    narrow = rota(roster, zone, instant, instant + 1).on(instant)
    whole = rota(roster, zone, start, end).on(instant)
    assert narrow is not None
    assert whole is not None
    assert narrow.on == whole.on


@pytest.mark.parametrize(
    ("wall", "said"),
    [
        # 29 March 2026: at 02:00 the clock shows 03:00. 25 October: 02:00 to 03:00 comes twice.
        ("2026-03-29T01:59", "2026-03-29T00:59:00+00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:00:00+00:00"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00+00:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T03:00", "2026-10-25T02:00:00+00:00"),
    ],
)
def test_hours_that_are_left_out_or_come_twice(wall: str, said: str) -> None:
    found = moment(ZoneInfo("Europe/Berlin"), datetime.fromisoformat(wall))
    assert datetime.fromtimestamp(found / 1000, UTC).isoformat() == said
