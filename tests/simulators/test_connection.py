"""A simulated device lets go of its connection the moment it is told to, whatever arrives at that moment."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from simulators.course import Record
from simulators.field.connection import Manner, drive

TRIES = 40


class Listener:
    """A device that only listens."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()

    def connected(self, now: int) -> Sequence[bytes]:
        return ()

    def received(self, data: bytes, now: int) -> Sequence[bytes]:
        self.heard.set()
        return ()

    def tick(self, now: int) -> Sequence[bytes]:
        return ()

    def heartbeats(self, count: int, now: int) -> Sequence[bytes]:
        return ()

    def lost(self) -> None:
        return

    def settled(self) -> Sequence[Record]:
        return ()

    def unsettled(self) -> Sequence[Record]:
        return ()


class Centre:
    """A centre that talks until it is hushed."""

    def __init__(self) -> None:
        self.hushed = False

    async def talk(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while not self.hushed:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()


async def leave(centre: Centre, port: int, turns: int) -> bool:
    """Cancel a device `turns` turns of the loop after it heard something; whether it ended while the centre talked."""
    device = Listener()
    driver = asyncio.create_task(drive("127.0.0.1", port, device, Manner(step=60.0)))
    await device.heard.wait()
    for _ in range(turns):
        await asyncio.sleep(0)
    driver.cancel()
    ended, _ = await asyncio.wait([driver], timeout=5.0)
    if not ended:
        centre.hushed = True
        while not driver.done():
            driver.cancel()
            await asyncio.wait([driver], timeout=0.1)
    return bool(ended)


async def run() -> list[int]:
    """The turns after which a device did not end, up to the first."""
    centre = Centre()
    server = await asyncio.start_server(centre.talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        for turns in range(TRIES):
            if not await leave(centre, port, turns):
                return [turns]
    finally:
        centre.hushed = True
        server.close()
    return []


def test_a_device_ends_when_it_is_told_to_while_bytes_arrive() -> None:
    assert asyncio.run(run()) == []
