"""The Faust app of the rules: a thin agent around the pure engine.

A record is acknowledged only once a saved state holds it. The agent keeps one more reference to each message than Faust does and lets go of it after the
save, so a commit never passes the state, and a state is saved twice a second, not with each batch. What was read again after a kill gives the same
transitions with the same (id, n), which the alerts' consumer takes once.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import faust
from aiokafka.errors import KafkaError
from faust.exceptions import FaustError

from hub.alert import encode_transition
from hub.batch import decode_batch
from hub.bus import Bus, Message
from hub.dead_letter import DeadLetter, encode_dead_letter
from hub.errors import BusUnavailable, CorruptRecord
from hub.follow import CatalogueFollower
from hub.topics import ALERTS, DEAD_LETTERS, EVENTS, OBSERVATIONS, RULES_GROUP, RULES_STATE
from processors.guard import OUTSIDE, guarded, patient
from processors.keeper import Keeper
from processors.transport import register, settings
from processors.watchdog import end_worker

SAVE_EVERY: Final = 0.5
"""Seconds between two saves of a partition's state: what is read again after a kill."""

_LOOK_EVERY: Final = 0.1
_AWAY: Final = (*OUTSIDE, KafkaError, FaustError)
_log = logging.getLogger("hub.processors")


@dataclass(slots=True)
class Counters:
    """What the worker did since it started."""

    batches: int = 0
    values: int = 0
    alerts: int = 0
    dead: int = 0
    received: int = 0
    saved: float = 0.0
    state_bytes: int = 0


@dataclass(slots=True)
class _Held:
    """A partition's keeper, the messages that no saved state holds yet, whether one is being worked on."""

    keeper: Keeper
    events: list[Any] = field(default_factory=list)
    busy: bool = False


class RulesApp:
    """The app and what it holds; `broker` is Faust's URL of the bus, `zone` the site's."""

    def __init__(
        self, broker: str, bus: Bus, follower: CatalogueFollower, partitions: int, zone: str, datadir: Path
    ) -> None:
        register()
        self.counters = Counters()
        self._bus, self._follower, self._partitions, self._zone = bus, follower, partitions, zone
        self._held: dict[int, _Held] = {}
        self.app = faust.App(RULES_GROUP, broker=broker, datadir=datadir, **settings(partitions))
        raw: dict[str, Any] = {
            "key_type": bytes,
            "value_type": bytes,
            "key_serializer": "raw",
            "value_serializer": "raw",
        }
        self._table = self.app.Table(RULES_STATE, default=None, partitions=partitions, key_type=str)
        records = self.app.topic(OBSERVATIONS, EVENTS, **raw)
        self.app.agent(records, name="hub-rules-agent", concurrency=1)(self._work)
        self.app.on_partitions_revoked.connect(self._let_go, weak=False)

    async def _work(self, stream: Any) -> None:
        take = guarded(self._take, self._refuse, _AWAY)
        async for event in stream.events():
            await take(event)

    async def _take(self, event: Any) -> None:
        message = event.message
        held = await self._keeper(message.partition)
        if held.keeper.known(message.topic, message.offset):
            return
        batch = decode_batch(event.value) if message.topic == OBSERVATIONS else None
        if batch is not None:
            await self._version(batch.catalogue)
            self.counters.received = batch.received
            self.counters.values += batch.values
        said = held.keeper.take(message.topic, message.offset, event.value)
        if said:
            # no save while an alert is under way: if the worker is ended here, the record is read again and says it again
            held.busy = True
            words = [Message(ALERTS, one.target.station().encode(), encode_transition(one)) for one in said]
            await patient(lambda: self._append(words), (Exception,))
            held.busy = False
        self.counters.batches += 1
        self.counters.alerts += len(said)
        self._hold(held, event)
        self._save_if_due(message.partition, held)

    async def _refuse(self, event: Any, reason: str, fault: str) -> None:
        """The record cannot be worked on: keep it as a dead letter and go on."""
        message = event.message
        letter = DeadLetter(int(message.timestamp * 1000), "rules", message.topic, reason, fault, event.value or b"")
        await self._append([Message(DEAD_LETTERS, message.key or b"", encode_dead_letter(letter))])
        held = await self._keeper(message.partition)
        held.keeper.skip(message.topic, message.offset)
        self.counters.dead += 1
        self._hold(held, event)
        self._save(message.partition, held)

    async def _append(self, messages: list[Message]) -> None:
        """All in one durable append: through Faust's producer each would cost as much as a batch of readings."""
        await asyncio.to_thread(self._bus.append, messages)

    async def _keeper(self, partition: int) -> _Held:
        held = self._held.get(partition)
        if held is None:
            stored = self._table.get(f"p{partition}")
            try:
                if stored is not None:
                    await self._version(Keeper.version_of(stored))
                keeper = Keeper(partition, self._partitions, self._zone, self._follower, stored)
            except CorruptRecord as error:
                # to begin anew would leave open alerts open for ever; this record is not to blame either
                end_worker(f"the saved state of partition {partition}: {error}")
            held = self._held[partition] = _Held(keeper)
        return held

    async def _version(self, version: int) -> None:
        if self._follower.version >= version:
            return
        if not await asyncio.to_thread(self._follower.wait, version, 1.0):
            raise BusUnavailable(f"the catalogue is at version {self._follower.version}, {version} is needed")

    def _hold(self, held: _Held, event: Any) -> None:
        event.message.incref()
        held.events.append(event)
        if held.keeper.dirty_since is None:
            held.keeper.dirty_since = asyncio.get_running_loop().time()

    def _save_if_due(self, partition: int, held: _Held) -> None:
        since, now = held.keeper.dirty_since, asyncio.get_running_loop().time()
        if since is not None and not held.busy and (now - since >= SAVE_EVERY or self._leaving()):
            self._save(partition, held)

    def _leaving(self) -> bool:
        return bool(self.app.rebalancing or self.app.should_stop)

    def _save(self, partition: int, held: _Held) -> None:
        """Write the state to the table's changelog, then let the messages go: a commit flushes what was written before it."""
        stored = held.keeper.store()
        self._table.data[f"p{partition}"] = stored
        self._table.send_changelog(partition, f"p{partition}", stored)
        for event in held.events:
            event.ack()
        held.events.clear()
        held.keeper.dirty_since = None
        self.counters.saved = asyncio.get_running_loop().time()
        self.counters.state_bytes = len(stored["state"])

    async def keep_saving(self) -> None:
        """Save what has waited long enough though nothing more comes, and everything when the worker leaves; runs until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            for partition, held in list(self._held.items()):
                try:
                    self._save_if_due(partition, held)
                except Exception:  # noqa: BLE001
                    # nothing was acknowledged, so nothing is lost; the watchdog ends a worker that never gets further
                    _log.exception("the state of partition %s could not be saved", partition)

    async def _let_go(self, *_: Any, **__: Any) -> None:
        self._held.clear()
