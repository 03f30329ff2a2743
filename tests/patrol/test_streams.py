"""Cameras that die under the role, all at once: each is told within ten seconds and is back with its pictures, and no other is disturbed."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest

from hub.event import DeviceEvent
from hub.pictures import Source
from hub.topics import DEAD_LETTERS, FRAMES
from storage.pictures import Pictures
from tests.engines import Rtsp, wait_until
from tests.patrol.rig import START, Rig, film
from tests.patrol.test_decode import HOSTILE
from tests.patrol.test_sources import CameraServer, page

STREAM, WELL, PUSHED, RUBBISH = (f"zhenhai/camera/{name}" for name in ("stream", "well", "pushed", "rubbish"))
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def server() -> Iterator[CameraServer]:
    made = CameraServer()
    yield made
    made.end()


def lost(rig: Rig, station: str, edge: str) -> list[DeviceEvent]:
    """What was told of a camera's loss."""
    return [event for event in rig.told() if (event.station, event.type, event.edge) == (station, "camera.lost", edge)]


def times(rig: Rig, station: str) -> list[int]:
    """When the pictures of a camera came, epoch ms."""
    consumer = rig.bus.consumer(None, [FRAMES])
    found = []
    while records := consumer.poll(0.1):
        found += [record.time for record in records if record.key == station.encode()]
    consumer.close()
    return found


def test_what_dies_is_told_and_comes_back_and_disturbs_nobody(rig: Rig, rtsp: Rtsp, server: CameraServer) -> None:
    """A stream whose server is killed, a camera that no longer sends, a web page where a picture was; another camera all the while."""
    publisher = rtsp.publish("cam", size=(480, 270))
    rig.camera(STREAM, Source(rtsp.url("cam"), every_s=0.5))
    rig.camera(WELL, Source(server.url, every_s=0.5))
    rig.camera(PUSHED)
    rig.start()
    rig.send(film(1)[0], 0, PUSHED)
    wait_until(lambda: len(times(rig, STREAM)) > 2 and rig.health().get("frames", 0) > 5, 60, "all cameras at work")
    rtsp.kill()
    publisher.close()
    last, fine = times(rig, STREAM)[-1], len(times(rig, WELL))
    (told,) = wait_until(lambda: lost(rig, STREAM, "open"), 10, "the loss of the stream")
    assert told.time - last <= 10_000
    assert told.values["cause"] in {"unreachable", "ended"}
    (silent,) = wait_until(lambda: lost(rig, PUSHED, "open"), 10, "the loss of the camera that sends no more")
    assert (silent.values["cause"], silent.time) == ("silent", START + 8000)
    wait_until(lambda: len(times(rig, WELL)) > fine + 4, 10, "pictures of the other camera meanwhile")
    rtsp.start()
    publisher = rtsp.publish("cam", size=(480, 270))
    rig.send(film(2)[1], 30, PUSHED)
    for station in (STREAM, PUSHED):
        (back,) = wait_until(partial(lost, rig, station, "close"), 10, f"the return of {station}")
        assert back.key == {STREAM: told.key, PUSHED: silent.key}[station]
    publisher.close()
    assert not [event for event in rig.told() if event.station == WELL and event.type == "camera.lost"]
    steps = times(rig, WELL)
    assert max(after - before for before, after in pairwise(steps)) < 8000


def test_rubbish_and_files_that_abort_opencv_are_their_cameras_alone(rig: Rig, server: CameraServer) -> None:
    """The rubbish is a dead letter and an event with its reason; the role is the same process after it."""
    server.answer = page(b"<html>please log in</html>")
    other = CameraServer()
    films = sorted(HOSTILE.glob("*.avi"))
    rig.camera(RUBBISH, Source(server.url, every_s=0.2))
    rig.camera(WELL, Source(other.url, every_s=0.2))
    for number, path in enumerate(films):
        rig.camera(f"zhenhai/camera/film{number}", Source(f"file://{path}", every_s=0.2))
    rig.start()
    (event,) = wait_until(lambda: [one for one in rig.told() if one.station == RUBBISH], 60, "a word on the rubbish")
    assert (event.type, event.edge, event.values["cause"]) == ("camera.degraded", "open", "bad_picture")
    assert sum(rig.bus.ends(DEAD_LETTERS).values()) == 1
    pictures = Pictures(rig.data)
    for number in range(len(films)):
        wait_until(partial(pictures.shown, f"zhenhai/camera/film{number}"), 30, f"a word on film {number}")
    fine = len(times(rig, WELL))
    wait_until(lambda: len(times(rig, WELL)) > fine + 2, 10, "pictures of the other camera")
    server.answer = page(film(1)[0])
    wait_until(lambda: [one for one in rig.told() if (one.station, one.edge) == (RUBBISH, "close")], 15, "its end")
    assert rig.process is not None
    assert rig.process.poll() is None
    other.end()
