"""What a picture led to, made to last: evidence before the event that names it, the event before it counts as told."""

import threading
from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from hub.batch import Batch, Block, encode_batch
from hub.bus import Bus, Message
from hub.clock import Clock
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.event import DeviceEvent, encode_event
from hub.partition import partition_of
from hub.properties import PROPERTIES
from hub.topics import DEAD_LETTERS, EVENTS, OBSERVATIONS
from processors.patrol.wire import Answer, Piece
from storage.evidence import EvidenceFolder, Retention
from storage.records.engine import Records
from storage.records.patrol import coverage, events, evidence
from storage.records.patrol.coverage import Hour

SOURCE: Final = "patrol"
LARGEST_LETTER: Final = 3_500_000
NUMBERS: Final = {
    "fps": "patrol_fps",
    "open_tracks": "patrol_tracks",
    "anomalies_raw": "patrol_anomalies",
    "anomalies_verified": "patrol_verified",
    "coverage_percent": "patrol_coverage",
    "coverage_m2": "patrol_coverage_area",
    "seen_s": "patrol_seen",
    "blind_s": "patrol_blind",
    "quality_sharpness": "picture_sharpness",
    "quality_contrast": "picture_contrast",
    "quality_luma": "picture_luma",
}
"""A minute's figures by the pipeline's word, and the property each is stored as."""


class Effects:
    """Writes down and publishes; may be called by several lanes at once. `catalogue` gives the version of the register that is known."""

    def __init__(
        self, bus: Bus, records: Records, folder: EvidenceFolder, retention: Retention, partitions: int, clock: Clock
    ) -> None:
        self._bus, self._records, self._folder, self._retention = bus, records, folder, retention
        self._partitions, self._clock = partitions, clock
        self._lock = threading.Lock()
        self._sequence = 0
        self.levels: Mapping[str, int] = {}
        self.counters = {"events": 0.0, "evidence": 0.0, "dead_letters": 0.0, "thinned": 0.0}

    def told(self, answer: Answer) -> None:
        """Make an answer's evidence, events and figures last; what was told before is not told again.

        Raises:
            StoreUnavailable, BusUnavailable: an engine is away; the same again, later, does no harm.
        """
        kept = self._evidence(answer.pieces)
        for event in answer.events:
            self.event(_with(event, kept), answer.features.get(event.key, ""))

    def event(self, event: DeviceEvent, features: str = "") -> None:
        """Tell of one event."""
        if event.type in self.levels:
            level = self.levels[event.type]
            event = msgspec.structs.replace(event, level=level or 4, kind="finding" if level else "note")
        with self._records.read() as tx:
            if not events.is_news(tx, event):
                return
        self._bus.append([Message(EVENTS, event.station.encode(), encode_event(event), time=event.received)])
        with self._records.begin() as tx:
            stored = (
                msgspec.structs.replace(event, values={**event.values, "features": features}) if features else event
            )
            events.take(tx, stored)
        self._count("events")

    def figures(self, station: str, minute: int, numbers: Mapping[str, float], catalogue: int) -> None:
        """Put a minute's figures on the topic of observations; the same minute again overwrites itself."""
        known = [(name, numbers[word]) for word, name in NUMBERS.items() if word in numbers and name in PROPERTIES]
        if not known:
            return
        names = tuple(name for name, _ in known)
        value = np.array([[number for _, number in known]], float)
        block = Block(names, np.zeros(1, np.uint32), np.array([minute], np.int64), value)
        with self._lock:
            self._sequence += 1
            sequence = self._sequence
        batch = Batch(SOURCE, sequence, self._clock.now(), catalogue, (station,), (block,))
        place = partition_of(station.encode(), self._partitions)
        self._bus.append([Message(OBSERVATIONS, SOURCE.encode(), encode_batch(batch), place, batch.received)])

    def letter(self, station: str, reason: str, detail: str, payload: bytes) -> None:
        """Keep a picture that could not be taken."""
        if len(payload) > LARGEST_LETTER:
            detail, payload = f"{detail} (kept: the first {LARGEST_LETTER} bytes)", payload[:LARGEST_LETTER]
        letter = DeadLetter(self._clock.now(), SOURCE, f"frames/{station}", reason, detail[:4000], payload, station)
        self._bus.append([Message(DEAD_LETTERS, station.encode(), encode_dead_letter(letter))])
        self._count("dead_letters")

    def hours(self, hours: list[Hour]) -> None:
        """Write down hours of the ledger."""
        with self._records.begin() as tx:
            coverage.put(tx, hours)

    def _evidence(self, pieces: tuple[Piece, ...]) -> set[str]:
        """Keep the bytes, then their index; the hashes of what was kept."""
        if not pieces:
            return set()
        free, kept = self._folder.free(), []
        for one in pieces:
            if not self._retention.kept_now(one.piece.kind, free):
                self._count("thinned")
                continue
            self._folder.put(one.data)
            twin = None if one.twin is None else self._folder.put(one.twin)
            kept.append((one, twin))
        with self._records.begin() as tx:
            for one, twin in kept:
                evidence.put(tx, one.event, one.piece.device, one.piece, twin)
        self._count("evidence", len(kept))
        return {one.piece.sha256 for one, _ in kept}

    def _count(self, name: str, by: int = 1) -> None:
        with self._lock:
            self.counters[name] += by


def _with(event: DeviceEvent, kept: set[str]) -> DeviceEvent:
    """The event with the evidence that is kept: on a disk that is nearly full it names no picture that is not there."""
    return msgspec.structs.replace(event, evidence=tuple(piece for piece in event.evidence if piece.sha256 in kept))
