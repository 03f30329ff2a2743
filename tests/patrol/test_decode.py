"""Reading pictures that are none, streams that die, and files that kill whoever opens them: a reason each time, and nobody else disturbed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from hub.clock import SystemClock
from hub.pictures import CameraFault, Source
from tests.engines import Publisher, Rtsp, wait_until
from vision.decode.header import BadPicture, check_still
from vision.decode.reader import PictureReader
from vision.decode.still import decode_still
from vision.decode.wire import Job, Taken

HOSTILE = Path(__file__).parents[3] / "shared" / "vision" / "robustness"


def drawn(width: int = 320, height: int = 240, suffix: str = ".jpg") -> bytes:
    picture = (np.indices((height, width)).sum(0) % 251).astype(np.uint8)
    return cv2.imencode(suffix, np.repeat(picture[..., None], 3, 2))[1].tobytes()


def bomb() -> bytes:
    """A small PNG that says it is 60 000 x 60 000."""
    return drawn(suffix=".png").replace((320).to_bytes(4) + (240).to_bytes(4), (60_000).to_bytes(4) * 2, 1)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", CameraFault.BAD_PICTURE),
        (drawn()[:4000], CameraFault.BAD_PICTURE),
        (b"GIF89a" + bytes(2000), CameraFault.BAD_PICTURE),
        (b"<html>not here</html>", CameraFault.BAD_PICTURE),
        (drawn(16, 16), CameraFault.BAD_PICTURE),
        (bomb(), CameraFault.TOO_LARGE),
        (b"\xff\xd8\xff" + bytes(9 << 20), CameraFault.TOO_LARGE),
        (drawn(suffix=".png")[:60] + bytes(4000) + drawn(suffix=".png")[-12:], CameraFault.BAD_PICTURE),
    ],
    ids=["empty", "cut", "gif", "html", "tiny", "bomb", "long", "broken inside"],
)
def test_what_is_no_picture_has_its_reason(data: bytes, fault: CameraFault) -> None:
    with pytest.raises(BadPicture) as raised:
        decode_still(data)
    assert raised.value.fault is fault


def test_a_picture_is_measured_and_decoded() -> None:
    for suffix, media in ((".jpg", "image/jpeg"), (".png", "image/png")):
        assert check_still(drawn(suffix=suffix)) == (media, 320, 240)
        assert decode_still(drawn(suffix=suffix)).shape == (240, 320, 3)


@pytest.mark.parametrize("url", ["ftp://x/y", "rtsp://user:secret@host/a", "rtsp://", "snapshot"])
def test_an_address_that_cannot_be_is_refused_and_a_password_in_it_too(url: str) -> None:
    with pytest.raises(ValueError, match="url: "):
        Source(url)


def test_a_password_stands_only_in_what_is_dialled() -> None:
    source = Source("rtsp://eye@10.0.0.7:554/main", "gate")
    assert source.with_password("a/b@c") == "rtsp://eye:a%2Fb%40c@10.0.0.7:554/main"
    assert "a/b" not in repr(source)


class Camera:
    """A reader and what it heard."""

    def __init__(self, url: str, every_s: float = 0.2, stale_s: float = 4.0) -> None:
        self.taken: list[Taken] = []
        self.faults: list[CameraFault] = []
        job = Job(url, every_s)
        self.reader = PictureReader(
            job, self.taken.append, lambda fault, _: self.faults.append(fault), SystemClock(), Random(1), stale_s
        )

    def more(self, count: int = 2, deadline: float = 15.0) -> None:
        """Wait for more pictures than there are."""
        wanted = len(self.taken) + count
        wait_until(lambda: len(self.taken) >= wanted, deadline, f"{count} more pictures; faults {self.faults[-3:]}")

    def heard_something(self) -> bool:
        """Whether there was a picture or a fault."""
        return bool(self.faults or self.taken)

    def fault(self, *kinds: CameraFault, deadline: float = 10.0) -> None:
        """Wait for a fault of these kinds that is told from now on."""
        begin = len(self.faults)
        wait_until(lambda: set(kinds) & set(self.faults[begin:]), deadline, f"{kinds}; heard {self.faults[-5:]}")


@contextmanager
def reading(url: str, every_s: float = 0.2, stale_s: float = 4.0) -> Iterator[Camera]:
    camera = Camera(url, every_s, stale_s)
    camera.reader.start()
    try:
        yield camera
    finally:
        camera.reader.close()


@pytest.fixture
def publisher(rtsp: Rtsp) -> Iterator[Publisher]:
    made = rtsp.publish("cam")
    yield made
    made.close()


def test_a_stream_is_read_and_its_faults_are_told_and_mended(rtsp: Rtsp, publisher: Publisher) -> None:
    with reading(rtsp.url("cam")) as camera, reading(rtsp.url("nothing")) as other:
        camera.more()
        assert (camera.taken[0].width, camera.taken[0].height) == (320, 240)
        assert decode_still(camera.taken[0].jpeg).shape == (240, 320, 3)
        other.fault(CameraFault.REFUSED)
        rtsp.signal(signal.SIGSTOP)
        camera.fault(CameraFault.STALLED, CameraFault.BAD_PICTURE)
        rtsp.signal(signal.SIGCONT)
        rtsp.kill()
        publisher.close()
        camera.fault(CameraFault.UNREACHABLE)
        rtsp.start()
        fresh = rtsp.publish("cam", size=(640, 360))
        camera.more(deadline=10.0)
        assert (camera.taken[-1].width, camera.taken[-1].height) == (640, 360)
        fresh.close()
        camera.fault(CameraFault.ENDED, CameraFault.REFUSED)


@pytest.mark.usefixtures("publisher")
def test_a_reader_that_hangs_is_killed_and_starts_again(rtsp: Rtsp) -> None:
    with reading(rtsp.url("cam"), stale_s=1.5) as camera:
        camera.more()
        hung = camera.reader.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        camera.fault(CameraFault.STALLED)
        camera.more()
        assert camera.reader.pid != hung


def test_a_reader_that_dies_is_told_and_starts_again(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(drawn())
    with reading(f"folder://{tmp_path}") as camera:
        camera.more(1)
        assert camera.reader.pid is not None
        os.kill(camera.reader.pid, signal.SIGABRT)
        camera.fault(CameraFault.CRASHED)
        camera.more(1)


def test_a_folder_gives_what_is_there_and_what_comes_and_tells_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(drawn())
    (tmp_path / "2.jpg").write_bytes(drawn()[:3000])
    (tmp_path / "notes.txt").write_bytes(b"no picture")
    with reading(f"folder://{tmp_path}") as camera:
        camera.more(1)
        camera.fault(CameraFault.SILENT)
        assert CameraFault.BAD_PICTURE in camera.faults
        (tmp_path / "3.jpg").write_bytes(drawn(640, 480))
        camera.more(1)
        assert camera.taken[-1].width == 640


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the files that abort OpenCV are not here")
def test_files_that_abort_opencv_are_a_fault_of_their_camera_alone(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(drawn())
    names = sorted(HOSTILE.glob("*.avi"))
    assert len(names) == 3
    with reading(f"folder://{tmp_path}") as healthy:
        healthy.more(1)
        for name in names:
            with reading(f"file://{name}", every_s=0.05) as camera:
                wait_until(camera.heard_something, 20, f"a word on {name.name}")
        (tmp_path / "2.jpg").write_bytes(drawn())
        healthy.more(1)


def test_the_password_is_in_no_argument_of_the_reading_process(rtsp: Rtsp) -> None:
    with reading(rtsp.url("cam").replace("rtsp://", "rtsp://eye:very-secret@")) as camera:
        camera.fault(CameraFault.REFUSED)
        seen = (
            Path(f"/proc/{camera.reader.pid}/cmdline").read_bytes()
            + Path(f"/proc/{camera.reader.pid}/environ").read_bytes()
        )
        assert b"very-secret" not in seen


def test_the_reader_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(drawn())
    program = f"""
import sys
from random import Random
from hub.clock import SystemClock
from vision.decode.reader import PictureReader
from vision.decode.wire import Job
reader = PictureReader(Job("folder://{tmp_path}"), lambda _: print(reader.pid, flush=True), lambda *_: None, SystemClock(), Random(1))
reader.start()
sys.stdin.read()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not _lives(pid), 10, "the end of the reader")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
