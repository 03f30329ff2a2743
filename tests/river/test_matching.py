"""The protocol's matching and its bounds: golden cases by hand, and what must hold for any alarms."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.patrol.chance import ranked, rate_bound, share_interval
from benchmarks.patrol.match import Alarm, Presence, Sight, closeness, iou, matched, spells


def sights(start: int, seconds: float, east: float = 0.0, speed: float = 0.0) -> tuple[Sight, ...]:
    times = range(start, start + int(seconds * 1000) + 1, 500)
    return tuple(Sight(at, (east + speed * (at - start) / 1000, 10.0), None) for at in times)


def presence(name: str, *seen: Sight, counts: bool = True) -> Presence:
    return Presence(name, "debris", "bottle", 0.4, 0.1, seen, counts)


def test_the_first_alarm_of_an_event_hits_and_the_next_is_a_duplicate() -> None:
    there = presence("a", *sights(0, 20))
    first, second = Alarm("1", "debris.item", 3000, sights(2000, 5)), Alarm("2", "debris.item", 12000, sights(11000, 3))
    assert [pair.verdict for pair in matched([second, first], [there])] == ["hit", "duplicate"]


@pytest.mark.parametrize(("away", "verdict"), [(0.0, "hit"), (0.49, "hit"), (0.51, "false")])
def test_half_a_metre_is_near(away: float, verdict: str) -> None:
    alarm = Alarm("1", "debris.item", 3000, sights(2000, 5, east=away))
    assert matched([alarm], [presence("a", *sights(0, 20))])[0].verdict == verdict


def test_the_same_place_at_another_time_is_false() -> None:
    alarm = Alarm("1", "debris.item", 40_000, sights(40_000, 5))
    assert matched([alarm], [presence("a", *sights(0, 20))])[0].verdict == "false"


def test_boxes_that_overlap_by_a_tenth_match_without_metres() -> None:
    there = presence("a", Sight(0, None, (0, 0, 10, 10)))
    near, far = (
        Alarm("1", "k", 0, (Sight(0, None, (8, 0, 18, 10)),)),
        Alarm("2", "k", 0, (Sight(0, None, (9, 5, 19, 15)),)),
    )
    assert [pair.verdict for pair in matched([near, far], [there])] == ["hit", "false"]


def test_what_is_there_and_no_event_counts_neither_way() -> None:
    alarm = Alarm("1", "debris.item", 3000, sights(2000, 5))
    assert matched([alarm], [presence("tiny", *sights(0, 20), counts=False)])[0].verdict == "small"


def test_of_two_events_the_nearer_is_meant() -> None:
    near, far = presence("near", *sights(0, 20, east=0.1)), presence("far", *sights(0, 20, east=0.4))
    (pair,) = matched([Alarm("1", "debris.item", 3000, sights(2000, 5))], [far, near])
    assert pair.presence is near


def test_a_thing_away_for_long_is_two_events() -> None:
    parts = spells([*sights(0, 4), *sights(9000, 4), *sights(60_000, 4)])
    assert [(part[0].time, part[-1].time) for part in parts] == [(0, 13_000), (60_000, 64_000)]


def test_no_alarm_in_n_days_proves_less_than_three_in_n() -> None:
    assert rate_bound(0, 30) == pytest.approx(-log(0.05) / 30)
    # Garwood's one-sided limits, as in tables of the Poisson distribution.
    assert rate_bound(1, 1) == pytest.approx(4.744, abs=1e-3)
    assert rate_bound(10, 1) == pytest.approx(16.962, abs=1e-3)


def test_a_share_has_wilsons_interval() -> None:
    assert share_interval(19, 20) == pytest.approx((0.7639, 0.9911), abs=1e-3)
    assert share_interval(0, 0) == (0.0, 1.0)


def test_ranks_are_values_that_were_seen() -> None:
    assert ranked([3.0, 1.0, 2.0], 0.5) == 2.0
    assert ranked([], 0.95) is None


boxes = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 40), st.integers(1, 40)).map(
    lambda b: (float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3]))
)
some_sights = st.lists(
    st.builds(
        Sight,
        st.integers(0, 20).map(lambda n: n * 500),
        st.tuples(st.floats(-3, 3), st.floats(-3, 3)) | st.none(),
        boxes | st.none(),
    ),
    min_size=1,
    max_size=5,
).map(lambda found: tuple(sorted(found, key=lambda sight: sight.time)))


@given(boxes, boxes)
def test_overlap_is_even_handed(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> None:
    assert iou(one, other) == iou(other, one)
    assert 0 <= iou(one, other) <= 1
    assert iou(one, one) == 1


@given(st.lists(some_sights, max_size=6), st.lists(st.tuples(some_sights, st.booleans()), max_size=6))
def test_every_alarm_has_one_verdict_and_no_event_two_hits(
    alarmed: list[tuple[Sight, ...]], there: list[tuple[tuple[Sight, ...], bool]]
) -> None:
    alarms = [Alarm(str(number), "debris.item", seen[-1].time, seen) for number, seen in enumerate(alarmed)]
    presences = [presence(f"p{number}", *seen, counts=counts) for number, (seen, counts) in enumerate(there)]
    pairs = matched(alarms, presences)
    assert sorted(pair.alarm.id for pair in pairs) == sorted(alarm.id for alarm in alarms)
    hits = [pair.presence.id for pair in pairs if pair.verdict == "hit" and pair.presence]
    assert len(hits) == len(set(hits))
    for pair in pairs:
        fits = [closeness(pair.alarm, item) for item in presences]
        assert (pair.verdict == "false") == (max(fits, default=0.0) == 0)


@given(st.integers(0, 60), st.floats(0.01, 400))
def test_a_bound_lies_above_what_was_counted_and_falls_with_time(count: int, days: float) -> None:
    assert rate_bound(count, days) > count / days
    assert rate_bound(count, 2 * days) < rate_bound(count, days)
