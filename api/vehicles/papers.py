"""What a vehicle carries on paper: the newest waybill and driver that it sent, read from the events of the bus."""

import threading
from dataclasses import dataclass, replace
from typing import Final

from hub.bus import Bus, Place, Record
from hub.errors import BusUnavailable, CorruptRecord
from hub.event import DeviceEvent, decode_event
from hub.topics import EVENTS

_BACK: Final = 100_000
"""Events of a partition that are looked through at the start; a waybill comes with every trip, or with every report."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A vehicle's newest waybill and driver, None where it sent none; times epoch ms."""

    waybill: str | None = None
    waybill_time: int = 0
    driver: str | None = None
    driver_time: int = 0


class Papers:
    """The papers of every vehicle, as far as the bus still tells of them."""

    def __init__(self) -> None:
        self._known: dict[str, Paper] = {}

    def of(self, station: str) -> Paper | None:
        """The papers of one vehicle."""
        return self._known.get(station)

    def take(self, event: DeviceEvent) -> None:
        """Remember what a note says, unless a later one is known."""
        if event.kind != "note":
            return
        old = self._known.get(event.station, Paper())
        if event.type == "waybill" and event.text and event.time >= old.waybill_time:
            self._known[event.station] = replace(old, waybill=event.text, waybill_time=event.time)
        elif event.type == "driver" and event.time >= old.driver_time:
            # A card that is drawn out (JT/T 808, 8.24: status 2) leaves nobody at the wheel that we know of.
            name = event.values.get("name") if event.values.get("status") != 2 else None
            self._known[event.station] = replace(old, driver=str(name) if name else None, driver_time=event.time)


class PapersReader:
    """Keeps `papers` as the bus tells them, on a thread of its own; nobody waits for it."""

    def __init__(self, bus: Bus, papers: Papers) -> None:
        self._bus = bus
        self._papers = papers
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="papers", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        ends = self._ends()
        if ends is None:
            return

        def begin(place: Place) -> int:
            return max(0, ends.get(place[1], 0) - _BACK)

        consumer = self._bus.consumer(None, [EVENTS], begin)
        try:
            while not self._stop.is_set():
                try:
                    self._take(consumer.poll(0.5))
                except BusUnavailable:
                    self._stop.wait(1.0)
        finally:
            consumer.close()

    def _ends(self) -> dict[int, int] | None:
        while not self._stop.is_set():
            try:
                return self._bus.ends(EVENTS)
            except BusUnavailable:
                self._stop.wait(1.0)
        return None

    def _take(self, records: list[Record]) -> None:
        for record in records:
            if record.value is None:
                continue
            try:
                event = decode_event(record.value)
            except CorruptRecord:
                # The rules worker counts it and keeps it as a dead letter; here it says nothing.
                continue
            self._papers.take(event)
