"""The load: a raw QoS 1 MQTT publisher in a process of its own, its packets made beforehand.

    python -m benchmarks.load --port 1883 --messages 100000 [--rate 3000] [--window 1000] [--burst 1] [--alarm-every 0.2]

500 stations in turn, 8 values a message, and no station says the same millisecond twice. With `--rate` messages are spaced
evenly (`--burst N`: N at a time); without, as fast as they are acknowledged. It prints a line of JSON twice a second and one
at the end, and obeys lines on its standard input: a number is the message it may go up to, `stop` or the input's end stops it.
"""

import argparse
import os
import select
import socket
import struct
import sys
import time
from collections import deque
from datetime import datetime, timedelta, timezone
from typing import Final

import msgspec

from benchmarks.fleet import DEPARTMENT, STATIONS, VARIANTS, device_name, readings

CHUNK: Final = 100
"""Most messages of one write."""

_TICK: Final = 0.001
_REPORT: Final = 0.5
_ZONE: Final = timezone(timedelta(hours=8))
_IDS: Final = [struct.pack(">H", number + 1) for number in range(60_000)]
_MILLIS: Final = [b"%03d" % number for number in range(1000)]
_PREFIX: Final = '{"ts":"%Y-%m-%dT%H:%M:%S.'
_PREFIX_BYTES: Final = len('{"ts":"2026-01-01T00:00:00.000')


class Alarm(msgspec.Struct, frozen=True, array_like=True):
    """A message with an alarm in it: its device, its own time (epoch ms), when it was sent (epoch s)."""

    device: str
    ts: int
    sent: float


class Progress(msgspec.Struct, frozen=True):
    """How far the load is; seconds since it began, CPU seconds it used itself, `slowest` the longest wait for an acknowledgement since
    the last report, `alarms` those since then.
    """

    sent: int
    acked: int
    seconds: float
    cpu: float
    slowest: float
    alarms: tuple[Alarm, ...] = ()
    done: bool = False


class Packets:
    """Makes PUBLISH packets; everything but the time and the packet id is ready beforehand."""

    def __init__(self) -> None:
        self._heads: list[list[bytes]] = []
        self._tails: list[list[bytes]] = []
        for station in range(STATIONS):
            topic = f"hub/{DEPARTMENT}/water/{device_name(station)}/telemetry".encode()
            tails = [b'+08:00","values":' + each + b"}" for each in readings(station)]
            self._tails.append(tails)
            self._heads.append([_head(topic, _PREFIX_BYTES + len(tail)) for tail in tails])
        self._floor = 0
        self._second = -1
        self._prefix = b""

    def make(self, first: int, count: int, now: float, *, alarm: bool) -> tuple[bytes, int]:
        """Messages `first` and on, the first of them with an alarm if asked; the bytes and the first one's time (epoch ms)."""
        stamp = begin = max(int(now * 1000), self._floor)
        ts = self._written(stamp)
        pieces: list[bytes] = []
        for number in range(first, first + count):
            station = number % STATIONS
            if not station:
                # The next round of all stations has later times, however quick it comes: else a store would take it for the same reading.
                stamp = self._floor = stamp + 1
                ts = self._written(stamp)
                begin = stamp if number == first else begin
            variant = number // STATIONS % VARIANTS
            if alarm and number == first:
                variant = VARIANTS
            pieces += (self._heads[station][variant], _IDS[number % 60_000], ts, self._tails[station][variant])
        self._floor = max(self._floor, stamp)
        return b"".join(pieces), begin

    def _written(self, stamp: int) -> bytes:
        second, millis = divmod(stamp, 1000)
        if second != self._second:
            self._second = second
            self._prefix = datetime.fromtimestamp(second, _ZONE).strftime(_PREFIX).encode()
        return self._prefix + _MILLIS[millis]


def _head(topic: bytes, payload: int) -> bytes:
    length = 2 + len(topic) + 2 + payload
    return b"\x32" + bytes([length & 127 | 128, length >> 7]) + struct.pack(">H", len(topic)) + topic


class Publisher:
    """One connection and where it stands."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._packets = Packets()
        self._socket = _connect(given.port, given.client_id)
        self._limit: int = given.messages if given.limit is None else given.limit
        self._last: int = given.messages
        self._sent = self._acked = 0
        self._rest = 0
        self._waiting: deque[tuple[int, float]] = deque()
        self._slowest = 0.0
        self._alarms: list[Alarm] = []
        self._begun = time.time()
        self._next_alarm = self._begun + 1 if given.alarm_every else float("inf")

    def run(self) -> None:
        """Publish until all is acknowledged."""
        report = self._begun + _REPORT
        while self._acked < self._last:
            sent = self._send()
            full = sent == CHUNK
            if not full and self._given.rate:
                time.sleep(_TICK)
            self._listen(0 if full or self._given.rate else 5 * _TICK)
            if time.time() > report:
                report += _REPORT
                self._tell(done=False)
        self._tell(done=True)
        self._socket.close()

    def _send(self) -> int:
        now = time.time()
        upto = min(self._last, self._limit, self._acked + self._given.window)
        if self._given.rate:
            due = int(self._given.rate * (now - self._begun))
            upto = min(upto, due - due % self._given.burst)
        count: int = min(upto - self._sent, CHUNK)
        if count <= 0:
            return 0
        alarm = now >= self._next_alarm
        data, stamp = self._packets.make(self._sent, count, now, alarm=alarm)
        if alarm:
            self._next_alarm += self._given.alarm_every
            self._alarms.append(Alarm(device_name(self._sent % STATIONS), stamp, now))
        self._socket.sendall(data)
        self._sent += count
        self._waiting.append((self._sent, now))
        return count

    def _listen(self, wait: float) -> None:
        readable, _, _ = select.select([self._socket, sys.stdin], [], [], wait)
        if self._socket in readable:
            data = self._socket.recv(262_144)
            if not data:
                raise ConnectionError(f"the broker closed the connection after {self._acked} of {self._sent}")
            whole, self._rest = divmod(self._rest + len(data), 4)
            self._acked += whole
            now = time.time()
            while self._waiting and self._waiting[0][0] <= self._acked:
                self._slowest = max(self._slowest, now - self._waiting.popleft()[1])
        if sys.stdin in readable:
            self._obey(os.read(sys.stdin.fileno(), 4096))

    def _obey(self, text: bytes) -> None:
        words = text.split()
        if not text or b"stop" in words:
            self._last = self._sent
        elif words:
            self._limit = int(words[-1])

    def _tell(self, *, done: bool) -> None:
        now = time.time()
        progress = Progress(
            self._sent,
            self._acked,
            now - self._begun,
            time.process_time(),
            max(self._slowest, now - self._waiting[0][1] if self._waiting else 0),
            tuple(self._alarms),
            done,
        )
        self._alarms.clear()
        self._slowest = 0.0
        sys.stdout.write(msgspec.json.encode(progress).decode() + "\n")
        sys.stdout.flush()


def _connect(port: int, client_id: str) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    name = client_id.encode()
    body = b"\0\4MQTT\4\2\0\0" + struct.pack(">H", len(name)) + name
    link.sendall(b"\x10" + bytes([len(body)]) + body)
    answer = link.recv(4)
    if answer[:1] != b"\x20" or answer[3:4] != b"\0":
        raise ConnectionRefusedError(f"the broker answered CONNECT with {answer.hex()}")
    return link


def main() -> None:
    """Publish what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0 = as fast as acknowledged")
    parser.add_argument("--window", type=int, default=1000, help="most messages not acknowledged")
    parser.add_argument("--burst", type=int, default=1, help="messages that come at once")
    parser.add_argument("--limit", type=int, help="how far to go before standard input allows more")
    parser.add_argument("--alarm-every", type=float, default=0.0, help="seconds between two alarms")
    parser.add_argument("--client-id", default="bench-load")
    Publisher(parser.parse_args()).run()


if __name__ == "__main__":
    main()
