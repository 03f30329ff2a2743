"""Snapshots over HTTP from a real server: good ones come on their timer, and each way of going wrong has its reason and harms nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hub.buses import open_bus
from hub.clock import SystemClock
from hub.pictures import CameraFault, Source
from hub.topics import FRAMES, topics
from processors.patrol.sources import FramesTopic, Snapshots, fetcher
from tests.engines import wait_until
from tests.patrol.rig import film
from tests.patrol.test_decode import bomb, drawn

STATION = "zhenhai/camera/C01"
Answer = Callable[[BaseHTTPRequestHandler], None]


def page(data: bytes, status: int = 200) -> Answer:
    """An answer of a status with these bytes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


class CameraServer(ThreadingHTTPServer):
    """A camera's web server that answers as it is told; `asked` counts requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.answer: Answer = page(film(1)[0])
        self.asked = 0
        self.ended = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/snapshot.jpg"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def end(self) -> None:
        """Close the port."""
        self.ended.set()
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    server: CameraServer

    def do_GET(self) -> None:
        self.server.asked += 1
        try:
            self.server.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[CameraServer]:
    made = CameraServer()
    yield made
    made.end()


class Fetched:
    """A fetcher on a bus of its own, and what it told."""

    def __init__(self, data: Path, source: Source, password: str = "") -> None:
        self.faults: list[tuple[CameraFault, str]] = []
        self.bus = open_bus("embedded://", data)
        self.bus.ensure_topics(topics(1))
        clock = SystemClock()
        topic = FramesTopic(self.bus, clock, self.tell)
        self.fetcher = fetcher(STATION, source, password, topic, self.tell, clock, 8.0)

    def tell(self, _: str, fault: CameraFault, detail: str) -> None:
        self.faults.append((fault, detail))

    def count(self) -> int:
        """How many pictures are on the topic."""
        return sum(self.bus.ends(FRAMES).values())

    def until(self, count: int) -> None:
        """Wait for so many pictures on the topic."""
        wait_until(lambda: self.count() >= count, 15, f"{count} pictures; {self.faults[-3:]}")

    def pictures(self) -> list[bytes]:
        """All pictures on the topic."""
        consumer = self.bus.consumer(None, [FRAMES])
        found = [record.value or b"" for record in consumer.poll(0.2)]
        consumer.close()
        return found


@contextmanager
def fetching(data: Path, url: str, every_s: float = 0.05, password: str = "") -> Iterator[Fetched]:
    made = Fetched(data, Source(url, "eye" if password else "", every_s), password)
    made.fetcher.start()
    try:
        yield made
    finally:
        made.fetcher.close()
        made.bus.close()


def test_snapshots_come_as_they_are_and_no_more_often_than_asked(tmp_path: Path, server: CameraServer) -> None:
    with fetching(tmp_path, server.url, 0.2) as camera:
        assert isinstance(camera.fetcher, Snapshots)
        camera.until(3)
        assert camera.pictures()[:3] == [film(1)[0]] * 3
        assert not camera.faults
        began, asked = SystemClock().monotonic(), server.asked
        camera.until(camera.count() + 3)
        assert server.asked - asked <= 1 + (SystemClock().monotonic() - began) / 0.2


def test_the_password_goes_with_digest_and_with_basic(tmp_path: Path, server: CameraServer) -> None:
    seen: list[str] = []

    def basic(request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        seen.append(given)
        if given.startswith("Basic ") and request.path == "/snapshot.jpg":
            return page(film(1)[0])(request)
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="camera"')
        request.send_header("Content-Length", "0")
        return request.end_headers()

    def digest(request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        seen.append(given)
        if given.startswith("Digest ") and 'username="eye"' in given:
            return page(film(1)[0])(request)
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Digest realm="camera", nonce="1a2b", qop="auth"')
        request.send_header("Content-Length", "0")
        return request.end_headers()

    with fetching(tmp_path, server.url.replace("://", "://eye@"), password="very-secret") as camera:
        for answer in (basic, digest):
            server.answer = answer
            camera.until(camera.count() + 2)
    assert not any("very-secret" in given for given in seen)


@pytest.mark.parametrize(
    ("answer", "fault", "kept"),
    [
        (page(b"not here", 404), CameraFault.REFUSED, None),
        (page(b"<html>please log in</html>"), CameraFault.BAD_PICTURE, b"<html>please log in</html>"),
        (page(b""), CameraFault.BAD_PICTURE, b""),
        (page(drawn()[:3000]), CameraFault.BAD_PICTURE, drawn()[:3000]),
        (page(b"GIF89a" + bytes(500)), CameraFault.BAD_PICTURE, b"GIF89a" + bytes(500)),
        (page(bomb()), CameraFault.TOO_LARGE, bomb()),
        (page(b"\xff\xd8\xff" + bytes(3_000_000)), CameraFault.TOO_LARGE, None),
        (lambda request: request.connection.close(), CameraFault.UNREACHABLE, None),
    ],
    ids=["404", "page", "empty", "cut", "gif", "bomb", "huge", "hangs up"],
)
def test_what_is_no_picture_has_its_reason_and_is_kept_once(
    tmp_path: Path, server: CameraServer, answer: Answer, fault: CameraFault, kept: bytes | None
) -> None:
    """As of a camera that sends its own: who looks at pictures makes it a dead letter. The next good one comes as if nothing had been."""
    server.answer = answer
    with fetching(tmp_path, server.url) as camera:
        wait_until(lambda: len(camera.faults) >= 3, 15, "three faults")
        assert {one for one, _ in camera.faults} == {fault}
        assert camera.pictures() == ([] if kept is None else [kept])
        server.answer = page(film(1)[0])
        camera.until(camera.count() + 1)
        assert camera.pictures()[-1] == film(1)[0]


@pytest.mark.parametrize(
    ("begin", "drop", "fault"),
    [
        (b"", b"", CameraFault.STALLED),
        (b"HTTP/1.1 200", b" ", CameraFault.STALLED),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"\xff", CameraFault.TOO_SLOW),
    ],
    ids=["silent", "drips its header", "drips its picture"],
)
def test_a_camera_that_never_comes_to_an_end_is_given_up(
    tmp_path: Path, server: CameraServer, begin: bytes, drop: bytes, fault: CameraFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processors.patrol.sources.LONGEST_S", 0.5)
    let_go = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(begin)
        while not let_go.wait(0.05) and not server.ended.is_set():
            request.wfile.write(drop)

    server.answer = drip
    with fetching(tmp_path, server.url) as camera:
        wait_until(lambda: camera.faults, 15, "a fault")
        assert camera.faults[0][0] is fault
        let_go.set()
        server.answer = page(film(1)[0])
        camera.until(1)


def test_nobody_at_the_address_is_told_until_there_is_somebody(tmp_path: Path, server: CameraServer) -> None:
    server.end()
    with fetching(tmp_path, server.url) as camera:
        wait_until(lambda: camera.faults, 15, "a fault")
        assert camera.faults[0][0] is CameraFault.UNREACHABLE
        assert camera.count() == 0


def test_a_picture_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "uploaded"
    folder.mkdir()
    whole = drawn()
    (folder / "1.jpg").write_bytes(whole[:3000])
    with fetching(tmp_path, f"folder://{folder}", 0.1) as camera:
        (folder / "1.jpg").write_bytes(whole)
        camera.until(1)
        (folder / "2.jpg").write_bytes(b"GIF89a" + bytes(500))
        camera.until(2)
        assert camera.pictures() == [whole, b"GIF89a" + bytes(500)]
        assert CameraFault.BAD_PICTURE in {fault for fault, _ in camera.faults}
