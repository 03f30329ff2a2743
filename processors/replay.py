"""The rules without a hub: over recorded batches, or over a table of readings; the very engine that works live."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from hub.alert import AlertTransition
from hub.batch import Batch, Block
from hub.catalogue import Catalogue, Device, DevicePut, RulePut
from hub.clock import parse_rfc3339
from hub.model import QUALITY_CODE, Station, check_property
from hub.rule import Rule
from processors.engine import process
from processors.state import MAX_STEP_MS, ZONE, RuleState

HORIZON_MS: Final = 24 * 3_600_000
"""How long the clock goes on ticking where a table has nothing; a longer pause is taken as ingest's, not the devices'."""

_COLUMNS: Final = ("department", "kind", "device", "property", "time", "value")


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one datastream; times epoch ms, `quality` the letter."""

    station: str
    property: str
    time: int
    received: int
    value: float
    quality: str = ""


def evaluate(
    rules: Iterable[Rule],
    batches: Iterable[Batch],
    devices: Iterable[Device] = (),
    zone: str = ZONE,
) -> list[AlertTransition]:
    """Every transition that these rules make of the batches; a station without an entry in `devices` is taken as one that declared nothing."""
    state, catalogue, said = RuleState(zone=zone), Catalogue(), []
    catalogue.apply_all(RulePut(rule) for rule in rules)
    catalogue.apply_all(DevicePut(device) for device in devices)
    for offset, batch in enumerate(batches):
        new = [station for station in batch.stations if station not in catalogue.devices]
        catalogue.apply_all(DevicePut(Device(station)) for station in new)
        said += process(batch, state, catalogue, offset)
    return said


def batches_of(readings: Iterable[Reading], *, tail_ms: int = 0) -> Iterator[Batch]:
    """The readings as ingest would have handed them on, by `received`, with ticks where nothing came and for `tail_ms` after the last."""
    now, sequence = 0, 0
    ordered = sorted(readings, key=lambda reading: reading.received)
    for received, group in groupby(ordered, key=lambda reading: reading.received):
        for tick in _ticks(now, received):
            yield Batch("replay", sequence, tick, 0)
            sequence += 1
        yield _batch(list(group), received, sequence)
        now, sequence = received, sequence + 1
    for tick in (*_ticks(now, now + tail_ms), now + tail_ms) if tail_ms else ():
        yield Batch("replay", sequence, tick, 0)
        sequence += 1


def read_csv(lines: Iterable[str]) -> list[Reading]:
    """Readings from the hub's long form: department, kind, device, property, time, value, and, if there, quality and received.

    Times are RFC 3339 with offset, or epoch ms. An empty value is no reading.

    Raises:
        ValueError: a column is missing, or a line cannot be read; says which and what was expected.
    """
    table = csv.DictReader(lines)
    missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise ValueError(f"line 1: missing {', '.join(missing)}; expected the columns {','.join(_COLUMNS)}[,quality]")
    found = []
    for row in table:
        try:
            if row["value"]:
                found.append(_reading(row))
        except ValueError as error:
            raise ValueError(f"line {table.line_num}: {error}") from error
    return found


def _reading(row: dict[str, str]) -> Reading:
    station = Station(row["department"], row["kind"], row["device"])
    time, quality = _time(row["time"]), row.get("quality") or ""
    if quality not in QUALITY_CODE:
        raise ValueError(f"quality {quality!r}: expected one of {', '.join(map(repr, QUALITY_CODE))}")
    received = _time(row["received"]) if row.get("received") else time
    return Reading(str(station), check_property(row["property"]), time, received, float(row["value"]), quality)


def _time(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else parse_rfc3339(text)


def _ticks(begin: int, end: int) -> range:
    if not begin:
        return range(0)
    return range(begin + MAX_STEP_MS, min(end, begin + HORIZON_MS), MAX_STEP_MS)


def _batch(readings: list[Reading], received: int, sequence: int) -> Batch:
    stations = tuple(dict.fromkeys(reading.station for reading in readings))
    numbers = {station: number for number, station in enumerate(stations)}
    blocks = []
    names = dict.fromkeys(reading.property for reading in readings)
    for name in names:
        of = [reading for reading in readings if reading.property == name]
        blocks.append(
            Block(
                (name,),
                np.array([numbers[reading.station] for reading in of], np.uint32),
                np.array([reading.time for reading in of], np.int64),
                np.array([[reading.value] for reading in of], np.float64),
                np.array([[QUALITY_CODE[reading.quality]] for reading in of], np.uint8),
            )
        )
    return Batch("replay", sequence, received, 0, stations, tuple(blocks))
