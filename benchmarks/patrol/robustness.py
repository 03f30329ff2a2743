"""Suite S5: pictures and files that are broken, in processes of their own, and streams that turn bad; what was said, and how soon."""

import random
import struct
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.patrol.segments import START
from benchmarks.patrol.subject import patrol_of
from hub.clock import SystemClock
from hub.pictures import CameraFault
from simulators.river.river import River
from simulators.river.scene import scene
from simulators.river.setup import camera_config
from simulators.river.waves import Bytes
from vision.decode.header import BadPicture
from vision.decode.reader import PictureReader
from vision.decode.still import decode_still
from vision.decode.wire import Job
from vision.frame import Frame

WITHIN_S: Final = 10.0
_LISTEN_S: Final = 12.0
_WARM_FRAMES: Final = 60
_BAD_FRAMES: Final = 40


@dataclass(frozen=True, slots=True)
class Trouble:
    """One case: what was said of it, after how many seconds, and whether that is enough."""

    case: str
    said: str
    seconds: float
    well: bool


def troubles(crashes: Path | None) -> Iterator[Trouble]:
    """All cases; the files that abort the interpreter where the folder has them."""
    yield from _stills()
    for path in sorted(crashes.glob("*.avi")) if crashes else []:
        yield _film(path.name, path)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("empty.avi", b""), ("noise.mp4", random.Random(1).randbytes(20_000))):
            path = Path(folder, name)
            path.write_bytes(content)
            yield _film(name, path)
    yield from _streams()


def _stills() -> Iterator[Trouble]:
    sound = _jpeg(River(scene("lock", "calm"), 3, START).frame(START)[0])
    cases = {
        "zero bytes": b"",
        "truncated JPEG": sound[: len(sound) // 3],
        "text": b"HTTP/1.1 404 Not Found\r\n\r\n" * 20,
        "PNG that says 60000 x 60000": _png(60_000, 60_000),
    }
    for name, content in cases.items():
        begun = time.monotonic()
        try:
            shape = decode_still(content).shape
            said, well = f"decoded as {shape[1]} x {shape[0]}", name == "truncated JPEG"
        except BadPicture as bad:
            said, well = str(bad), True
        yield Trouble(name, said, time.monotonic() - begun, well)


def _film(name: str, path: Path) -> Trouble:
    """A file read by the hub's own reader; it may die, we may not."""
    heard, said = threading.Event(), []

    def tell(fault: CameraFault, detail: str) -> None:
        said.append(f"{fault}: {detail}"[:90])
        heard.set()

    reader = PictureReader(Job(f"file://{path}"), lambda _: heard.set(), tell, SystemClock(), random.Random(1))
    begun = time.monotonic()
    reader.start()
    in_time = heard.wait(_LISTEN_S)
    took = time.monotonic() - begun
    reader.close()
    return Trouble(name, said[0] if said else "a picture" if in_time else "nothing", took, in_time and took <= WITHIN_S)


def _streams() -> Iterator[Trouble]:
    held = River(scene("lock", "ripple"), 3, START)
    still = held.frame(START + _WARM_FRAMES * 500)[0]
    cases: dict[str, tuple[str, Callable[[Bytes], Bytes]]] = {
        "all black": ("camera.black", np.zeros_like),
        "frozen": ("camera.frozen", lambda _: still),
        "covered": ("camera.blind", lambda picture: np.full_like(picture, 60)),
        "another size": ("camera.moved", lambda picture: np.ascontiguousarray(picture[:, :720])),
    }
    for name, (kind, spoil) in cases.items():
        yield _stream(name, kind, held, spoil)


def _stream(name: str, kind: str, river: River, spoil: Callable[[Bytes], Bytes]) -> Trouble:
    config = camera_config(river.scene, "bench:trouble")
    patrol = patrol_of(config)
    for number in range(_WARM_FRAMES + _BAD_FRAMES):
        moment = START + number * 500
        picture = river.frame(moment)[0]
        bad = number >= _WARM_FRAMES
        step = patrol.step(Frame(config.id, moment, number, spoil(picture) if bad else picture))
        told = [event.kind for event in step.events if event.kind.startswith("camera.") and event.state == "open"]
        if bad and told:
            seconds = (number - _WARM_FRAMES) / 2
            return Trouble(f"stream: {name}", ", ".join(told), seconds, kind in told)
    return Trouble(f"stream: {name}", "nothing", _BAD_FRAMES / 2, well=False)


def _jpeg(picture: Bytes) -> bytes:
    done, data = cv2.imencode(".jpg", picture)
    assert done
    return data.tobytes()


def _png(width: int, height: int) -> bytes:
    """A PNG's header with a size that would take gigabytes, and almost nothing behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = (
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (header, content, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
