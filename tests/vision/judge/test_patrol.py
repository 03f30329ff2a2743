"""The whole patrol on a scripted sight: events with evidence, the same in every replay and across every restart."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import pytest

from hub.evidence import Evidence
from tests.vision.judge.script import BANK, START, ScriptedSight, camera, frame, of_box, thing
from vision.camera import CameraConfig
from vision.detection import Box, Detection
from vision.events.event import PatrolEvent
from vision.events.exhibit import Exhibit
from vision.events.shot import decoded, encoded
from vision.frame import Frame, Quality
from vision.geometry.view import view_of
from vision.pipeline import Patrol, Step

CONFIG = camera(banks=(BANK,))
VIEW = view_of(CONFIG)
STEP = 500
PERSON = Box(570, 180, 14, 30)


def script(frames: int = 52) -> dict[int, list[Detection]]:
    """A bottle that drifts through, one that lies still, and from the fourth second on somebody on the bank."""
    found: dict[int, list[Detection]] = {}
    for number in range(frames):
        seen = [thing(VIEW, 3, 15, 0.6)]
        seen += [thing(VIEW, -4 + 0.25 * number, 20)] if number < 24 else []
        seen += [of_box(VIEW, PERSON, "person", 0.9, 1.7)] if number >= 8 else []
        found[START + number * STEP] = seen
    return found


SCRIPT = script()


def patrol(
    found: Mapping[int, Sequence[Detection]] = SCRIPT,
    qualities: Mapping[int, Quality] | None = None,
    config: CameraConfig = CONFIG,
) -> Patrol:
    return Patrol(config, ScriptedSight(found, qualities))


def walk(one: Patrol, times: Iterable[int]) -> list[Step]:
    return [one.step(frame(time)) for time in times]


def events(steps: Iterable[Step]) -> list[PatrolEvent]:
    return [event for step in steps for event in step.events]


def exhibits(steps: Iterable[Step]) -> list[Exhibit]:
    return [exhibit for step in steps for exhibit in step.evidence]


@pytest.fixture(scope="module")
def whole() -> list[Step]:
    return walk(patrol(), SCRIPT)


def test_what_happens_is_told_once_and_in_order(whole: list[Step]) -> None:
    told = [(event.kind, event.state) for event in events(whole)]
    assert told == [
        ("debris.item", "open"),
        ("debris.item", "open"),
        ("intrusion.bank", "open"),
        ("debris.item", "close"),
        ("fishing.suspected", "open"),
    ]


def test_an_event_says_all_that_is_known(whole: list[Step]) -> None:
    first = events(whole)[0]
    assert (first.camera, first.zone, first.label, first.level) == (CONFIG.id, "river", "artificial", 3)
    assert (first.start, first.confirmed, first.time) == (START, START + 2000, START + 2000)
    assert first.size_m == pytest.approx(0.5)
    assert first.metre == pytest.approx((-3, 20), abs=0.2)
    assert first.lonlat == pytest.approx((121.6, 29.95), abs=1e-3)
    assert first.speed_m_s == pytest.approx(0.5, abs=0.1)
    assert not first.uncalibrated
    assert first.model_version == "script-1"
    assert len(first.config_hash) == 64
    assert len({event.event_id for event in events(whole)}) == 4
    closed = next(event for event in events(whole) if event.state == "close")
    assert len(closed.path) > 10
    assert closed.path[0][0] == START


def test_without_ground_points_sizes_are_per_cent_and_it_is_said() -> None:
    config = camera(calibrated=False)
    view = view_of(config)
    found = {START + n * STEP: [thing(view, -4 + 0.25 * n, 20)] for n in range(12)}
    (event,) = events(walk(patrol(found, config=config), found))
    assert event.uncalibrated
    assert (event.size_m, event.area_m2, event.metre, event.lonlat, event.speed_m_s) == (None,) * 5
    assert event.percent
    assert event.percent > 0


@pytest.mark.parametrize(("wide", "high", "told"), [(16, 44, False), (44, 16, True)])
def test_without_ground_points_what_goes_upright_is_no_debris(wide: int, high: int, *, told: bool) -> None:
    view = view_of(camera(calibrated=False))
    found = {
        START + n * STEP: [of_box(view, Box(200 + 7 * n, 200, wide, high), "artificial", 0.9, None)] for n in range(16)
    }
    kinds = {event.kind for event in events(walk(patrol(found, config=view.config), found))}
    assert kinds == ({"debris.item"} if told else set())


def test_a_replay_is_the_same_bit_for_bit(whole: list[Step]) -> None:
    again = walk(patrol(), SCRIPT)
    assert msgspec.json.encode(events(again)) == msgspec.json.encode(events(whole))
    assert exhibits(again) == exhibits(whole)


@pytest.mark.parametrize("split", [0, 3, 21, 47])
def test_a_restart_at_any_frame_changes_nothing(whole: list[Step], split: int) -> None:
    times = list(SCRIPT)
    first, second = patrol(), patrol()
    before = walk(first, times[:split])
    second.restore(first.export())
    after = walk(second, times[split:])
    assert events(before + after) == events(whole)
    assert exhibits(before + after) == exhibits(whole)


def test_a_foreign_state_is_refused() -> None:
    with pytest.raises(ValueError, match="not a patrol's state"):
        patrol().restore(b"\xc1")
    with pytest.raises(ValueError, match="configuration"):
        patrol().restore(patrol(config=camera(min_size_m=0.5)).export())


def test_evidence_is_first_best_crop_overlay_strip_and_last_in_one_chain(whole: list[Step]) -> None:
    kept = {one.piece.sha256: one for one in exhibits(whole)}
    name = events(whole)[0].event_id
    pieces: list[Evidence] = [p for event in events(whole) if event.event_id == name for p in event.evidence]
    assert [(p.role, p.kind) for p in pieces] == [
        ("first", "frame"),
        ("best", "crop"),
        ("best", "overlay"),
        ("", "thumbnail"),
        ("last", "frame"),
    ]
    assert [p.prev for p in pieces] == ["", *(p.sha256 for p in pieces[:-1])]
    for piece in pieces:
        data = kept[piece.sha256].data
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (piece.sha256, piece.size)
        assert decoded(data).size
    assert pieces[0].captured == START


def test_a_frame_that_came_as_jpeg_is_kept_as_it_came() -> None:
    one = patrol()
    plain = [frame(time) for time in list(SCRIPT)[:6]]
    jpegs = [encoded(each.bgr, 60) for each in plain]
    given = zip(plain, jpegs, strict=True)
    steps = [one.step(Frame(each.camera, each.time, each.seq, each.bgr, jpeg)) for each, jpeg in given]
    assert exhibits(steps)[0].data is jpegs[0]


def test_people_have_a_twin_without_them(whole: list[Step]) -> None:
    bank = next(event for event in events(whole) if event.kind == "intrusion.bank")
    shown = [one for one in exhibits(whole) if one.event_id == bank.event_id]
    assert all(one.piece.person for one in shown if one.piece.kind != "thumbnail")
    for one in shown:
        if one.twin is not None and one.twin_data is not None:
            assert not one.twin.person
            assert one.twin.sha256 == hashlib.sha256(one.twin_data).hexdigest() != one.piece.sha256
    plain = next(one for one in exhibits(whole) if one.event_id == events(whole)[0].event_id)
    assert (plain.piece.person, plain.twin) == (False, None)


@pytest.mark.parametrize(
    ("state", "lasts"), [("degraded", 64), ("black", 14), ("frozen", 14), ("moved", 14), ("blind", 24)]
)
def test_a_camera_that_cannot_see_is_told_and_nothing_is_closed_for_it(state: str, lasts: int) -> None:
    bad = Quality(state, "why")  # type: ignore[arg-type]
    found = script(22 + lasts)
    steps = walk(patrol(found, dict.fromkeys(list(found)[8 : 8 + lasts], bad)), found)
    told = [(event.kind, event.state, event.cause) for event in events(steps) if event.kind.startswith("camera")]
    assert told == [(f"camera.{state}", "open", "why"), (f"camera.{state}", "close", "why")]
    dark = [event for step in steps[8 : 8 + lasts] for event in step.events if not event.kind.startswith("camera")]
    assert dark == []
    blind = [step.span for step in steps if step.span and step.span.state == "blind"]
    assert sum(span.end - span.start for span in blind) == (lasts + 1) * STEP  # and the half second of coming back
    assert {span.cause for span in blind} == {"why", "recovering"}


def test_a_lost_camera_is_told_at_once_and_ends_with_the_next_frame() -> None:
    one, times = patrol(), list(SCRIPT)
    walk(one, times[:10])
    lost = one.absent(times[10] + 8000, "unreachable")
    assert [(event.kind, event.state, event.cause) for event in lost.events] == [("camera.lost", "open", "unreachable")]
    assert one.absent(times[10] + 9000, "unreachable").events == ()
    back = one.step(frame(times[10] + 9500))
    assert ("camera.lost", "close") in [(event.kind, event.state) for event in back.events]


def test_late_frames_are_counted_and_a_clock_that_was_set_back_is_told() -> None:
    one, times = patrol(), list(SCRIPT)
    walk(one, times[:20])
    assert one.step(frame(times[3])).quality.cause == "clock"
    walk(one, times[20:22])
    back = walk(one, [time - 3_600_000 for time in times[22:30]])
    told = [(event.kind, event.state, event.cause) for event in events(back)]
    assert ("camera.degraded", "open", "clock") in told
    assert back[-1].quality.usable


def test_an_officers_word() -> None:
    one, times = patrol(), list(SCRIPT)
    walk(one, times[:8])
    still, drifting = sorted(one.open_events(), key=lambda name: name != one.open_events()[0])
    assert not one.judge("nothing", "rejected")
    assert one.judge(still, "rejected")
    assert one.judge(drifting, "acknowledged")
    after = events(walk(one, times[8:]))
    assert [event.cause for event in after if event.event_id == still] == ["rejected"]
    assert [(event.state, event.acknowledged) for event in after if event.event_id == drifting][-1:] in (
        [],
        [("close", True)],
    )


def test_what_is_open_is_closed_when_the_camera_is_taken_away() -> None:
    one, times = patrol(), list(SCRIPT)
    walk(one, times[:10])
    names = set(one.open_events())
    ended = one.finish(times[10])
    assert {event.event_id for event in ended.events} == names
    assert {event.state for event in ended.events} == {"close"}
    assert one.open_events() == []


def test_the_minute_counts_what_was_seen_and_why_the_rest_was_not_told() -> None:
    found = script(122)
    (minute,) = [step for step in walk(patrol(found), found) if step.minute == START]
    assert minute.numbers["fps"] == pytest.approx(2.0)
    assert minute.numbers["seen_s"] == pytest.approx(59.5)
    assert minute.numbers["blind_s"] == 0
    assert minute.numbers["open_tracks"] >= 2
    assert minute.numbers["suppressed_person"] == 1
