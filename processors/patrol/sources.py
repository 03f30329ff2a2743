"""Cameras whose pictures the hub fetches: streams by processes of their own, snapshots on a timer; both end on the topic of frames."""

import threading
from collections.abc import Callable
from random import Random
from typing import Final, Protocol

import httpx

from hub.bus import Bus, Message
from hub.clock import Clock
from hub.errors import BusError
from hub.pictures import CameraFault, Source
from hub.topics import FRAMES
from vision.decode.header import BadPicture, check_still
from vision.decode.reader import PictureReader
from vision.decode.wire import Job, Taken

LONGEST_S: Final = 5.0
"""One snapshot, from the first byte asked to the last one received: a camera that drips is no faster than one that is away."""

MOST_BYTES: Final = 2_500_000

Tell = Callable[[str, CameraFault, str], None]


class Fetcher(Protocol):
    """Whoever fetches one camera's pictures."""

    def start(self) -> None:
        """Begin."""

    def close(self) -> None:
        """End."""


class FramesTopic:
    """Puts fetched pictures where sent ones come too, so that everything after is the same for both."""

    def __init__(self, bus: Bus, clock: Clock, tell: Tell) -> None:
        self._bus, self._clock, self._tell = bus, clock, tell

    def put(self, station: str, media: str, picture: Taken) -> None:
        """One picture; while the bus is away pictures are lost, and the ledger says so."""
        headers = {
            "time": b"%d" % picture.time,
            "received": b"%d" % self._clock.now(),
            "media": media.encode(),
            "width": b"%d" % picture.width,
            "height": b"%d" % picture.height,
            "time_assumed": b"0",
        }
        try:
            self._bus.append([Message(FRAMES, station.encode(), picture.jpeg, time=self._clock.now(), headers=headers)])
        except BusError as error:
            self._tell(station, CameraFault.STALLED, f"the bus cannot take it: {error}")


def fetcher(
    station: str, source: Source, password: str, topic: FramesTopic, tell: Tell, clock: Clock, stale_s: float
) -> Fetcher:
    """Whoever fetches this camera's pictures, not begun yet."""
    chance = Random(station)  # noqa: S311 - jitter: cameras of one switch do not call all at once
    if source.scheme in ("http", "https"):
        return Snapshots(station, source, password, topic, tell, clock)
    job = Job(source.with_password(password), source.every_s, source.key_frames)

    def take(picture: Taken) -> None:
        topic.put(station, "image/png" if picture.jpeg.startswith(b"\x89PNG") else "image/jpeg", picture)

    def fault(kind: CameraFault, detail: str) -> None:
        tell(station, kind, detail)

    return PictureReader(job, take, fault, clock, chance, stale_s)


class Snapshots:
    """Fetches a picture on a timer (HTTP GET); Basic or Digest, whichever the camera asks for."""

    def __init__(
        self, station: str, source: Source, password: str, topic: FramesTopic, tell: Tell, clock: Clock
    ) -> None:
        self._station, self._source, self._topic, self._tell, self._clock = station, source, topic, tell, clock
        url = httpx.URL(source.url)
        self._url = url.copy_with(userinfo=b"")
        self._auth = httpx.DigestAuth(url.username, password) if url.username else None
        self._basic = httpx.BasicAuth(url.username, password) if url.username else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(LONGEST_S)

    def _run(self) -> None:
        with httpx.Client(timeout=LONGEST_S, follow_redirects=False) as client:
            while not self._stop.is_set():
                began = self._clock.monotonic()
                self._once(client)
                self._stop.wait(max(0.05, self._source.every_s - (self._clock.monotonic() - began)))

    def _once(self, client: httpx.Client) -> None:
        try:
            data = self._fetch(client, self._auth)
            media, width, height = check_still(data)
        except BadPicture as bad:
            self._tell(self._station, bad.fault, bad.detail)
        except httpx.TimeoutException:
            self._tell(self._station, CameraFault.STALLED, f"no answer within {LONGEST_S:g} s")
        except httpx.HTTPError as error:
            self._tell(self._station, CameraFault.UNREACHABLE, type(error).__name__)
        else:
            self._topic.put(self._station, media, Taken(self._clock.now(), width, height, data))

    def _fetch(self, client: httpx.Client, auth: httpx.Auth | None) -> bytes:
        limit = self._clock.monotonic() + LONGEST_S
        data = bytearray()
        with client.stream("GET", self._url, auth=auth) as response:
            if response.status_code == httpx.codes.UNAUTHORIZED and auth is self._auth and self._basic is not None:
                return self._fetch(client, self._basic)
            if response.status_code != httpx.codes.OK:
                raise BadPicture(CameraFault.REFUSED, f"the camera answers {response.status_code}")
            for part in response.iter_raw():
                data += part
                if len(data) > MOST_BYTES:
                    raise BadPicture(CameraFault.TOO_LARGE, f"more than {MOST_BYTES} bytes")
                if self._clock.monotonic() > limit:
                    raise BadPicture(CameraFault.TOO_SLOW, f"a picture takes longer than {LONGEST_S:g} s")
        return bytes(data)
