"""Opening the records database (SQLite or PostgreSQL): one write transaction at a time, readers never wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from hub.errors import ConfigError, Fault, StoreUnavailable
from storage.records.migrate import migrate

_WRITER_LOCK: Final = 0x5743_5244
"""The advisory lock that makes PostgreSQL's writers queue as SQLite's do."""

_BUSY_MS: Final = 30_000

Listener = Callable[["Committed"], None]

Ending = Callable[[bool], None]
"""Told whether a transaction was committed; when it was not, nobody may know."""

Attendant = Callable[[Connection], Ending]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a committed write transaction leaves to do: feed rows to show, notices to send, changes to publish."""

    feed: bool
    outbox: bool
    catalogue: bool


class Records:
    """The records database; several threads and several processes may use it at once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        # Without it PostgreSQL would show each statement of one reader a different moment.
        self._reading = engine if self._sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        # SQLite's busy handler sleeps up to 100 ms between tries; threads of one process queue here and wake at once.
        self._writing = threading.Lock()
        self._listeners: list[Listener] = []
        self._attendant: Attendant | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One write transaction: committed when the block ends, rolled back when it raises; it must not be nested.

        Raises:
            StoreUnavailable: the database cannot be reached, is locked or is full; nothing was written.
        """
        with self._writing, _unavailable(), self.engine.connect() as tx:
            tx.info["marks"] = marks = set[str]()
            tx.execution_options(writing=True)
            with self._attended(tx), tx.begin():
                if not self._sqlite:
                    # Order of numbers = order of commits: a reader who has seen seq 7 will never find a new 6.
                    tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
                yield tx
                if "outbox" in marks and self._attendant is not None:
                    tx.info["ending"] = self._attendant(tx)
        if marks:
            done = Committed("feed" in marks, "outbox" in marks, "catalogue" in marks)
            for listener in tuple(self._listeners):
                listener(done)

    @contextmanager
    def _attended(self, tx: Connection) -> Iterator[None]:
        """Whoever attended the transaction hears how it ended, before another one may begin."""
        tx.info.pop("ending", None)
        committed = False
        try:
            yield
            committed = True
        finally:
            ending: Ending | None = tx.info.pop("ending", None)
            if ending is not None:
                ending(committed)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for reading; writers are not held up.

        Raises:
            StoreUnavailable: the database cannot be reached.
        """
        with _unavailable(), self._reading.connect() as tx, tx.begin():
            yield tx

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every commit of this process that leaves something to do; the answer ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def attend(self, attendant: Attendant | None) -> None:
        """Call `attendant` at the end of every transaction of this process that leaves notices to send, within it."""
        self._attendant = attendant

    def migrate(self) -> None:
        """Bring the tables to the newest form; harmless when they are, or when several processes do it at once."""
        with self.begin() as tx:
            migrate(tx)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


def mark(tx: Connection, word: str) -> None:
    """Note that the transaction leaves work of this sort: `feed`, `outbox` or `catalogue`."""
    tx.info.setdefault("marks", set()).add(word)


def open_records(url: str, data: Path) -> Records:
    """The records database at `sqlite:///PATH` (relative paths lie under `data`) or `postgresql://...`.

    `migrate` must be called once before use.

    Raises:
        ConfigError: the URL is neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _bad_url(url) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return Records(_sqlite_engine(parsed, data))
    if parsed.get_backend_name() == "postgresql":
        return Records(
            create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=8, max_overflow=24, pool_timeout=30)
        )
    raise _bad_url(url)


def _bad_url(url: str) -> ConfigError:
    message = f"{url!r}: expected sqlite:///hub.db or postgresql://user@host/database"
    return ConfigError([Fault("hub.toml", 0, "engines.records", message)])


def _sqlite_engine(url: URL, data: Path) -> Engine:
    path = data / (url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url.set(database=str(path)),
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we begin our own transactions
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", f"busy_timeout = {_BUSY_MS}", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A deferred transaction that wants to write later fails at once when another wrote meanwhile.
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise StoreUnavailable(f"records: {error.orig}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(f"records: {error.orig}") from error
        raise
