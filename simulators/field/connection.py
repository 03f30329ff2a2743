"""A simulated device on a real connection: as it comes, or byte by byte, slow, flooding; kept connected until it is cancelled."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from simulators.course import Record

_AGAIN: Final = 2.0


class FieldDevice(Protocol):
    """A state machine that answers bytes and time with frames; `now` is epoch ms."""

    def connected(self, now: int) -> Sequence[bytes]:
        """A connection was made."""

    def received(self, data: bytes, now: int) -> Sequence[bytes]:
        """Bytes from the centre."""

    def tick(self, now: int) -> Sequence[bytes]:
        """Time has come to `now`."""

    def heartbeats(self, count: int, now: int) -> Sequence[bytes]:
        """So many heartbeats at once: a flood."""

    def lost(self) -> None:
        """The connection ended."""

    def settled(self) -> Sequence[Record]:
        """The records whose fate was decided since this was last asked: answered, or given up."""

    def unsettled(self) -> Sequence[Record]:
        """The records that still wait for an answer."""


def wall_clock() -> int:
    """Epoch ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a device uses its connection: `chunk` bytes at a time (0: as they come), `pause` seconds between them, `flood` heartbeats a second.

    Every `step` seconds it looks whether something is due.
    """

    chunk: int = 0
    pause: float = 0.0
    flood: int = 0
    step: float = 0.2


async def drive(
    host: str, port: int, device: FieldDevice, manner: Manner = Manner(), clock: Callable[[], int] = wall_clock
) -> None:
    """Keep one device connected until it is cancelled."""
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            device.tick(clock())
            await asyncio.sleep(_AGAIN)
            continue
        try:
            with contextlib.suppress(OSError):
                await _converse(reader, writer, device, manner, clock)
        finally:
            device.lost()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        await asyncio.sleep(_AGAIN)


async def _converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    device: FieldDevice,
    manner: Manner,
    clock: Callable[[], int],
) -> None:
    await _write(writer, device.connected(clock()), manner)
    while True:
        data = b""
        with contextlib.suppress(TimeoutError):
            # Not wait_for: before Python 3.12 it forgets a cancellation that comes together with its answer.
            async with asyncio.timeout(manner.step):
                data = await reader.read(4096)
            if not data:
                return
        out = [*(device.received(data, clock()) if data else ()), *device.tick(clock())]
        await _write(writer, [*out, *device.heartbeats(round(manner.flood * manner.step), clock())], manner)


async def _write(writer: asyncio.StreamWriter, frames: Sequence[bytes], manner: Manner) -> None:
    data = b"".join(frames)
    size = manner.chunk or len(data) or 1
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await writer.drain()
        if manner.pause:
            await asyncio.sleep(manner.pause)
