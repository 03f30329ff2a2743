"""One partition's rules between the bus and the pure engine: what was read since the state was last saved, and how to get back there."""

import base64
from typing import Any, Final

from hub.alert import AlertTransition
from hub.batch import Batch, decode_batch
from hub.catalogue import Catalogue
from hub.event import decode_event
from hub.follow import CatalogueFollower
from hub.topics import EVENTS, OBSERVATIONS
from processors.engine import process, process_event
from processors.snapshot import Snapshots, restore, saved_version
from processors.state import RuleState

Stored = dict[str, Any]
"""The table's value: the last offset of each topic that is in the state, and the state itself (base64, for the table's JSON)."""

_TOPICS: Final = (OBSERVATIONS, EVENTS)


class Keeper:
    """The state of one partition, made from what is `stored` (None: nothing yet)."""

    def __init__(
        self, partition: int, partitions: int, zone: str, follower: CatalogueFollower, stored: Stored | None
    ) -> None:
        self.dirty_since: float | None = None
        self._partition, self._partitions, self._zone = partition, partitions, zone
        self._follower = follower
        self._stored = stored
        self._since: list[tuple[str, int, bytes]] = []
        self._snapshots = Snapshots()
        self._restore()

    @staticmethod
    def version_of(stored: Stored) -> int:
        """The version of the catalogue that what is stored was made with."""
        return saved_version(base64.b64decode(stored["state"]))

    def known(self, topic: str, offset: int) -> bool:
        """Whether the state holds this record already."""
        return offset <= self._offsets.get(topic, -1)

    def take(self, topic: str, offset: int, value: bytes) -> list[AlertTransition]:
        """Take a record; whatever goes wrong, the state is as before.

        Raises:
            CorruptRecord: not what the topic carries.
        """
        try:
            said = self._apply(topic, offset, value)
        except Exception:
            self._replay()
            raise
        self._since.append((topic, offset, value))
        return said

    def skip(self, topic: str, offset: int) -> None:
        """Go past a record that cannot be taken."""
        self._offsets[topic] = offset

    def store(self) -> Stored:
        """The value to save; from now on this is where a mishap leads back to."""
        self._stored = {**self._offsets, "state": base64.b64encode(self._snapshots.take(self._state)).decode()}
        self._since.clear()
        return self._stored

    def _apply(self, topic: str, offset: int, value: bytes) -> list[AlertTransition]:
        if topic == OBSERVATIONS:
            batch: Batch = decode_batch(value)
            self._follower.bring(self._catalogue, max(batch.catalogue, self._state.version))
            said = process(batch, self._state, self._catalogue, offset)
        else:
            said = process_event(decode_event(value), self._state, self._catalogue, offset)
        self._offsets[topic] = offset
        return said

    def _restore(self) -> None:
        self._catalogue = Catalogue()
        self._offsets: dict[str, int] = {}
        if self._stored is None:
            self._state = RuleState(self._partition, self._partitions, self._zone)
            return
        self._offsets = {topic: self._stored[topic] for topic in _TOPICS if topic in self._stored}
        blob = base64.b64decode(self._stored["state"])
        self._follower.bring(self._catalogue, saved_version(blob))
        self._state = restore(blob, self._catalogue, self._partition, self._partitions, self._zone)
        self._snapshots = Snapshots()

    def _replay(self) -> None:
        """Half a step may have been taken: begin again at what is saved and take once more what was taken since."""
        offsets = self._offsets
        self._restore()
        for topic, offset, value in self._since:
            self._apply(topic, offset, value)
        self._offsets = offsets
