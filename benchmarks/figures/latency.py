"""How long after a message was published an alert reaches a browser's stream and a webhook, at 1 000 messages/s."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from benchmarks import fleet
from benchmarks.hub_process import Hub, Plan
from benchmarks.listeners import SECRET, Arrivals, Heard, event_stream, webhook
from benchmarks.load import Alarm
from benchmarks.publisher import Load
from benchmarks.result import Result, Say, Scale, judged, percentile
from benchmarks.stages import stages
from tests.engines import Mosquitto, wait_until

RATE: Final = 1000
P50_MS: Final = 60
P99_MS: Final = 110
ALARM_EVERY: Final = 0.2
_LATEST: Final = 30.0


def run(scale: Scale, say: Say) -> list[Result]:
    """A row for the stream and one for the webhook."""
    seconds = scale.pick(15, 90)
    broker = Mosquitto.launch()
    try:
        with webhook() as (url, called):
            rules = (*fleet.four_rules(), fleet.alarm_rule())
            plan = Plan(mqtt=broker.url, rules=rules, webhook=url, secret=SECRET)
            with Hub(plan) as hub, event_stream(hub.client) as seen:
                alarms = _publish(broker, seconds, say)
                _wait_heard(alarms, (seen, called))
                where = {way: stages(hub, alarms, ears) for way, ears in (("stream", seen), ("webhook", called))}
    finally:
        broker.wipe()
    return [
        _row("alert event at /v1/events", alarms, seen, where["stream"]),
        _row("webhook called", alarms, called, where["webhook"]),
    ]


def delays(alarms: Sequence[Alarm], arrivals: Arrivals) -> list[float]:
    """Milliseconds from sending to hearing, for the alarms that were heard of."""
    found = ((arrivals.first.get(Heard(alarm.device, alarm.ts)), alarm.sent) for alarm in alarms)
    return [(heard - sent) * 1000 for heard, sent in found if heard is not None]


def _publish(broker: Mosquitto, seconds: int, say: Say) -> list[Alarm]:
    with Load(broker.port, RATE * seconds, rate=RATE, alarm_every=ALARM_EVERY) as load:
        last = load.finish()
        say(f"{last.acked} messages at {last.acked / last.seconds:.0f}/s, {len(load.alarms)} alarms")
        return load.alarms


def _wait_heard(alarms: Sequence[Alarm], ears: Sequence[Arrivals]) -> None:
    # What never comes is counted in the row; it must not hide what did come.
    with suppress(AssertionError):
        wait_until(lambda: all(len(delays(alarms, each)) == len(alarms) for each in ears), _LATEST, "every alert")


def _row(way: str, alarms: Sequence[Alarm], arrivals: Arrivals, where: str) -> Result:
    figure, reach = f"publish -> {way}, {RATE} messages/s", f"p50 <= {P50_MS} ms, p99 <= {P99_MS} ms"
    heard = delays(alarms, arrivals)
    if not heard:
        return Result(figure=figure, reach=reach, measured=f"none of {len(alarms)} alerts came", verdict="not met")
    half, most = percentile(heard, 0.5), percentile(heard, 0.99)
    whole = len(heard) == len(alarms)
    return Result(
        figure=figure,
        reach=reach,
        measured=f"p50 {half:.0f} ms, p99 {most:.0f} ms, longest {max(heard):.0f} ms",
        verdict=judged(whole and half <= P50_MS and most <= P99_MS),
        bound="ingest's flush interval (50 ms), then wake-ups of four processes",
        notes=(
            f"{len(heard)} of {len(alarms)} alarms heard of; one every {ALARM_EVERY:g} s, on the stations in turn",
            f"p50/p99 ms of each stage: {where}",
            "from the moment the message is written to the broker's socket; messages evenly spaced",
        ),
    )
