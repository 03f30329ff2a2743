"""The embedded engine: a durable log in one folder, shared by every process of one machine."""

import contextlib
import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hub.bus import BusHealth, Message, Place, Record
from hub.buses.embedded.database import engine_errors, require_space
from hub.buses.embedded.groups import Groups, Membership
from hub.buses.embedded.lock import FileLock
from hub.buses.embedded.topic_file import TopicFile, TopicReader, make_topic
from hub.buses.embedded.upkeep import ABANDONED_MS, checkpoint, compact, give_back, retain
from hub.buses.embedded.wake import Ears
from hub.buses.log import LogConsumer, Start
from hub.buses.routing import check_specs, place_of
from hub.clock import Clock, SystemClock
from hub.errors import BusError, BusUnavailable
from hub.topics import TopicSpec

_MAKING_SECONDS: Final = 20.0
_TICK_SECONDS: Final = 0.25
_WAITING_SECONDS: Final = 2.0
_ROUND_TICKS: Final = 40
_LOW: Final = 256 << 20
"""With less than this beyond the least, freed pages go back to the disk at once."""

_log = logging.getLogger(__name__)


class EmbeddedReader:
    """One reader of several topics: their files and an ear for their bells."""

    def __init__(self, folder: Path, topics: Sequence[str]) -> None:
        self._folder = folder
        self._topics = tuple(topics)
        self._files: dict[str, TopicReader] = {}
        self._turn = 0
        self.ends: dict[Place, int] = {}
        """The next offsets as the last look found them."""
        self.ears = Ears(folder / "wake" / topic for topic in self._topics)

    def bounds(self) -> dict[Place, tuple[int, int]]:
        return {
            (topic, number): limits
            for topic in self._topics
            for number, limits in sorted(self._file(topic).bounds().items())
        }

    def read(self, positions: Mapping[Place, int], max_bytes: int) -> tuple[list[Record], dict[Place, int]]:
        found: list[Record] = []
        moved: dict[Place, int] = {}
        self._turn = (self._turn + 1) % max(1, len(self._topics))
        for topic in self._topics[self._turn :] + self._topics[: self._turn]:
            if found and max_bytes <= 0:
                break
            wanted = {number: offset for (name, number), offset in positions.items() if name == topic}
            file = self._file(topic)
            records, reached = file.read(wanted, max_bytes)
            found += records
            moved.update({(topic, number): offset for number, offset in reached.items()})
            self.ends.update({(topic, number): end for number, end in file.ends.items()})
            max_bytes -= sum(len(record.key) + len(record.value or b"") for record in records)
        return found, moved

    def wait(self, timeout: float) -> None:
        self.ears.wait(timeout)

    def close(self) -> None:
        self.ears.close()
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, topic: str) -> TopicReader:
        file = self._files.get(topic)
        if file is None:
            file = self._files[topic] = TopicReader(topic_path(self._folder, topic))
        return file


class EmbeddedBus:
    """The embedded engine; `folder` holds everything, `least_free` bytes of its disk are left to upkeep (None: 64 MB or a twentieth)."""

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, least_free: int | None = None, upkeep: bool = True
    ) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._least_free = least_free
        self._files: dict[str, TopicFile] = {}
        self._guard = threading.Lock()
        self._closed = threading.Event()
        self._groups = Groups(folder / "groups", folder / "groups.db", self._clock.now)
        self._upkeep_lock = FileLock(folder / "upkeep.lock")
        self._trouble = ""
        self._thread: threading.Thread | None = None
        if upkeep:
            self._thread = threading.Thread(target=self._keep_up, name="bus-upkeep", daemon=True)
            self._thread.start()

    def ensure_topics(self, specs: Sequence[TopicSpec]) -> None:
        check_specs(specs)
        with engine_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            making = FileLock(self._folder / "making.lock")
            if not making.acquire(_MAKING_SECONDS):
                raise BusUnavailable(f"process {making.holder()} is making topics in {self._folder}")
        try:
            self._groups.make()
            for spec in specs:
                make_topic(topic_path(self._folder, spec.name), spec)
        finally:
            making.release()
        for spec in specs:
            self._file(spec.name).load_spec()

    def append(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        topics = {message.topic for message in messages}
        if len(topics) == 1:
            return self._file(topics.pop()).append(messages)
        return self._append_mixed(messages, topics)

    def _append_mixed(self, messages: Sequence[Message], topics: set[str]) -> list[tuple[int, int]]:
        files = {topic: self._file(topic) for topic in topics}
        chosen = {
            topic: [place for place, message in enumerate(messages) if message.topic == topic] for topic in topics
        }
        for topic, places in chosen.items():
            files[topic].check([messages[place] for place in places])
        answer: dict[int, tuple[int, int]] = {}
        for topic, places in chosen.items():
            answer.update(zip(places, files[topic].append([messages[place] for place in places]), strict=True))
        return [answer[place] for place in range(len(messages))]

    def check(self, message: Message) -> None:
        """Refuse a message that its topic will never take.

        Raises:
            MessageTooLarge: it is over the limit.
            BusError: the topic has no such partition.
            BusUnavailable: the topic is absent.
        """
        file = self._file(message.topic)
        file.check([message])
        place_of(message, file.spec.partitions)

    def consumer(self, group: str | None, topics: Sequence[str], start: Start | None = None) -> LogConsumer:
        self._check_open()
        return LogConsumer(self, group, topics, start)

    def reader(self, topics: Sequence[str]) -> EmbeddedReader:
        """A way into several topics for one thread."""
        return EmbeddedReader(self._folder, topics)

    def join(self, group: str) -> Membership:
        """Become a group's one member, in this process or none."""
        return Membership(self._folder / "groups", group)

    def offsets(self, group: str) -> dict[Place, int]:
        """What a group has committed of all topics."""
        return self._groups.committed(group)

    def committed(self, group: str, topic: str) -> dict[int, int]:
        self._check_open()
        return {number: offset for (name, number), offset in self.offsets(group).items() if name == topic}

    def commit(self, group: str, positions: Mapping[Place, int]) -> None:
        """Keep a group's offsets."""
        self._groups.commit(group, positions)

    def ends(self, topic: str) -> dict[int, int]:
        return {number: end for number, (_, end) in self._bounds(topic).items()}

    def lag(self, group: str, topic: str) -> dict[int, int]:
        bounds = self._bounds(topic)
        committed = self.offsets(group)
        return {
            number: max(0, end - max(first, committed.get((topic, number), 0)))
            for number, (first, end) in bounds.items()
        }

    def partitions(self, topic: str) -> int:
        return self._file(topic).spec.partitions

    def health(self) -> BusHealth:
        try:
            self._check_open()
            size = sum(path.stat().st_size for path in self._folder.iterdir() if path.is_file())
            free = require_space(self._folder, self._least_free)
        except (OSError, BusError) as error:
            return BusHealth(False, str(error))
        return BusHealth(not self._trouble, self._trouble, size, free)

    def upkeep(self) -> None:
        """Apply retention, compaction and checkpoints to every topic now."""
        now = self._clock.now()
        low = self._space_is_low()
        for name in self._names():
            file = self._file(name)
            retain(file, now, self._groups.floor(name, now - ABANDONED_MS))
            compact(file, now)
            give_back(file, force=low)
            checkpoint(file, force=low)

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        with self._guard:
            for file in self._files.values():
                file.close()
            self._files.clear()
        self._groups.close()
        self._upkeep_lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bounds(self, topic: str) -> dict[int, tuple[int, int]]:
        self._check_open()
        with contextlib.closing(TopicReader(topic_path(self._folder, topic))) as reader:
            return dict(sorted(reader.bounds().items()))

    def _file(self, topic: str) -> TopicFile:
        file = self._files.get(topic)
        if file is not None:
            return file
        with self._guard:
            self._check_open()
            if topic not in self._files:
                ears = self._folder / "wake" / topic
                path = topic_path(self._folder, topic)
                self._files[topic] = TopicFile(path, ears, self._clock.now, self._least_free)
            return self._files[topic]

    def _space_is_low(self) -> bool:
        try:
            require_space(self._folder, self._least_free, _LOW)
        except BusUnavailable:
            return True
        return False

    def _names(self) -> list[str]:
        return sorted(path.name.removesuffix(".log.db") for path in self._folder.glob("[!.]*.log.db"))

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise BusError("this bus is closed")

    def _keep_up(self) -> None:
        """Upkeep by whichever process has the lock; the others only try for it."""
        round_ = 0
        pause = _TICK_SECONDS
        while not self._closed.wait(pause):
            pause = _WAITING_SECONDS
            with contextlib.suppress(OSError):
                if self._upkeep_lock.held or (self._folder.is_dir() and self._upkeep_lock.acquire()):
                    pause = _TICK_SECONDS
                    self._tick(round_)
                    round_ += 1

    def _tick(self, round_: int) -> None:
        try:
            if round_ % _ROUND_TICKS == _ROUND_TICKS - 1:
                self.upkeep()
            else:
                for name in self._names():
                    checkpoint(self._file(name))
            self._trouble = ""
        except BusUnavailable as error:
            if str(error) != self._trouble:
                _log.warning("upkeep of the log failed and will be tried again: %s", error)
            self._trouble = str(error)
        except BusError:
            return  # closed meanwhile


def topic_path(folder: Path, topic: str) -> Path:
    """Where a topic's records lie."""
    return folder / f"{topic}.log.db"
