"""An RTSP server for a test, and who publishes to it: a process of its own, so that it can be killed and stopped as a camera can."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from tests.engines.server import Server

_PUBLISH: Final = """
import sys, time
import av
import numpy as np
url, width, height, rate, gop = sys.argv[1], *map(int, sys.argv[2:6])
container = av.open(url, "w", format="rtsp", options={"rtsp_transport": "tcp"})
stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "tune": "zerolatency"})
stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", gop
base = (np.indices((height, width)).sum(0) % 200).astype(np.uint8)
began = time.monotonic()
for number in range(1_000_000):
    picture = np.repeat(((base + number * 3) % 250)[..., None], 3, 2).astype(np.uint8)
    for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
        container.mux(packet)
    if number == 0:
        print("on air", flush=True)
    time.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))
"""


class Rtsp(Server):
    """An RTSP server without streams; those who play must give the name and password of the file `user` where there is one."""

    script = "rtsp"

    def url(self, path: str, user: str = "") -> str:
        """Where a stream is published and played."""
        return f"rtsp://{user + '@' if user else ''}127.0.0.1:{self.port}/{path}"

    def publish(self, path: str, size: tuple[int, int] = (320, 240), rate: int = 10, gop: int = 5) -> "Publisher":
        """Begin to publish a moving pattern in H.264."""
        return Publisher(self.url(path), size, rate, gop)


class Publisher:
    """A camera: publishes until it is closed."""

    def __init__(self, url: str, size: tuple[int, int], rate: int, gop: int) -> None:
        command = [sys.executable, "-c", _PUBLISH, url, *map(str, (*size, rate, gop))]
        env: Mapping[str, str] = {**os.environ}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"on air\n":
            self.close()
            raise RuntimeError(f"could not publish to {url}")

    def signal(self, number: signal.Signals) -> None:
        """Stop it or let it go on."""
        self.process.send_signal(number)

    def close(self) -> None:
        """End it, as a cut cable would."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
