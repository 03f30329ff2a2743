"""How quickly a backlog left by an outage is worked off, while live messages keep coming."""

import os
import time
from contextlib import suppress
from typing import Final

from benchmarks import fleet
from benchmarks.figures.latency import delays
from benchmarks.hub_process import Hub, Plan
from benchmarks.listeners import SECRET, Arrivals, webhook
from benchmarks.processes import memory
from benchmarks.publisher import Load
from benchmarks.result import Result, Say, Scale, judged
from tests.engines import Mosquitto, wait_until

LIVE: Final = 1400
"""A district's own messages a second."""

REACH: Final = 5 * LIVE
FRESH_MS: Final = 1000
"""Live data is live again when an alert is heard within this time."""

ALARM_EVERY: Final = 0.5
_QUEUED_BYTES: Final = 2 << 30
_WITHIN: Final = 600.0
_AFTERWARDS: Final = 3.0
_LONGEST_LIVE: Final = 3600


def run(scale: Scale, say: Say) -> list[Result]:
    """The row."""
    backlog = scale.pick(100_000, 1_000_000)
    # The outage must not be longer than the broker remembers; its default of 256 MB holds some 300 000 such messages.
    os.environ["MOSQUITTO_QUEUED_BYTES"] = str(_QUEUED_BYTES)
    broker = Mosquitto.launch()
    try:
        rules = (*fleet.four_rules(), fleet.alarm_rule())
        with webhook() as (url, called), Hub(Plan(mqtt=broker.url, rules=rules, webhook=url, secret=SECRET)) as hub:
            hub.stop()
            say(f"the hub is away; queueing {backlog} messages in the broker")
            with Load(broker.port, backlog, window=2000) as load:
                load.finish()
            say(f"Mosquitto holds {memory(broker.pid).resident / 1e6:.0f} MB")
            return [_drain(hub, broker, backlog, called, say)]
    finally:
        broker.wipe()
        del os.environ["MOSQUITTO_QUEUED_BYTES"]


def _drain(hub: Hub, broker: Mosquitto, backlog: int, called: Arrivals, say: Say) -> Result:
    with Load(broker.port, LIVE * _LONGEST_LIVE, rate=LIVE, alarm_every=ALARM_EVERY, client_id="bench-live") as live:
        begun = time.monotonic()
        hub.start()
        ready = time.monotonic() - begun
        wait_until(lambda: hub.passed() >= backlog + live.now.acked - 2 * LIVE, _WITHIN, "the backlog worked off")
        took = time.monotonic() - begun
        through = hub.passed()
        say(f"{through} messages in {took:.1f} s, {ready:.1f} s of them until every part was well")
        live.wait(_AFTERWARDS)
        last = live.stop()
        hub.wait_passed(backlog + last.acked, 60)
        alarms = live.alarms
    # What never comes is counted in the row; it must not hide what did come.
    with suppress(AssertionError):
        wait_until(lambda: len(delays(alarms, called)) == len(alarms), 30, "every live alarm")
    heard = delays(alarms, called)
    stored, expected = hub.stored(), (backlog + last.acked) * fleet.VALUES
    rate, sent = through / took, last.acked / last.seconds
    return Result(
        figure=f"backlog of {backlog} messages in the broker after an outage, {LIVE} live messages/s meanwhile",
        reach=f">= {REACH} messages/s, live data not starved",
        measured=f"{rate:.0f} messages/s; live sent at {sent:.0f}/s, slowest acknowledgement {live.slowest * 1000:.0f} ms, "
        f"{expected - stored} values lost",
        verdict=judged(rate >= REACH and sent > 0.98 * LIVE and stored == expected),
        bound="Mosquitto hands a session its messages in order, so live ones wait behind the backlog",
        notes=(
            f"{through} messages through every part {took:.1f} s after the hub was started ({ready:.1f} s until it was ready)",
            (
                f"{len(heard)} of {len(alarms)} live alarms called the webhook; the delay fell from {max(heard, default=0) / 1000:.1f} s "
                f"to {min(heard[-3:], default=0):.0f} ms ({_fresh(heard)} of them within {FRESH_MS} ms)"
            ),
            f"{stored} of {expected} values in the store",
        ),
    )


def _fresh(heard: list[float]) -> int:
    return sum(delay <= FRESH_MS for delay in heard)
