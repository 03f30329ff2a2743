"""How many messages a second the whole hub takes for minutes on end, with nothing lost, and what bounds it."""

import os
from typing import Final

from benchmarks import fleet
from benchmarks.hub_process import Hub, Plan
from benchmarks.processes import Meter, shown
from benchmarks.publisher import Load
from benchmarks.result import Result, Say, Scale, judged
from tests.engines import Mosquitto, wait_until

REACH: Final = 12_000
AHEAD: Final = 40_000
"""Messages the load may be ahead of the slowest part: more than a second of them, since parts tell where they are each second."""

_FOR_EVER: Final = 1_000_000_000
_STEP: Final = 0.25


def run(scale: Scale, say: Say) -> list[Result]:
    """The row."""
    seconds = 20.0 if scale.short else scale.minutes * 60
    broker = Mosquitto.launch()
    try:
        with Hub(Plan(mqtt=broker.url, rules=fleet.four_rules())) as hub:
            return [_measure(hub, broker, seconds, say)]
    finally:
        broker.wipe()


def _measure(hub: Hub, broker: Mosquitto, seconds: float, say: Say) -> Result:
    meter = Meter({"mosquitto": broker.pid, **hub.pids()})
    with Load(broker.port, _FOR_EVER, window=2000, limit=AHEAD) as load:
        told = 0.0
        while load.now.seconds < seconds and not load.wait(_STEP):
            passed = hub.passed()
            load.allow(passed + AHEAD)
            if meter.seconds > told:
                told += max(5.0, seconds / 12)
                say(f"{load.now.seconds:.0f} s: {passed} messages through every part, {load.now.acked} acknowledged")
        last = load.stop()
    hub.wait_passed(last.acked, 120)
    took, machine = meter.seconds, meter.machine()
    spent = {**meter.spent(), "load": last.cpu}
    stored = wait_until(lambda: _settled(hub, last.acked), 60, "the last values in the store")
    return _row(last.acked, stored, took, spent, machine)


def _settled(hub: Hub, messages: int) -> int:
    """The values stored, once all that were acknowledged are, or else what is there when nothing more comes."""
    before = hub.stored()
    return before if before >= messages * fleet.VALUES or before == hub.stored() else 0


def _row(messages: int, stored: int, took: float, spent: dict[str, float], machine: float) -> Result:
    rate, lost = messages / took, messages * fleet.VALUES - stored
    minutes = took / 60
    return Result(
        figure=f"sustained, QoS 1, 8 values a message, 4 rules a datastream, {minutes:.1f} min",
        reach=f">= {REACH} messages/s, 0 lost",
        measured=f"{rate:.0f} messages/s ({rate * fleet.VALUES:.0f} values/s), {lost} values lost",
        verdict=judged(rate >= REACH and not lost),
        bound=_bound(spent, took, machine),
        notes=(
            f"{messages} messages acknowledged by Mosquitto, {stored} values counted in the store afterwards ({messages * fleet.VALUES} expected)",
            f"cores used: {shown(spent, took, '.2f')}; the whole machine {machine:.2f} of {os.cpu_count()}",
            f"CPU us a message: {shown(spent, messages / 1e6)}",
            f"the load is held to at most {AHEAD} messages ahead of the slowest part, so the rate is what the whole hub takes",
        ),
    )


def _bound(spent: dict[str, float], took: float, machine: float) -> str:
    dearest = max(spent, key=lambda name: spent[name])
    cores = os.cpu_count() or 1
    share = spent[dearest] / took
    if share > 0.9:
        return f"one core, full of {dearest}"
    if machine > 0.9 * cores:
        ours = sum(spent.values()) / took
        return f"all {cores} cores, {ours:.2f} of them ours; dearest: {dearest} {share:.2f}"
    return f"waiting: {dearest} is the dearest with {share:.2f} of a core"
