"""The frame of the field protocols: who is connected, what is durable, what a caller may cost, what is asked of devices."""

import asyncio
from collections.abc import Awaitable, Callable

from hub.batch import decode_batch
from hub.buses.memory import MemoryBus
from hub.clock import ManualClock
from hub.topics import OBSERVATIONS
from ingest.field.connection import STRANGER_MOST
from tests.engines.waiting import wait_until_async as until
from tests.field.rig import Caller, GatewayRig, device
from tests.ingest.rig import NOW, rows_of

W1 = "water-bureau/water/w1"


def run(rig: GatewayRig, scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene while the gateway runs."""

    async def whole() -> None:
        async with rig.running():
            await scene()

    asyncio.run(whole())


def test_a_record_is_answered_once_it_is_on_the_bus() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        caller = await rig.called(1)
        await caller.say("ph=7.1", "ph=7.2")
        assert [await caller.hear(), await caller.hear()] == ["ok 1", "ok 2"]
        rows = [row for value in rig.values(OBSERVATIONS) for row in rows_of(decode_batch(value))]
        assert [(row.station, row.name, row.value) for row in rows] == [(W1, "ph", 7.1), (W1, "ph", 7.2)]

    run(rig, scene)


def test_nothing_is_answered_while_the_bus_is_away_and_all_of_it_afterwards() -> None:
    clock = ManualClock(NOW)
    bus = MemoryBus(clock)
    rig = GatewayRig(bus=bus)

    async def scene() -> None:
        caller = await rig.called(1)
        bus.available = False
        await caller.say("ph=7.1")
        await until(lambda: rig.gateway.board.held)
        await caller.say("ph=7.2")
        bus.available = True
        assert [await caller.hear(), await caller.hear()] == ["ok 1", "ok 2"]

    run(rig, scene)


def test_a_refused_frame_is_a_dead_letter_with_its_bytes_and_others_go_on() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        wrong, right = await rig.called(1), await rig.called(2)
        await wrong.say("nonsense")
        await right.say("ph=6.5")
        assert await right.hear() == "ok 1"
        await until(rig.letters)

    run(rig, scene)
    (letter,) = rig.letters()
    assert (letter.source, letter.topic, letter.device) == ("line", "field/line/d1", W1)
    assert (letter.reason, letter.payload) == ("bad_format", b"nonsense")


def test_an_unknown_device_is_told_of_and_its_connection_ended() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        caller = await rig.call()
        await caller.say("I am nobody")
        assert await caller.hear() == ""
        await until(rig.letters)

    run(rig, scene)
    assert [letter.reason for letter in rig.letters()] == ["unknown_device"]


def test_a_newer_connection_of_a_device_ends_the_older() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        older, newer = await rig.called(1), await rig.called(1)
        assert await older.hear() == ""
        await newer.say("ph=7")
        assert await newer.hear() == "ok 1"
        await until(lambda: rig.gateway.board.open == 1)

    run(rig, scene)


def test_more_connections_from_one_address_than_allowed_are_turned_away() -> None:
    rig = GatewayRig(per_address=2)

    async def scene() -> None:
        first, _second, third = await rig.called(1), await rig.called(2), await rig.call()
        assert await third.hear() == ""
        assert rig.gateway.board.counters()["turned_away.address"] == 1
        first.hang_up()
        await until(lambda: rig.gateway.board.open == 1)
        await rig.called(1)

    run(rig, scene)


def test_who_does_not_say_who_it_is_or_falls_silent_is_sent_away() -> None:
    rig = GatewayRig(hello_s=30, idle_s=120)

    async def scene() -> None:
        silent, quiet, lively = await rig.call(), await rig.called(1), await rig.called(2)
        rig.clock.advance(31_000)
        assert await silent.hear() == ""
        rig.clock.advance(60_000)
        await lively.say("beat", "ph=7")
        assert await lively.hear() == "ok 1"
        rig.clock.advance(60_000)
        assert await quiet.hear() == ""
        await lively.say("ph=7")
        assert await lively.hear() == "ok 2"

    run(rig, scene)


def test_a_flood_is_slowed_and_nothing_of_it_is_lost() -> None:
    rig = GatewayRig(frames_per_s=50)

    async def scene() -> None:
        caller = await rig.called(1)
        for _ in range(6):
            await caller.say(*["ph=7"] * 100)
        heard = [await caller.hear() for _ in range(600)]
        assert heard[-1] == "ok 600"

    run(rig, scene)


def test_a_stranger_whose_frames_are_all_refused_is_sent_away() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        stranger, known = await rig.call(), await rig.called(1)
        await stranger.say(*["rubbish"] * 10_000)
        assert await stranger.hear() == ""
        await known.say("ph=7")
        assert await known.hear() == "ok 1"
        await until(lambda: len(rig.letters()) == STRANGER_MOST)

    run(rig, scene)


def test_one_callers_bytes_are_taken_in_turns_with_the_others() -> None:
    rig = GatewayRig(frames_per_s=100_000, bytes_per_s=10_000_000)

    async def scene() -> None:
        talker, other = await rig.called(1), await rig.called(2)
        await talker.say(*["ph=7"] * 2_000)
        await other.say("ph=6.5")
        assert await other.hear() == "ok 1"
        assert [await talker.hear() for _ in range(2_000)][-1] == "ok 2000"

    run(rig, scene)


def test_a_command_goes_to_its_device_and_every_step_is_told() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        caller = await rig.called(1)
        rig.ask("do", W1)
        assert await caller.hear() == "do c1"
        await caller.say("did c1")
        await until(lambda: len(rig.answers()) == 2)

    run(rig, scene)
    assert [(one.command, one.state) for one in rig.answers()] == [("c1", "sent"), ("c1", "done")]


def test_a_command_waits_for_its_device_and_expires() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        rig.ask("do", W1)
        rig.ask("do", "water-bureau/water/w2", command="c2", lasts=1_000)
        await until(lambda: [one.state for one in rig.answers()] == ["queued", "queued"])
        caller = await rig.called(1)
        assert await caller.hear() == "do c1"
        rig.clock.advance(6_000)
        await until(lambda: any((one.command, one.state) == ("c2", "expired") for one in rig.answers()))

    run(rig, scene)


def test_a_device_that_does_not_answer_and_one_that_hangs_up_fail_their_commands() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        caller = await rig.called(1)
        rig.ask("do", W1)
        assert await caller.hear() == "do c1"
        rig.clock.advance(10_000)
        await until(lambda: any(one.detail == "no answer in 10 s" for one in rig.answers()))
        rig.ask("do", W1, command="c2")
        assert await caller.hear() == "do c2"
        caller.hang_up()
        await until(lambda: ("c2", "failed") in [(one.command, one.state) for one in rig.answers()])

    run(rig, scene)


def test_after_a_restart_what_was_sent_has_failed_and_what_waited_still_waits() -> None:
    bus = MemoryBus(ManualClock(NOW))
    first = GatewayRig(bus=bus)

    async def before() -> None:
        caller = await first.called(1)
        first.ask("do", W1, command="sent")
        first.ask("do", "water-bureau/water/w2", command="waiting")
        assert await caller.hear() == "do sent"
        await until(lambda: {one.command for one in first.answers()} == {"sent", "waiting"})
        # As after a kill: the process says nothing more of it.
        first.gateway.board.progress = lambda *_: None  # type: ignore[method-assign]
        first.gateway._desk._going.clear()

    run(first, before)
    second = GatewayRig(bus=bus)

    async def after() -> None:
        await until(lambda: ("sent", "failed") in [(one.command, one.state) for one in second.answers()])
        caller = await second.called(2)
        assert await caller.hear() == "do waiting"

    run(second, after)


def test_a_word_the_protocol_does_not_know_is_refused_with_those_it_knows() -> None:
    rig = GatewayRig()

    async def scene() -> None:
        await rig.called(1)
        rig.ask("dance", W1)
        await until(rig.answers)

    run(rig, scene)
    assert (rig.answers()[0].state, rig.answers()[0].detail) == ("refused", "line knows do; not dance")


def test_connections_and_the_last_frames_of_a_device_can_be_seen_without_secrets() -> None:
    rig = GatewayRig(device(1), tap_frames=4)

    async def scene() -> None:
        caller: Caller = await rig.called(1)
        await caller.say("ph=7", "secret nonsense")
        assert await caller.hear() == "ok 1"
        rig.ask("hub.sessions", "", command="list")
        rig.ask("hub.frames", W1, command="tap")
        await until(lambda: len(rig.answers()) == 2)

    run(rig, scene)
    listed, tapped = (one.values for one in rig.answers())
    (session,) = listed["sessions"]
    assert (session["station"], session["identity"], session["frames"], session["refused"]) == (W1, "d1", 2, 1)
    assert session["last_error"].startswith("bad_format")
    shown = [(frame["direction"], bytes.fromhex(frame["hex"])) for frame in tapped["frames"]]
    assert ("refused", b"****** nonsense") in shown
    assert ("out", b"ok 1\n") in shown
    assert len(shown) == 4
