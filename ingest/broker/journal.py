"""What waits for the disk: one batch open, one being written, and the replies that may go out once it is there."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct, field

from ingest.broker.records import Entry, Progress, Retained, SessionRecord, Testament
from ingest.broker.session import Session


class Reply(Protocol):
    """Where an acknowledgement goes once its batch is on disk."""

    def settle(self, data: bytes) -> None:
        """Send the acknowledgement; the connection may be gone."""
        ...


class Batch(Struct):
    """Everything one commit writes; `None` deletes. `progress` is taken from `dirty` when the batch is handed over."""

    entries: dict[int, list[Entry]] = field(default_factory=dict)
    sessions: dict[int, SessionRecord | None] = field(default_factory=dict)
    retained: dict[str, Retained | None] = field(default_factory=dict)
    wills: dict[str, Testament | None] = field(default_factory=dict)
    progress: dict[int, Progress] = field(default_factory=dict)
    dirty: dict[int, Session] = field(default_factory=dict)
    replies: list[tuple[Reply, bytes]] = field(default_factory=list)
    size: int = 0

    @property
    def on_disk(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.entries or self.sessions or self.retained or self.wills or self.dirty)

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for it; mere progress can wait for the next batch or the next second."""
        return bool(self.replies or self.entries or self.sessions or self.retained or self.wills)


class Journal:
    """Collects changes for the store; `wake` is called when a hand-over is due, `submit` takes the batch away.

    A batch is handed over as soon as the one before it is on disk, so nothing waits when the disk is idle and
    everything that came meanwhile shares the next commit.
    """

    def __init__(self, submit: Callable[[Batch], None], wake: Callable[[], None], bound: int) -> None:
        self.open = Batch()
        self.writing: Batch | None = None
        self._submit = submit
        self._wake = wake
        self._bound = bound

    @property
    def waiting(self) -> int:
        """Bytes taken and not yet on disk."""
        return self.open.size + (self.writing.size if self.writing else 0)

    @property
    def congested(self) -> bool:
        """Whether publishers must wait for the disk."""
        return self.waiting > self._bound

    def entry(self, session: Session, entry: Entry) -> None:
        """A new entry of a stored session's queue."""
        self.open.entries.setdefault(session.key, []).append(entry)
        self.open.size += entry.message.size
        self._ask()

    def session(self, session: Session) -> None:
        """A stored session was made or changed."""
        self.open.sessions[session.key] = session.record()
        self._ask()

    def end(self, session: Session) -> None:
        """A stored session ended: its queue goes too."""
        entries = self.open.entries.pop(session.key, [])
        self.open.size -= sum(entry.message.size for entry in entries)
        self.open.dirty.pop(session.key, None)
        self.open.sessions[session.key] = None
        self._ask()

    def retain(self, topic: str, retained: Retained | None) -> None:
        """A retained message was set or cleared."""
        self.open.retained[topic] = retained
        self.open.size += retained.message.size if retained else 0
        self._ask()

    def will(self, client_id: str, will: Testament | None) -> None:
        """A will was left or is settled."""
        self.open.wills[client_id] = will
        self._ask()

    def moved(self, session: Session) -> None:
        """A stored session's progress changed; written along with whatever is written next."""
        self.open.dirty[session.key] = session

    def reply(self, to: Reply, data: bytes) -> None:
        """Send `data` once everything said so far is on disk."""
        self.open.replies.append((to, data))
        self._ask()

    def _ask(self) -> None:
        if self.writing is None:
            self._wake()

    def hand_over(self, idle: bool = False) -> None:
        """Give the open batch away if the store is free; `idle` also writes mere progress."""
        batch = self.open
        if self.writing is not None or not (batch.urgent or (idle and batch.dirty)):
            return
        batch.progress = {key: session.progress() for key, session in batch.dirty.items()}
        self.open, self.writing = Batch(), batch
        self._submit(batch)

    def written(self) -> Batch:
        """The store has committed the batch: its replies may go."""
        batch = self.writing
        if batch is None:
            raise RuntimeError("no batch was being written")
        self.writing = None
        if self.open.urgent:
            self._wake()
        return batch

    def pending(self, key: int) -> list[Entry]:
        """Entries of a session that are not yet on disk, oldest first."""
        written = self.writing.entries.get(key, []) if self.writing else []
        return written + self.open.entries.get(key, [])
