"""The whole way from frames to detections: found where it is, the same again bit for bit, and silent when it cannot see."""

import numpy as np
import pytest

from tests.vision.see.drawn import HEIGHT, SHORE, START, WIDTH, frame, picture, view, zone
from vision.detection import Box, Detection, Label
from vision.detector import Seen
from vision.detectors.debris import JUDGED
from vision.frame import Frame
from vision.proposals.blobs import Numbers
from vision.proposals.tiles import MOST
from vision.see import Eye
from vision.verifier.features import Features
from vision.verifier.judge import Verifier

FIRST, LAST = 14, 20


def place(number: int) -> tuple[int, int]:
    return 120 + 14 * (number - FIRST), 200


def watched(eye: Eye, numbers: range, *, grey: bool = False) -> list[Seen]:
    return [eye.see(frame(n, place(n) if n >= FIRST else None, grey=grey)) for n in numbers]


def debris(seen: Seen) -> list[Detection]:
    return [thing for thing in seen.detections if thing.label != "other"]


def test_in_infra_red_a_drifting_thing_is_found_too() -> None:
    seen = watched(Eye(view()), range(FIRST + 3), grey=True)
    assert not any(one.detections for one in seen[:FIRST])
    for number, one in enumerate(seen[FIRST:], FIRST):
        # Red is as dark as the water there: what shows is the white part.
        x, y = place(number)
        assert max(thing.box.overlap(Box(x - 5, y - 4, 10, 9)) for thing in debris(one)) > 0.3
        assert one.quality.infrared


def test_a_drifting_thing_is_found_where_it_is_with_its_size() -> None:
    seen = watched(Eye(view()), range(LAST))
    assert not any(one.detections for one in seen[:FIRST])
    found = [debris(one) for one in seen[FIRST:]]
    assert all(len(things) == 1 for things in found)
    for number, (thing,) in enumerate(found, FIRST):
        x, y = place(number)
        assert thing.box.overlap(Box(x - 16, y - 10, 33, 21)) > 0.5
        assert thing.mask.width == thing.box.w
        truth = view().sizes(np.array([(x - 16, y - 10, 33, 21)]))
        assert truth is not None
        assert thing.size_m == pytest.approx(truth[0], rel=0.25)
        assert thing.ground is not None
        assert thing.lonlat is None
        assert thing.score > 0.4


def test_a_replay_gives_the_same_and_so_does_an_eye_that_takes_over() -> None:
    first, again, heir = Eye(view()), Eye(view()), Eye(view())
    before = watched(first, range(LAST))
    assert [one.detections for one in before] == [one.detections for one in watched(again, range(LAST))]
    half = Eye(view())
    watched(half, range(FIRST + 2))
    heir.restore(half.export())
    after = watched(heir, range(FIRST + 2, LAST))
    assert [one.detections for one in after] == [one.detections for one in before[FIRST + 2 :]]
    assert [one.numbers for one in after] == [one.numbers for one in before[FIRST + 2 :]]


def test_without_calibration_it_speaks_of_shares_alone() -> None:
    seen = watched(Eye(view(ground=())), range(FIRST + 2))
    (thing,) = debris(seen[-1])
    assert (thing.size_m, thing.area_m2, thing.ground, thing.lonlat) == (None, None, None, None)
    assert 0.001 < thing.share < 0.01


def test_exclusions_are_not_looked_at() -> None:
    everything = zone("out", (0, SHORE), (WIDTH, SHORE), (WIDTH, HEIGHT), (0, HEIGHT))
    seen = watched(Eye(view(exclusions=(everything,))), range(FIRST + 3))
    assert not any(one.detections for one in seen)


def test_nothing_is_said_of_what_cannot_be_seen() -> None:
    eye = Eye(view())
    watched(eye, range(FIRST))
    dark = eye.see(Frame("c", START + 20_000, 20, np.zeros((HEIGHT, WIDTH, 3), np.uint8)))
    assert (dark.quality.state, dark.detections) == ("black", ())
    back = eye.see(frame(21, (240, 200)))
    assert back.quality.state == "ok"


def test_frames_of_another_size_and_of_another_shape() -> None:
    eye = Eye(view())
    watched(eye, range(FIRST))
    large = np.repeat(np.repeat(picture(15, (240, 200)), 2, axis=0), 2, axis=1)
    seen = eye.see(Frame("c", START + 15_000, 15, large))
    (thing,) = debris(seen)
    assert thing.box.overlap(Box(448, 380, 66, 42)) > 0.5
    tall = np.zeros((600, 200, 3), np.uint8) + picture(15)[:1, :200].repeat(600, axis=0)
    assert eye.see(Frame("c", START + 16_000, 16, np.ascontiguousarray(tall))).quality.state in {"moved", "blind"}


def test_where_all_is_strange_no_more_is_judged_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves, a crowd, a street: what is no water at all must not take a second a picture."""
    eye = Eye(view())
    judged: list[int] = []
    watched(eye, range(FIRST))
    inner = Verifier.judged

    def counted(self: Verifier, rows: Features) -> tuple[Numbers, list[Label]]:
        judged.append(len(rows))
        return inner(self, rows)

    monkeypatch.setattr(Verifier, "judged", counted)
    chance = np.random.default_rng(3)
    crowd = picture(FIRST).copy()
    for x, y in chance.integers((8, SHORE + 8), (WIDTH - 8, HEIGHT - 8), (500, 2)).tolist():
        crowd[y : y + 4, x : x + 4] = chance.integers(0, 255, 3)
    eye.see(Frame("c", START + FIRST * 1000, FIRST, crowd))
    assert max(judged) == JUDGED
    assert len(judged) <= MOST


def test_what_is_acknowledged_becomes_part_of_the_picture() -> None:
    eye = Eye(view())
    watched(eye, range(FIRST))
    seen = [eye.see(frame(number, (240, 200))) for number in range(FIRST, FIRST + 4)]
    eye.acknowledge(debris(seen[-1])[0].box)
    later = [eye.see(Frame("c", START + 30_000 + n * 12_000, n, picture(n % 20, (240, 200)))) for n in range(9)]
    assert not debris(later[-1])


def test_a_state_of_another_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="state"):
        Eye(view()).restore(b"not a state")
