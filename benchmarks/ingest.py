"""CPU of the ingest process per message: QoS 1, 8 values a message, Mosquitto, embedded log with a full sync before each acknowledgement.

`python -m benchmarks.ingest [--messages 200000] [--rate 0] [--way bulk] [--way public]`; rate 0 is as fast as Mosquitto goes.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from hub.bus import Message
from hub.buses import open_bus
from hub.catalogue import Device, DevicePut, encode_change
from hub.clock import SystemClock, rfc3339
from hub.topics import CATALOGUE, topics

ROOT: Final = Path(__file__).resolve().parents[1]


VALUES: Final = '"ph":7.31,"do":6.2,"turbidity":12.3,"conductivity":433.1,"nh3_n":0.31,"cod_mn":3.4,"tp":0.08,"tn":1.2'
STATIONS: Final = 500
WINDOW: Final = 2000
WAYS: Final = {"bulk": ("bulk", "auto"), "public": ("public", "3.1.1"), "public5": ("public", "5")}
TICKS: Final = os.sysconf("SC_CLK_TCK")


def packets(count: int) -> list[bytes]:
    """PUBLISH packets made beforehand, each with a time of its own: the publisher must not measure itself."""
    zone, start = ZoneInfo("Asia/Shanghai"), SystemClock().now() - 3_600_000
    made = []
    for number in range(count):
        moment = rfc3339(start + 1 + number * 7, zone)
        moment = moment if "." in moment else f"{moment[:19]}.000{moment[19:]}"
        payload = f'{{"ts":"{moment}","values":{{{VALUES}}}}}'.encode()
        topic = b"hub/bench/water/s%d/telemetry" % (number % STATIONS)
        body = len(topic).to_bytes(2) + topic + (number % 65_535 + 1).to_bytes(2) + payload
        made.append(b"\x32" + bytes([len(body) & 127 | 128, len(body) >> 7]) + body)
    return made


def publish(port: int, made: list[bytes], rate: float) -> None:
    """Send them with at most `WINDOW` not acknowledged; `rate` messages a second evenly spaced, 0 for as fast as it goes."""
    connect = b"\0\x04MQTT\x04\x02\0\0\0\5bench"
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(b"\x10" + bytes([len(connect)]) + connect)
        link.recv(4)
        acknowledged = 0

        def count() -> None:
            nonlocal acknowledged
            while acknowledged < 4 * len(made) and (data := link.recv(65_536)):
                acknowledged += len(data)

        reader = threading.Thread(target=count)
        reader.start()
        start, step = time.monotonic(), 50 if not rate else 1
        for first in range(0, len(made), step):
            while 4 * first - acknowledged > 4 * WINDOW:
                time.sleep(0.0005)
            if rate:
                time.sleep(max(0.0, start + first / rate - time.monotonic()))
            link.sendall(b"".join(made[first : first + step]))
        reader.join()


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """A broker on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = str(ROOT / "deploy" / "engines" / "mosquitto.sh")
    for verb in ("start", "wait"):
        subprocess.run([script, verb, str(port), str(folder)], check=True, stdout=subprocess.DEVNULL)
    try:
        yield port
    finally:
        subprocess.run([script, "stop", str(port), str(folder)], check=False, stdout=subprocess.DEVNULL)


def prepare(data: Path, port: int, reader: str, protocol: str) -> Path:
    """A data folder with topics and a register, and the hub.toml beside it."""
    with open_bus("embedded://", data) as bus:
        bus.ensure_topics(topics(1))
        devices = [Device(f"bench/water/s{number}") for number in range(STATIONS)]
        bus.append([Message(CATALOGUE, b"", encode_change(DevicePut(device))) for device in devices])
    config = data / "hub.toml"
    config.write_text(
        f'[hub]\ndata = "{data}"\n[engines]\nmqtt = "mqtt://127.0.0.1:{port}"\n'
        f'[ingest]\nreader = "{reader}"\nprotocol = "{protocol}"\n'
    )
    return config


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def health(data: Path) -> dict[str, Any]:
    """What ingest last said of itself."""
    try:
        found: dict[str, Any] = json.loads((data / "health" / "ingest.json").read_text())
    except OSError:
        return {"ok": False, "counters": {}}
    return found


def measure(way: str, made: list[bytes], rate: float) -> dict[str, float]:
    """Microseconds of CPU per message of one way of reading."""
    reader, protocol = WAYS[way]
    folder = Path(tempfile.mkdtemp(prefix="bench-ingest-"))
    (folder / "broker").mkdir()
    with mosquitto(folder / "broker") as port:
        config = prepare(folder / "data", port, reader, protocol)
        role = [sys.executable, "-m", "hub.roles", "ingest", "--config", str(config)]
        process = subprocess.Popen(role, cwd=ROOT, stdin=subprocess.PIPE)
        try:
            wait_for(lambda: health(folder / "data")["ok"], 20)
            before, start = cpu(process.pid), time.monotonic()
            publish(port, made, rate)
            wait_for(lambda: health(folder / "data")["counters"].get("rows", 0) >= len(made), 120)
            spent = cpu(process.pid) - before
            appends = health(folder / "data")["counters"]["appends"]
        finally:
            process.terminate()
            process.wait(20)
    shutil.rmtree(folder)
    return {
        "us_per_message": round(spent / len(made) * 1e6, 2),
        "messages_per_s": round(len(made) / (time.monotonic() - start)),
        "messages_per_append": round(len(made) / appends),
    }


def wait_for(condition: Any, seconds: float) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited in vain")
        time.sleep(0.1)


def main() -> None:
    """Measure each way in turn, three times over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", action="append", choices=WAYS)
    given = parser.parse_args()
    made = packets(given.messages)
    for _ in range(given.rounds):
        for way in given.way or ["bulk", "public"]:
            print(
                json.dumps(
                    {"way": way, "payload_bytes": len(made[0]) - 36, "rate": given.rate}
                    | measure(way, made, given.rate)
                )
            )


if __name__ == "__main__":
    main()
