"""Streams and video files through FFmpeg (PyAV): key frames only where that is enough, and every wait bounded.

PyAV and not OpenCV: it can leave out what is no key frame (a quarter of the cost), its reads end after a time that is given, and it says why they did.
"""

import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

import av
import av.error
from av.codec.context import CodecContext
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from hub.clock import Clock
from hub.errors import HubError
from hub.pictures import CameraFault
from vision.decode.header import MOST_PIXELS
from vision.decode.wire import Job, Taken

OPEN_S: Final = 5.0
READ_S: Final = 3.0
_OPTIONS: Final = {"rtsp_transport": "tcp", "fflags": "nobuffer", "analyzeduration": "1000000", "probesize": "1000000"}
_FAULTS: Final = (
    (av.error.HTTPUnauthorizedError, CameraFault.REFUSED, "the camera wants another user or password"),
    (av.error.HTTPForbiddenError, CameraFault.REFUSED, "the camera forbids it"),
    (av.error.HTTPNotFoundError, CameraFault.REFUSED, "there is no stream at this path"),
    (av.error.HTTPClientError, CameraFault.REFUSED, "the camera refuses the request"),
    (av.error.HTTPServerError, CameraFault.REFUSED, "the camera has an error of its own"),
    (av.error.TimeoutError, CameraFault.STALLED, "nothing came in time"),
    (av.error.ExitError, CameraFault.STALLED, "nothing came in time"),
    (av.error.InvalidDataError, CameraFault.BAD_PICTURE, "what came is no video"),
    (av.error.PatchWelcomeError, CameraFault.BAD_PICTURE, "a format that is not known"),
    (av.error.DecoderNotFoundError, CameraFault.BAD_PICTURE, "a codec that is not known"),
    (OSError, CameraFault.UNREACHABLE, "nobody answers"),
    (MemoryError, CameraFault.TOO_LARGE, "it takes more memory than one camera is given"),
)


class Live(NamedTuple):
    """A frame of a stream that is not encoded yet, and when it was taken (epoch ms)."""

    time: int
    frame: VideoFrame


class StreamFault(HubError):
    """A stream ended, and why; the URL is left out, a password may stand in it."""

    def __init__(self, fault: CameraFault, detail: str) -> None:
        self.fault, self.detail = fault, detail
        super().__init__(f"{fault}: {detail}")


def stream_pictures(job: Job, clock: Clock, stop: threading.Event) -> Iterator[Live]:
    """The frames of a stream, at most one in `every_s`; a file is played as fast as it was taken.

    Raises:
        StreamFault: always, at the end: a camera's stream has none of its own.
    """
    try:
        with av.open(job.url.removeprefix("file://"), options=_options(job), timeout=(OPEN_S, READ_S)) as container:
            yield from _frames(container, job, clock, stop)
    except (OSError, MemoryError, ValueError, av.error.FFmpegError) as error:
        raise fault_of(error) from error
    raise StreamFault(CameraFault.ENDED, "the stream ended")


def fault_of(error: BaseException) -> StreamFault:
    """The fault in our words."""
    for kind, fault, detail in _FAULTS:
        if isinstance(error, kind):
            return StreamFault(fault, detail)
    return StreamFault(CameraFault.BAD_PICTURE, type(error).__name__)


def _options(job: Job) -> dict[str, str]:
    return dict(_OPTIONS) if job.url.startswith("rtsp") else {}


def _frames(container: InputContainer, job: Job, clock: Clock, stop: threading.Event) -> Iterator[Live]:
    if not container.streams.video:
        raise StreamFault(CameraFault.BAD_PICTURE, "there is no video in it")
    stream: VideoStream = container.streams.video[0]
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    live = "://" in job.url and not job.url.startswith("file://")
    if job.key_frames and live:
        stream.codec_context.skip_frame = "NONKEY"
    began, first, due = clock.monotonic(), None, 0.0
    for frame in container.decode(stream):
        if stop.is_set():
            return
        place = _seconds(frame)
        first = place if first is None else first
        if not live and stop.wait(max(0.0, began + place - first - clock.monotonic())):
            return
        moment = clock.monotonic() if live else place
        # A little early is not too early: a camera's own clock is not ours.
        if moment >= due - 0.1 * job.every_s:
            due = moment + job.every_s
            yield Live(clock.now(), frame)


def _seconds(frame: VideoFrame) -> float:
    if frame.pts is None or frame.time_base is None:
        return 0.0
    return float(frame.pts * Fraction(frame.time_base))


class JpegEncoder:
    """Frames to JPEG without leaving FFmpeg: no pixel is turned into RGB and back."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._encoder: VideoCodecContext | None = None
        self._count = 0

    def picture(self, live: Live) -> Taken:
        """The frame as a picture, its longer side at most `longest` pixels."""
        frame = live.frame
        width, height = self._size(frame)
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            encoder = self._encoder = _jpeg_encoder(width, height)
        shaped = frame.reformat(width, height, format="yuvj420p", dst_color_range="JPEG")
        self._count += 1
        shaped.time_base, shaped.pts = encoder.time_base, self._count
        data = b"".join(bytes(packet) for packet in encoder.encode(shaped))
        return Taken(live.time, width, height, data)

    def _size(self, frame: VideoFrame) -> tuple[int, int]:
        scale = min(1.0, self._longest / max(frame.width, frame.height))
        # JPEG with halved colour wants even sides.
        return max(2, round(frame.width * scale) // 2 * 2), max(2, round(frame.height * scale) // 2 * 2)


def _jpeg_encoder(width: int, height: int) -> VideoCodecContext:
    encoder = CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 1000)
    encoder.qmin, encoder.qmax = 2, 4
    return encoder
