"""Cameras whose pictures the hub fetches: streams by processes of their own, snapshots on a timer; both end on the topic of frames."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from random import Random
from typing import Final, Protocol

import httpx

from hub.bus import Bus, Message
from hub.clock import Clock
from hub.errors import BusError
from hub.pictures import CameraFault, Source
from hub.topics import FRAMES
from vision.decode.header import MOST_KEPT, BadPicture, check_still
from vision.decode.reader import PictureReader
from vision.decode.wire import Job, Taken

LONGEST_S: Final = 5.0
"""One snapshot, from the first byte asked to the last one received: a camera that drips is no faster than one that is away."""

AGAIN_S: Final = 60.0
"""A camera that sends the same kind of rubbish twice a second is one dead letter a minute."""

_LET_GO_S: Final = 0.5

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
        self._put(station, picture.jpeg, headers)

    def refuse(self, station: str, data: bytes) -> None:
        """What came that is no picture: whoever looks at pictures tells why and keeps it, as of a camera that sends its own."""
        now = b"%d" % self._clock.now()
        self._put(station, data, {"time": now, "received": now, "media": b"application/octet-stream"})

    def _put(self, station: str, data: bytes, headers: Mapping[str, bytes]) -> None:
        try:
            self._bus.append([Message(FRAMES, station.encode(), data, time=self._clock.now(), headers=headers)])
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

    def refuse(data: bytes) -> None:
        topic.refuse(station, data)

    return PictureReader(job, take, fault, clock, chance, stale_s, refuse)


class _NoAnswer(BadPicture):
    """There is nothing to be looked at, whole or broken."""


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
        self._refused: tuple[CameraFault | None, float] = (None, 0.0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End; a camera that hangs is not waited for, whatever it answers later is not taken."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_LET_GO_S)

    def _run(self) -> None:
        # A camera is dialled as it stands: no proxy and no password of the environment is meant for it.
        client = httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False)  # noqa: S113 - bounded as a whole
        with asyncio.Runner() as runner:
            while not self._stop.is_set():
                began = self._clock.monotonic()
                runner.run(self._once(client))
                self._stop.wait(max(0.05, self._source.every_s - (self._clock.monotonic() - began)))
            runner.run(client.aclose())

    async def _once(self, client: httpx.AsyncClient) -> None:
        data = bytearray()
        try:
            # One bound on all of it: a wait for each read would never end with a camera that gives a byte now and then.
            async with asyncio.timeout(LONGEST_S):
                await self._fetch(client, self._auth, data)
            if self._stop.is_set():
                return
            media, width, height = check_still(bytes(data))
        except _NoAnswer as none:
            self._tell(self._station, none.fault, none.detail)
        except BadPicture as bad:
            self._tell(self._station, bad.fault, bad.detail)
            self._refuse(bad.fault, bytes(data))
        except TimeoutError:
            kind = CameraFault.TOO_SLOW if data else CameraFault.STALLED
            self._tell(self._station, kind, f"no whole picture within {LONGEST_S:g} s: {len(data)} bytes came")
        except httpx.HTTPError as error:
            self._tell(self._station, CameraFault.UNREACHABLE, type(error).__name__)
        else:
            self._refused = (None, 0.0)
            self._topic.put(self._station, media, Taken(self._clock.now(), width, height, bytes(data)))

    def _refuse(self, fault: CameraFault, data: bytes) -> None:
        before, since = self._refused
        now = self._clock.monotonic()
        if fault is not before or now - since >= AGAIN_S:
            self._refused = (fault, now)
            self._topic.refuse(self._station, data)

    async def _fetch(self, client: httpx.AsyncClient, auth: httpx.Auth | None, data: bytearray) -> None:
        async with client.stream("GET", self._url, auth=auth) as response:
            if response.status_code == httpx.codes.OK:
                async for part in response.aiter_raw():
                    data += part
                    if len(data) > MOST_KEPT:
                        raise _NoAnswer(CameraFault.TOO_LARGE, f"more than {MOST_KEPT} bytes")
                return
            if response.status_code != httpx.codes.UNAUTHORIZED or auth is not self._auth or self._basic is None:
                raise _NoAnswer(CameraFault.REFUSED, f"the camera answers {response.status_code}")
        await self._fetch(client, self._basic, data)
