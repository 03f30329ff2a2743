"""The role as a process: killed in between it loses and doubles nothing, and a bad picture is its camera's alone."""

import os
import signal
from collections import Counter

import pytest

from hub.topics import DEAD_LETTERS
from processors.patrol.wire import Look, SetUp
from processors.patrol.worker import Cameras
from storage.evidence import EvidenceFolder
from storage.pictures import Pictures
from storage.records.patrol import coverage, events
from storage.records.patrol.events import EventsAsked
from tests.engines import wait_until
from tests.patrol.rig import CAMERA, EVERY, START, Rig, config, film

FRAMES = 60
pytestmark = pytest.mark.timeout(300)
OTHER = "zhenhai/camera/C02"


def expected() -> Counter[tuple[str, str]]:
    """Key and edge of what an uninterrupted look at the film tells."""
    looking, told = Cameras(), Counter[tuple[str, str]]()
    looking.answer(SetUp(CAMERA, config()))
    for place, data in enumerate(film(FRAMES)):
        time = START + place * EVERY
        told.update(
            (event.key, event.edge) for event in looking.answer(Look(CAMERA, time, time, place + 1, data)).events
        )
    return told


def test_killed_in_between_it_loses_nothing_and_doubles_nothing(rig: Rig) -> None:
    wanted = expected()
    assert {edge for _, edge in wanted} >= {"open"}
    rig.camera(CAMERA)
    rig.start()
    for place, data in enumerate(film(FRAMES)):
        rig.send(data, place)
        if place in (FRAMES // 3, 2 * FRAMES // 3):
            wait_until(lambda: rig.health().get("frames", 0) > 5, 90, f"the role at work from {place} on")
            rig.kill()
            (rig.data / "health" / "patrol.json").unlink()
            rig.start()
    wait_until(lambda: rig.health().get("frames", 0) > 10 and rig.health()["waiting"] == 0, 90, "the end of the film")
    rig.stop()
    rig.until_committed(FRAMES)
    told = Counter((event.key, event.edge) for event in rig.told() if not event.type.startswith("camera."))
    assert told == Counter({what: count for what, count in wanted.items() if what[0] in {key for key, _ in told}})
    assert {key for key, edge in told if edge == "open"} == {key for key, edge in wanted if edge == "open"}
    _evidence_is_whole(rig)
    with rig.records.read() as tx:
        hours = coverage.of(tx, CAMERA, 0, 2 * START)
    assert sum(hour.seen_ms + hour.blind_ms for hour in hours) == (FRAMES - 1) * EVERY


def _evidence_is_whole(rig: Rig) -> None:
    folder = EvidenceFolder(rig.data / "evidence")
    with rig.records.read() as tx:
        found = events.listing(tx, EventsAsked(type="debris")).items
    assert found
    for event in found:
        assert event.evidence
        before = ""
        for piece in event.evidence:
            assert folder.sound(piece.sha256)
            assert piece.prev == before
            before = piece.sha256


def test_a_bad_picture_is_a_dead_letter_and_an_event_and_disturbs_nobody(rig: Rig) -> None:
    rig.camera(CAMERA)
    rig.camera(OTHER)
    rig.start()
    good = film(FRAMES)
    for place in range(12):
        rig.send(good[place], place)
        rig.send(good[place] if place not in (3, 4) else good[place][:2000], place, OTHER)
    wait_until(lambda: rig.health().get("frames", 0) >= 22, 90, "all good pictures")
    rig.stop()
    trouble = [(event.station, event.type, event.edge, event.values["cause"]) for event in rig.told()]
    assert trouble == [
        (OTHER, "camera.degraded", "open", "bad_picture"),
        (OTHER, "camera.degraded", "close", "bad_picture"),
    ]
    assert sum(rig.bus.ends(DEAD_LETTERS).values()) == 2
    shown = Pictures(rig.data).shown(CAMERA)
    assert shown is not None
    assert (shown.width, shown.height) == (480, 270)


def test_a_worker_that_dies_or_hangs_is_replaced_and_its_cameras_go_on(rig: Rig) -> None:
    rig.camera(CAMERA)
    rig.start()
    good = film(FRAMES)
    for place in range(4):
        rig.send(good[place], place)
    wait_until(lambda: rig.health().get("frames", 0) >= 4, 90, "the first pictures")
    (worker,) = rig.workers()
    os.kill(worker, signal.SIGKILL)
    rig.send(good[4], 4)
    wait_until(lambda: rig.health().get("crashes", 0) == 1, 20, "the crash")
    wait_until(lambda: _fed(rig, good), 30, "pictures after the crash")
    assert rig.workers() != [worker]


def _fed(rig: Rig, good: tuple[bytes, ...]) -> bool:
    """Send one more picture; whether more were looked at than before the crash."""
    place = rig.bus.ends("frames")[0]
    if place < len(good):
        rig.send(good[place], place)
    return rig.health().get("frames", 0) > 4


@pytest.mark.parametrize("settings", ["workers = 0", "disk_stop = 0.5", "colour = 1", "keep_days = {frame = -1}"])
def test_settings_that_cannot_be_are_named(settings: str) -> None:
    from hub.config import parse_settings

    _, faults = parse_settings(f"[patrol]\n{settings}\n", "hub.toml")
    assert faults
    assert "patrol" in str(faults[0])
