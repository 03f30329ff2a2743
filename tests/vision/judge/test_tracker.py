"""Tracks: who is who, who is believed, who stands still, and what a thing must be by how it goes."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.judge.script import HEIGHT, START, WIDTH, camera, thing
from vision.detection import Detection
from vision.frame import Quality
from vision.geometry.view import view_of
from vision.track.bearing import bearing
from vision.track.nature import Nature, natures
from vision.track.track import Track
from vision.track.tracker import Tracker

VIEW = view_of(camera())
PLAIN = view_of(camera(calibrated=False))
STEP = 500


def follow(tracker: Tracker, frames: Sequence[Sequence[Detection]], first: int = 0) -> list[tuple[Track, ...]]:
    return [
        tracker.update(START + (first + number) * STEP, found, Quality(), (WIDTH, HEIGHT))
        for number, found in enumerate(frames)
    ]


def what(tracker: Tracker, tracks: Sequence[Track]) -> dict[int, Nature]:
    ways = {one.id: bearing(one, tracker.current(one.space), tracker.unit(one.space)) for one in tracks}
    return natures(tracks, ways, tracker.unit("px"))


def test_a_drifting_thing_is_one_track_at_the_speed_of_the_water() -> None:
    steps = follow(Tracker(VIEW), [[thing(VIEW, -4 + 0.25 * n, 20)] for n in range(24)])
    (last,) = steps[-1]
    assert (last.id, last.state, last.space) == (1, "confirmed", "m")
    assert last.speed_m_s == pytest.approx(0.5, abs=0.05)
    assert last.confirmed == START + 3 * STEP  # the fourth of six
    assert last.size_m == pytest.approx(0.5)


def test_a_flicker_is_never_believed_and_soon_forgotten() -> None:
    seen = [[thing(VIEW, 0, 20)] if n in {0, 3} else [] for n in range(10)]
    steps = follow(Tracker(VIEW), seen)
    assert {one.state for step in steps for one in step} == {"new", "gone"}
    assert steps[-1] == ()


def test_low_scores_are_not_believed() -> None:
    steps = follow(Tracker(VIEW), [[thing(VIEW, 0, 20, score=0.4)] for _ in range(10)])
    assert steps[-1][0].state == "new"


def test_once_believed_a_track_lives_through_a_few_misses() -> None:
    steps = follow(Tracker(VIEW), [[] if n in {8, 9, 10} else [thing(VIEW, -4 + 0.25 * n, 20)] for n in range(20)])
    assert {one.id for step in steps for one in step} == {1}


def test_a_still_thing_becomes_static_and_moves_on() -> None:
    tracker = Tracker(VIEW)
    steps = follow(tracker, [[thing(VIEW, 2, 20)] for _ in range(26)])
    assert steps[-1][0].state == "static"
    moved = follow(tracker, [[thing(VIEW, 2 + 0.25 * n, 20)] for n in range(12)], first=26)
    assert (moved[-1][0].id, moved[-1][0].state) == (1, "confirmed")


def test_without_metres_tracks_are_in_pixels() -> None:
    (last,) = follow(Tracker(PLAIN), [[thing(PLAIN, -4 + 0.25 * n, 20)] for n in range(12)])[-1]
    assert (last.space, last.size_m, last.speed_m_s) == ("px", None, None)
    assert last.share > 0


def test_two_that_cross_keep_their_names() -> None:
    frames = [[thing(VIEW, -3 + 0.25 * n, 15, 0.4), thing(VIEW, 3 - 0.25 * n, 22, 0.8)] for n in range(24)]
    last = follow(Tracker(VIEW), frames)[-1]
    assert [one.id for one in last] == [1, 2]
    assert last[0].place[0] > 0 > last[1].place[0]


def test_one_hidden_in_another_is_the_same_when_they_part() -> None:
    together = [[thing(VIEW, 0, 19.9, 1.2, upright=1.0)] for _ in range(16)]
    apart = [[thing(VIEW, 0, 20, 0.5), thing(VIEW, 0.7, 20, 0.5)] for _ in range(8)]
    steps = follow(Tracker(VIEW), [*apart, *together, *apart])
    assert {one.id for one in steps[-1] if one.sure} == {1, 2}


@pytest.mark.parametrize(
    ("speed", "size", "label", "nature"),
    [
        (0.5, 0.5, "artificial", "debris"),
        (0.0, 0.5, "artificial", "debris"),
        (-1.5, 4.0, "other", "boat"),
        (3.0, 0.5, "artificial", "bird"),
        (-0.6, 1.5, "artificial", "bird"),
        (0.5, 3.0, "other", "unknown"),
    ],
)
def test_what_a_thing_must_be_by_its_way(speed: float, size: float, label: str, nature: str) -> None:
    tracker = Tracker(VIEW)
    start = -4 if speed > 0 else 4
    found = [[thing(VIEW, start + speed * n / 2, 25, size, label)] for n in range(10)]  # type: ignore[arg-type]
    last = follow(tracker, found)[-1]
    assert set(what(tracker, last).values()) == {nature}


def test_a_wake_belongs_to_its_boat() -> None:
    tracker = Tracker(VIEW)
    frames = []
    for n in range(16):
        found = [thing(VIEW, 6 - n, 25, 4.0, "other")]
        if n >= 5:
            found.append(thing(VIEW, 6 - n + 4 + 0.2 * n, 24, 0.6))
        frames.append(found)
    last = follow(tracker, frames)[-1]
    assert sorted(what(tracker, last).values()) == ["boat", "wake"]


def test_the_flow_is_learnt_where_it_is_not_told() -> None:
    tracker = Tracker(PLAIN)
    assert not tracker.current("px").known
    (last,) = follow(tracker, [[thing(PLAIN, -4 + 0.25 * n, 20)] for n in range(12)])[-1]
    for _ in range(5):
        tracker.drifted(last)
    assert tracker.current("px").known
    assert tracker.current("px").velocity[0] > 0


SCRIPTS = st.lists(
    st.lists(st.tuples(st.integers(-8, 8), st.integers(12, 40), st.sampled_from((0.3, 0.6, 2.0))), max_size=4),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None)
@given(SCRIPTS, st.integers(0, 13))
def test_a_replay_is_the_same_bit_for_bit_from_any_frame_on(
    script: list[list[tuple[int, int, float]]], split: int
) -> None:
    frames = [[thing(VIEW, east, north, size) for east, north, size in found] for found in script]
    whole = follow(Tracker(VIEW), frames)
    first, second = Tracker(VIEW), Tracker(VIEW)
    before = follow(first, frames[:split])
    second.restore(first.export())
    assert before + follow(second, frames[split:], first=min(split, len(frames))) == whole


@settings(max_examples=12, deadline=None)
@given(SCRIPTS)
def test_names_are_never_used_twice_and_nothing_comes_back_from_the_gone(
    script: list[list[tuple[int, int, float]]],
) -> None:
    gone: set[int] = set()
    confirmed: set[int] = set()
    for step in follow(Tracker(VIEW), [[thing(VIEW, *found) for found in frame] for frame in script]):
        ids = [one.id for one in step]
        assert len(set(ids)) == len(ids)
        assert not gone & set(ids)
        assert all(one.sure or one.state == "gone" for one in step if one.id in confirmed)
        confirmed |= {one.id for one in step if one.sure}
        gone |= {one.id for one in step if one.state == "gone"}


def test_time_must_go_on() -> None:
    tracker = Tracker(VIEW)
    follow(tracker, [[thing(VIEW, 0, 20)]])
    with pytest.raises(ValueError, match="expected one after"):
        follow(tracker, [[thing(VIEW, 0, 20)]])


def test_a_foreign_state_is_refused() -> None:
    with pytest.raises(ValueError, match="not a tracker's state"):
        Tracker(VIEW).restore(b"\xc1")
