"""The broker: sockets, store and clock around the exchange."""

import asyncio
import secrets
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.broker.access import Access
from ingest.broker.exchange import Exchange
from ingest.broker.health import Counters, Health
from ingest.broker.journal import Batch, Journal
from ingest.broker.limits import Limits
from ingest.broker.link import ClientLink
from ingest.broker.packets import Connect
from ingest.broker.reasons import Reason
from ingest.broker.store import Store
from ingest.broker.writer import Job, Writer

TICK_SECONDS = 1.0
WORTH_A_COMMIT = 100  # waiting replies for which a commit is made without spacing
WILL_GRACE_MS = 5_000  # after a crash: clients that come straight back are not called lost

Refused = Callable[[str | None, str, bytes, str], None]


def ignore(_user: str | None, _topic: str, _payload: bytes, _reason: str) -> None:
    """Nobody asked to hear of refused messages; they are counted all the same."""


class Broker:
    """An MQTT 3.1.1 and 5 broker for one machine: `async with Broker(path, access) as broker`.

    `path` is its SQLite file, `port` 0 takes a free one (then see `broker.port`), `ssl_context` makes it TLS.
    `on_refused(user, topic, payload, reason)` hears of each message refused to its sender, reason `not_authorized` or
    `topic_invalid`. `now` gives epoch milliseconds. Errors: OSError when the port is taken, `sqlite3.Error` when the
    file cannot be opened (another broker holds it, for one).
    """

    def __init__(
        self,
        path: Path,
        access: Access,
        *,
        host: str = "127.0.0.1",
        port: int = 1883,
        ssl_context: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        on_refused: Refused = ignore,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.access = access
        self.refused = on_refused
        self.now = now
        self.host, self.port = host, port
        self.limits = limits or Limits()
        self.counters = Counters()
        self._path = path
        self._ssl = ssl_context
        self._links: set[ClientLink] = set()
        self._unsent: set[ClientLink] = set()
        self._turn_due = False
        self._commit_due = False
        self._last_commit = 0.0
        self._stopping = False

    # -- starting and stopping

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open the store, take up its sessions, listen."""
        self._loop = asyncio.get_running_loop()
        store = await self._loop.run_in_executor(None, Store, self._path)
        found = await self._loop.run_in_executor(None, store.snapshot)
        self._writer = Writer(store, self._from_thread, self._committed)
        self._journal = Journal(self._submit, self._wake, self.limits.waiting_bytes)
        self.exchange = Exchange(self.limits, self.counters, self._journal, self._writer.load, found)
        self.exchange.restore(found, self.now(), WILL_GRACE_MS)
        self._checker = ThreadPoolExecutor(1, "mqtt-access")
        try:
            self._server = await self._loop.create_server(
                lambda: ClientLink(self), self.host, self.port, ssl=self._ssl, backlog=512
            )
        except BaseException:
            self._close_store()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        self._ticker = self._loop.call_later(TICK_SECONDS, self._tick)

    async def stop(self) -> None:
        """Tell the clients, publish the wills of those that did not say goodbye, and leave all of it on disk."""
        if self._stopping:
            return
        self._stopping = True
        self._server.close()
        self._ticker.cancel()
        for link in list(self._links):
            link.cut(Reason.SERVER_SHUTTING_DOWN)
        self._turn()
        self._journal.hand_over(idle=True)
        while self._journal.writing is not None and not self._writer.trouble:
            await asyncio.sleep(0.005)
            self._journal.hand_over(idle=True)
        await self._loop.run_in_executor(None, self._close_store)

    def _close_store(self) -> None:
        self._checker.shutdown(wait=False, cancel_futures=True)
        self._writer.stop()

    # -- what others ask

    def health(self) -> Health:
        """How the broker is now."""
        sessions = self.exchange.sessions.values()
        fullest = max(sessions, key=lambda each: each.bytes, default=None)
        trouble = self._writer.trouble
        return Health(
            ok=not trouble and not self.exchange.blocked,
            trouble=trouble,
            connections=len(self._links),
            sessions=len(sessions),
            subscriptions=sum(len(each.subscriptions) for each in sessions),
            retained=len(self.exchange.retained),
            queued_bytes=sum(each.bytes for each in sessions),
            fullest_session=fullest.client_id if fullest else "",
            fullest_bytes=fullest.bytes if fullest else 0,
            waiting_for_disk=self._journal.waiting,
            paused_publishers=sum(bool(link.connection.parked) for link in self._links),
            counters=self.counters,
        )

    def drop_session(self, client_id: str) -> bool:
        """End an abandoned persistent session and its queue; whether there was one that is not connected."""
        return self.exchange.drop(client_id, self.now())

    def access_changed(self) -> None:
        """The register changed: ask `access` again about every topic."""
        for link in self._links:
            link.connection.access_changed()

    # -- for the links

    def new_id(self) -> str:
        """A client id for a client that has none."""
        return f"auto-{secrets.token_hex(8)}"

    def arrived(self, link: ClientLink) -> bool:
        """A connection was made; whether there is room for it."""
        if len(self._links) >= self.limits.max_connections or self._stopping:
            self.counters.refused_connects += 1
            return False
        self._links.add(link)
        return True

    def left(self, link: ClientLink) -> None:
        """A connection is gone."""
        self._links.discard(link)
        self._unsent.discard(link)
        self._wake()

    def unsent(self, link: ClientLink) -> None:
        """The link has bytes to write at the end of this turn."""
        self._unsent.add(link)
        self._wake()

    def verify(self, link: ClientLink, connect: Connect) -> None:
        """Check credentials on a thread of their own: a good password hash is slow."""

        def ask() -> None:
            known = False
            try:
                known = self.access.authenticate(connect.client_id, connect.user, connect.password)
            finally:  # a check that fails lets nobody in
                self._from_thread(lambda: link.verified(known))

        self._checker.submit(ask)

    # -- turns of the loop

    def _wake(self) -> None:
        if not self._turn_due:
            self._turn_due = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Everything that this turn's events left to do, once: deliveries, writes, the next commit."""
        self._turn_due = False
        if self.exchange.room_made:
            self._retry()
        self.exchange.flush(self.now())
        unsent, self._unsent = self._unsent, set()
        for link in unsent:
            link.write()
        self._commit()
        if self.exchange.busy:
            self._wake()

    def _commit(self) -> None:
        """Hand the open batch over, but not more often than commits are worth: each costs as much as ten messages."""
        batch = self._journal.open
        if self._journal.writing is not None or not batch.urgent:
            return
        early = self._last_commit + self.limits.commit_spacing - self._loop.time()
        if early <= 0 or len(batch.replies) >= WORTH_A_COMMIT:
            self._last_commit = self._loop.time()
            self._journal.hand_over()
        elif not self._commit_due:
            self._commit_due = True
            self._loop.call_later(early, self._commit_later)

    def _commit_later(self) -> None:
        self._commit_due = False
        self._commit()

    def _retry(self) -> None:
        self.exchange.room_made = False
        now = self.now()
        for link in [each for each in self._links if each.connection.parked]:
            link.connection.retry(now)

    def _tick(self) -> None:
        self._ticker = self._loop.call_later(TICK_SECONDS, self._tick)
        self.exchange.tick(self.now())
        for link in list(self._links):
            link.check_silence(self._loop.time())
        self._journal.hand_over(idle=True)
        self._wake()

    def _submit(self, batch: Batch) -> None:
        if batch.on_disk:
            self._writer.commit(batch)
        else:
            self._loop.call_soon(self._committed)

    def _committed(self) -> None:
        congested = self._journal.congested
        self.exchange.committed()
        if congested and not self._journal.congested:
            self.exchange.room_made = True
        self._wake()

    def _from_thread(self, job: Job) -> None:
        try:
            self._loop.call_soon_threadsafe(job)
        except RuntimeError:
            return  # the loop is closed: nobody waits for the answer any more
        # A read-back leaves entries to deliver.
        self._loop.call_soon_threadsafe(self._wake)
