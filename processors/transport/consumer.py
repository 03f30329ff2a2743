"""Reading the embedded log for Faust: positions, the assignment, committed offsets; acknowledgements and their gaps are Faust's own."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from faust.assignor.client_assignment import ClientAssignment
from faust.assignor.partition_assignor import PartitionAssignor
from faust.transport.consumer import Consumer
from faust.types import TP, ConsumerMessage
from mode.utils.times import Seconds

from hub.bus import Record
from hub.buses import embedded_folder
from hub.buses.embedded import EmbeddedBus, EmbeddedReader
from hub.buses.embedded.wake import LOOK
from hub.buses.log import Member
from hub.errors import BusUnavailable
from hub.partition import partition_of
from processors.transport.steady import SteadyConsumer

_FETCH_BYTES: Final = 4 << 20
_AGAIN: Final = 0.25
_Answer = TypeVar("_Answer")
_log = logging.getLogger(__name__)


class _EmbeddedConsumer(Consumer):
    """The one member of the app's group; every partition is assigned to it, in a generation of its own for each subscription."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._bus: EmbeddedBus | None = None
        self._reader: EmbeddedReader | None = None
        self._member: Member | None = None
        self._subscribed: list[str] = []
        self._assigned: set[TP] = set()
        self._positions: dict[TP, int] = {}
        self._moves = 0
        self._rung = asyncio.Event()
        # Two threads: a commit must not wait for a long read, and the reader's connection belongs to one of them at a time.
        self._reading = ThreadPoolExecutor(1, "bus-read")
        self._committing = ThreadPoolExecutor(1, "bus-commit")

    async def on_start(self) -> None:
        """Become the group's member.

        Raises:
            BusError: the group has one.
        """
        self._bus = EmbeddedBus(embedded_folder(str(self.transport.url[0]), Path()), upkeep=False)
        if not self.app.client_only:
            self._member = self._bus.join(self.app.conf.id)
        await super().on_start()

    async def on_stop(self) -> None:
        """Commit what is done, then leave the group."""
        await super().on_stop()
        await self._unlisten()
        if self._member is not None:
            self._member.close()
        if self._bus is not None:
            self._bus.close()
        self._reading.shutdown(wait=False)
        self._committing.shutdown(wait=False)

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Read these topics from now on; the assignment follows on its own, as Faust expects of a rebalance."""
        self._subscribed = sorted(topics)
        self.add_future(self._assign(self._subscribed))

    async def _assign(self, topics: list[str]) -> None:
        self.app.on_rebalance_start()
        if self._assigned:
            await self.on_partitions_revoked(set(self._assigned))
        await self._unlisten()
        bounds = await self._listen(topics)
        if topics is not self._subscribed or self.should_stop:
            return
        self._assigned = set(bounds)
        self._positions = {place: first for place, (first, _) in bounds.items()}
        self._moves += 1
        generation = (self.app.consumer_generation_id or 0) + 1
        self.app.consumer_generation_id = generation
        self._tell_assignor()
        await self.on_partitions_assigned(set(self._assigned), generation)

    async def _listen(self, topics: list[str]) -> dict[TP, tuple[int, int]]:
        """Open the topics, waiting for those that are absent."""
        self._reader = reader = self._open().reader(topics)
        for handle in reader.ears.handles():
            self.loop.add_reader(handle, self._hear, handle)
        told = False
        while not self.should_stop and topics is self._subscribed:
            try:
                bounds = await self._read(reader.bounds)
                return {TP(topic, number): limits for (topic, number), limits in bounds.items()}
            except BusUnavailable as error:
                if not told:
                    _log.warning("waiting for the topics %s: %s", ", ".join(topics), error)
                told = True
                await self.sleep(_AGAIN)
        return {}

    async def _unlisten(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            for handle in reader.ears.handles():
                self.loop.remove_reader(handle)
            await self._read(reader.close)

    def _hear(self, handle: int) -> None:
        if self._reader is not None:
            self._reader.ears.hear(handle)
        self._rung.set()

    def _tell_assignor(self) -> None:
        """Tables ask Faust's assignor, which Kafka would have told, which changelog partitions are theirs."""
        actives: dict[str, list[int]] = {}
        for place in sorted(self._assigned):
            actives.setdefault(place.topic, []).append(place.partition)
        assignor = cast("PartitionAssignor", self.app.assignor)
        assignor._assignment = ClientAssignment(actives=actives, standbys={})  # noqa: SLF001
        assignor._active_tps = set(self._assigned)  # noqa: SLF001
        assignor._standby_tps = set()  # noqa: SLF001

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, list[Record]]:
        reader = self._reader
        if not self.flow_active or reader is None:
            await asyncio.sleep(0)
            return {}
        chosen = self._assigned if active_partitions is None else active_partitions
        asked = {place: self._positions[place] for place in chosen if place in self._positions}
        moves = self._moves
        self._rung.clear()
        try:
            records, moved = await self._read(reader.read, asked, _FETCH_BYTES)
        except BusUnavailable as error:
            _log.warning("the log cannot be read now: %s", error)
            await self.sleep(_AGAIN)
            return {}
        if moves != self._moves:
            return {}  # somebody sought meanwhile: what was read may be from the wrong place
        for (topic, number), offset in moved.items():
            self._positions[TP(topic, number)] = offset
        if not records:
            await self._wait(min(timeout, LOOK))
        found: dict[TP, list[Record]] = {}
        for record in records:
            found.setdefault(TP(record.topic, record.partition), []).append(record)
        return found

    async def _wait(self, timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return

    def _to_message(self, tp: TP, record: Record) -> ConsumerMessage:
        headers = tuple(record.headers.items())
        value_size = 0 if record.value is None else len(record.value)
        return ConsumerMessage(
            record.topic,
            record.partition,
            record.offset,
            record.time / 1000,
            0,
            cast("Any", headers),
            record.key,
            record.value,
            None,
            len(record.key),
            value_size,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        positions = {(place.topic, place.partition): offset for place, offset in offsets.items()}
        while True:
            try:
                await self.loop.run_in_executor(self._committing, self._open().commit, self.app.conf.id, positions)
                return True
            except BusUnavailable as error:
                if self.should_stop:
                    return False
                _log.warning("offsets cannot be kept now: %s", error)
                await self.sleep(_AGAIN)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Go to the committed offsets, or to the first one kept where there is none."""
        bounds = await self._bounds()
        committed = await self.loop.run_in_executor(self._committing, self._open().offsets, self.app.conf.id)
        places = {
            place: max(first, committed.get((place.topic, place.partition), first))
            for place, (first, _) in bounds.items()
            if place in self._assigned
        }
        self._move(places)
        return places

    async def _seek(self, partition: TP, offset: int) -> None:
        self._move({partition: offset})

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Go to these offsets; Faust's own mark of what was read follows, or it would drop older records."""
        self._move(partitions)
        for place, offset in partitions.items():
            self._read_offset[place] = offset if offset > 0 else None

    async def seek_to_beginning(self, *partitions: TP) -> None:
        """Go to the first offsets kept."""
        self._move(await self.earliest_offsets(*partitions))

    async def position(self, tp: TP) -> int | None:
        """The offset that is read next."""
        return self._positions.get(tp)

    def assignment(self) -> set[TP]:
        """Every partition of the topics read."""
        return set(self._assigned)

    def highwater(self, tp: TP) -> int:
        """The next offset of the partition when it was last looked at."""
        return 0 if self._reader is None else self._reader.ends.get((tp.topic, tp.partition), 0)

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """The next offsets of partitions, as they are now."""
        bounds = await self._bounds()
        return {place: bounds[place][1] for place in partitions if place in bounds}

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """The first offsets kept."""
        bounds = await self._bounds()
        return {place: bounds[place][0] for place in partitions if place in bounds}

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a topic has, None while it is absent."""
        try:
            return self._open().partitions(topic)
        except BusUnavailable:
            return None

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:
        """Where a key goes, None while the topic is absent."""
        count = self.topic_partitions(topic)
        if partition is not None or count is None:
            return partition
        return partition_of(key or b"", count)

    async def create_topic(
        self,
        topic: str,
        partitions: int,
        replication: int,
        *,
        config: Mapping[str, Any] | None = None,
        timeout: Seconds = 30.0,
        retention: Seconds | None = None,
        compacting: bool | None = None,
        deleting: bool | None = None,
        ensure_created: bool = False,
    ) -> None:
        """Make a topic, where the app may."""
        await self.app.producer.create_topic(
            topic, partitions, replication, config=config, retention=retention, compacting=compacting, deleting=deleting
        )

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    def _open(self) -> EmbeddedBus:
        assert self._bus is not None, "the consumer has not started"
        return self._bus

    def _move(self, places: Mapping[TP, int]) -> None:
        self._positions.update(places)
        self._moves += 1
        self._rung.set()

    async def _bounds(self) -> dict[TP, tuple[int, int]]:
        reader = self._reader
        if reader is None:
            return {}
        bounds = await self._read(reader.bounds)
        return {TP(topic, number): limits for (topic, number), limits in bounds.items()}

    async def _read(self, call: Callable[..., _Answer], *arguments: Any) -> _Answer:
        """A call of the reader, in the one thread that may use it."""
        return await self.loop.run_in_executor(self._reading, call, *arguments)


class EmbeddedConsumer(SteadyConsumer, _EmbeddedConsumer):
    """The embedded log's consumer, fetching and seeking in turn."""
