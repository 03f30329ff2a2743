"""The verdict: counting what the hub holds against what truly was. Each finding is a sentence that says which, when, and where it was last seen."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.alert import AlertTransition, decode_transition
from hub.batch import Batch, decode_batch
from hub.catalogue import Catalogue, decode_change
from hub.dead_letter import decode_dead_letter
from hub.model import Condition
from hub.topics import ALERTS, CATALOGUE, DEAD_LETTERS, OBSERVATIONS
from storage.series import Select
from tests.chaos.hub import AGES, Hub
from tests.chaos.receiver import Receiver
from tests.chaos.truth import Point, Truth
from tests.processors.oracle import Oracle

SHOWN: Final = 5
"""Findings of one sort that are spelt out."""

_PAGE: Final = 50_000


@dataclass
class Verdict:
    """What was counted, and what is wrong; `figures` are for people."""

    figures: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def find(self, what: str, cases: Iterable[str]) -> None:
        """Note that this is wrong in these cases."""
        listed = list(cases)
        if listed:
            more = f"\n    and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
            shown = "".join(f"\n    {case}" for case in listed[:SHOWN])
            self.findings.append(f"{len(listed)} {what}:{shown}{more}")

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {count}" for name, count in self.figures.items())
        return "\n".join([figures, *self.findings])


class Bus:
    """What the bus holds of a run, read once, by somebody who is no part of the hub."""

    def __init__(self, hub: Hub) -> None:
        self.catalogue = Catalogue()
        self.catalogue.apply_all(decode_change(record.value) for record in hub.read(CATALOGUE) if record.value)
        self.records = [(record, decode_batch(record.value or b"")) for record in hub.read(OBSERVATIONS)]
        self.alerts = [decode_transition(record.value or b"") for record in hub.read(ALERTS)]
        self.letters = [decode_dead_letter(record.value or b"") for record in hub.read(DEAD_LETTERS)]
        self.places: dict[Point, list[str]] = {}
        for record, batch in self.records:
            for point in _points(batch):
                self.places.setdefault(point, []).append(f"partition {record.partition} offset {record.offset}")

    def where(self, point: Point) -> str:
        """Where a reading was last seen."""
        found = self.places.get(point)
        return f"on the bus at {', '.join(found)}" if found else "acknowledged by the broker, never on the bus"

    def oracle(self) -> list[AlertTransition]:
        """What the oracle says of the batches as they lie on the bus, partition by partition."""
        found: list[AlertTransition] = []
        partitions: dict[int, Oracle] = {}
        for record, batch in self.records:
            oracle = partitions.setdefault(record.partition, Oracle())
            found += oracle.process(batch, self.catalogue)
        return found


def judge(hub: Hub, receiver: Receiver, truth: Truth) -> Verdict:
    """Count everything."""
    verdict, bus = Verdict(), Bus(hub)
    _judge_series(verdict, hub, truth, bus)
    _judge_alerts(verdict, hub, truth, bus)
    _judge_notices(verdict, hub, receiver, truth.transitions(bus.catalogue))
    verdict.figures["dead_letters"] = len(bus.letters)
    verdict.find(
        "dead letters",
        (f"{letter.reason} from {letter.source}, {letter.topic}: {letter.detail}" for letter in bus.letters),
    )
    return verdict


def _judge_series(verdict: Verdict, hub: Hub, truth: Truth, bus: Bus) -> None:
    expected, found = truth.points(), Counter[Point]()
    values: dict[Point, float] = {}
    with hub.store() as store:
        cursor: str | None = None
        while True:
            page = store.raw(Select(), *AGES, _PAGE, cursor)
            for points in page.points:
                place = (points.series.station, points.series.property)
                for time, value in zip(points.time.tolist(), points.value.tolist(), strict=True):
                    found[*place, time] += 1
                    values[*place, time] = value
            cursor = page.next
            if cursor is None:
                break
    verdict.figures |= {"messages": len(truth.rows), "values": len(expected), "stored": found.total()}
    verdict.figures["on_the_bus_again"] = sum(len(places) - 1 for places in bus.places.values())
    verdict.find(
        "values lost",
        (f"{_said(point)}: {bus.where(point)}, not in the store" for point in expected.keys() - found.keys()),
    )
    verdict.find(
        "values doubled", (f"{_said(point)}: {count} times in the store" for point, count in found.items() if count > 1)
    )
    verdict.find("values that nobody sent", (_said(point) for point in found.keys() - expected.keys()))
    wrong = (point for point in expected.keys() & values.keys() if expected[point] != values[point])
    verdict.find(
        "values changed", (f"{_said(point)}: {expected[point]} is {values[point]} in the store" for point in wrong)
    )


def _judge_alerts(verdict: Verdict, hub: Hub, truth: Truth, bus: Bus) -> None:
    with hub.records() as records, records.read() as tx:
        rows = tx.exec_driver_sql("SELECT alert, n, body FROM alert_transition").all()
    kept = {(row.alert, row.n): decode_transition(row.body.encode()) for row in rows}
    expected = _by_key(truth.transitions(bus.catalogue))
    said = Counter((each.id, each.n) for each in bus.alerts)
    verdict.figures |= {
        "transitions": len(kept),
        "alerts_fired": len({each.id for each in kept.values() if each.fired is not None}),
        "said_again": sum(said.values()) - len(said),
    }
    lost, extra = expected.keys() - kept.keys(), kept.keys() - expected.keys()
    differ = [key for key in expected.keys() & kept.keys() if _facts(expected[key]) != _facts(kept[key])]
    # The oracle is slow, and asked about the bus only when there is something to explain.
    would = {key: _facts(each) for key, each in _by_key(bus.oracle()).items()} if lost or extra or differ else {}

    def seen(key: tuple[str, int]) -> str:
        topic = "was said on the bus" if key in said else "was never said on the bus"
        return f"{topic}, and the batches on the bus {'hold' if key in would else 'do not hold'} its cause"

    verdict.find("transitions lost", (f"{_alert(expected[key])}: {seen(key)}" for key in sorted(lost)))
    verdict.find("transitions too many", (f"{_alert(kept[key])}: {seen(key)}" for key in sorted(extra)))
    changed = ((expected[key], kept[key], _same(_facts(kept[key]), would.get(key))) for key in sorted(differ))
    verdict.find("transitions disturbed", (f"{_alert(was)} became {_alert(now)}; {why}" for was, now, why in changed))


def _judge_notices(verdict: Verdict, hub: Hub, receiver: Receiver, expected: list[AlertTransition]) -> None:
    query = "SELECT key, type, alert, state, attempts, maybe_duplicate FROM notification"
    with hub.records() as records, records.read() as tx:
        rows = {row.key: row for row in tx.exec_driver_sql(query)}
    verdict.figures |= {
        "notices": len(rows),
        "attempts": sum(row.attempts for row in rows.values()),
        "refused": receiver.refused,
        "taken_again_and_marked": sum(count > 1 for count in receiver.taken.values()),
    }
    verdict.find(
        "notices lost",
        (
            f"{row.type} of alert {row.alert}: {row.state} after {row.attempts} attempts"
            for key, row in rows.items()
            if key not in receiver.taken
        ),
    )
    verdict.find(
        "notices not ended as delivered",
        (f"{row.type} {key}: {row.state}" for key, row in rows.items() if row.state != "delivered"),
    )
    verdict.find("notices that nobody wrote", (key for key in receiver.taken if key not in rows))
    verdict.find(
        "notices taken twice and not marked",
        (
            f"{rows[key].type} {key}: {count} times"
            for key, count in receiver.taken.items()
            if count > 1 and key in rows and not rows[key].maybe_duplicate
        ),
    )
    told = {
        name: Counter(each.alert for each in receiver.notices.values() if each.type == name)
        for name in ("alert.fired", "alert.cleared")
    }
    fired = {each.id for each in expected if each.fired is not None}
    over = {each.id for each in expected if each.fired is not None and each.condition is Condition.CLEARED}
    for name, ids in (("alert.fired", fired), ("alert.cleared", over)):
        verdict.find(f"alerts without {name}", (_named(expected, alert) for alert in ids - told[name].keys()))
        verdict.find(f"{name} of another alert", (str(alert) for alert in told[name].keys() - ids))
        verdict.find(
            f"alerts told twice by {name}", (f"{alert}: {count}" for alert, count in told[name].items() if count > 1)
        )
    _judge_incidents(verdict, receiver, expected)


def _judge_incidents(verdict: Verdict, receiver: Receiver, expected: list[AlertTransition]) -> None:
    opened = Counter(each.target for each in receiver.notices.values() if each.type == "incident.opened")
    targets = {f"{each.target.station()}/{each.target.property}" for each in expected if each.fired is not None}
    verdict.figures["incidents"] = opened.total()
    verdict.find("targets without incident.opened", sorted(targets - opened.keys()))
    verdict.find(
        "targets whose incident opened twice", (f"{target}: {count}" for target, count in opened.items() if count > 1)
    )
    verdict.find("incidents of a target that fired nothing", sorted(opened.keys() - targets))


def _points(batch: Batch) -> Iterable[Point]:
    for block in batch.blocks:
        for row, time in enumerate(block.time.tolist()):
            station = batch.stations[int(block.station[row])]
            yield from ((station, name, time) for name in block.properties)


def _facts(said: AlertTransition) -> tuple[object, ...]:
    """What must be the same whoever says it; not when ingest received it, nor where it lay on the bus."""
    times = (said.at, said.breach_start, said.fired, said.cleared)
    return (
        said.rule,
        said.target,
        said.level,
        said.condition,
        *times,
        said.value,
        said.limit,
        said.coverage,
        said.backfilled,
    )


def _by_key(said: Iterable[AlertTransition]) -> Mapping[tuple[str, int], AlertTransition]:
    return {(each.id, each.n): each for each in said}


def _same(kept: tuple[object, ...], would: tuple[object, ...] | None) -> str:
    if kept == would:
        return "that is what the batches on the bus say, so the disturbance lies before the bus"
    return "the batches on the bus say otherwise, so the rules did it"


def _said(point: Point) -> str:
    return f"{point[0]} {point[1]} at {point[2]}"


def _alert(said: AlertTransition) -> str:
    target = f"{said.target.station()} {said.target.property}"
    return f"{said.rule} on {target} n={said.n} {said.condition} level {said.level} at {said.at} (fired {said.fired}, cleared {said.cleared})"


def _named(expected: list[AlertTransition], alert: str) -> str:
    return next((_alert(each) for each in expected if each.id == alert), alert)
