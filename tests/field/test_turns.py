"""Thousands who come back at once have their turns in order, and between two rounds everything else has its own."""

import asyncio
from functools import partial

from hub.clock import ManualClock
from ingest.field.limits import Turns
from tests.ingest.rig import NOW


def test_a_round_ends_in_time_and_others_run_before_the_next() -> None:
    clock, seen = ManualClock(NOW), list[str]()
    turns = Turns(clock.monotonic)

    def take(name: str) -> None:
        seen.append(name)
        clock.advance(15)
        if name == "a":
            turns.ask(lambda: take("a again"))

    async def scene() -> None:
        for name in ("a", "b", "c"):
            turns.ask(partial(take, name))
        asyncio.get_running_loop().call_soon(lambda: seen.append("others"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(scene())
    assert seen == ["a", "b", "others", "c", "a again"]


def test_a_turn_that_fails_takes_nobody_elses() -> None:
    turns, seen = Turns(ManualClock(NOW).monotonic), list[str]()

    def fail() -> None:
        raise RuntimeError("a turn went wrong")

    async def scene() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(str(context["exception"])))
        turns.ask(fail)
        turns.ask(lambda: seen.append("next"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(scene())
    assert seen == ["a turn went wrong", "next"]
