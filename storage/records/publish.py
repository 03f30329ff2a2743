"""Publishing catalogue changes: the rows, in order, each once on the topic `catalogue`, wherever we are killed."""

import logging
import threading
from typing import Final

from hub.bus import Bus, Message, Record
from hub.catalogue import Catalogue, Change, DeviceRemoved, RuleRemoved, decode_change, encode_change, key_of
from hub.errors import BusUnavailable, HubError
from hub.topics import CATALOGUE
from storage.records import changes
from storage.records.engine import Records

_log = logging.getLogger("hub.records")

_ORIGIN: Final = "origin"
_SEQ: Final = "seq"


class CataloguePublisher:
    """Carries `catalogue_change` rows to the bus; one per records database (it lives in the role serve).

    Each message names its row and its database in headers, so the last message on the topic says where to go on: a
    crash between append and mark repeats nothing. When the topic was written from another database, everything of ours
    is published and what only the other one knew is removed.
    """

    def __init__(self, bus: Bus, records: Records, poll: float = 1.0) -> None:
        self._bus = bus
        self._records = records
        self._poll = poll
        self._sure = False  # whether the marks in the database agree with the topic
        self._problem = ""
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catalogue-publisher", daemon=True)

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    def close(self) -> None:
        """Stop; what is not published is published at the next start."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def problem(self) -> str:
        """Why nothing can be published now, empty when it can."""
        return self._problem

    def publish(self) -> int:
        """Publish all that waits, from the calling thread; how many messages were appended.

        Raises:
            BusUnavailable, StoreUnavailable: not all could be; call again.
        """
        done = 0
        if not self._sure:
            done += self._reconcile()
        while True:
            with self._records.read() as tx:
                rows, name = changes.unpublished(tx), changes.origin(tx)
            if not rows:
                return done
            self._sure = False  # until the marks are committed, only the topic knows
            headers = {_ORIGIN: name.encode()}
            self._bus.append(
                [
                    Message(CATALOGUE, row.key.encode(), row.body, 0, headers={**headers, _SEQ: b"%d" % row.seq})
                    for row in rows
                ]
            )
            with self._records.begin() as tx:
                changes.mark_published(tx, rows[-1].seq)
            self._sure = True
            done += len(rows)

    def _reconcile(self) -> int:
        """Make the marks agree with the topic; how many messages were appended for that."""
        with self._records.begin() as tx:
            name = changes.origin(tx)
        last = self._last()
        done = 0
        if last is not None and last.headers.get(_ORIGIN) == name.encode():
            with self._records.begin() as tx:
                changes.mark_published(tx, int(last.headers[_SEQ]))
        elif last is not None:
            done = self._take_over(name)
        self._sure = True
        return done

    def _last(self) -> Record | None:
        end = self._bus.ends(CATALOGUE).get(0, 0)
        records = self._read(end - 1) if end else []
        return records[-1] if records else None

    def _read(self, start: int) -> list[Record]:
        """Everything on the topic from offset `start` on."""
        end = self._bus.ends(CATALOGUE).get(0, 0)
        consumer = self._bus.consumer(None, [CATALOGUE], lambda _place: start)
        found: list[Record] = []
        try:
            while not found or found[-1].offset < end - 1:
                if not (more := consumer.poll(5.0)):
                    raise BusUnavailable(f"the catalogue topic ends at {end}, but nothing came from {start} on")
                found += more
        finally:
            consumer.close()
        return found

    def _take_over(self, name: str) -> int:
        """The topic was written from another database: remove what only that one knew, publish all of ours."""
        catalogue = Catalogue()
        catalogue.apply_all(decode_change(record.value) for record in self._read(0) if record.value is not None)
        with self._records.begin() as tx:
            ours = set(changes.keys(tx))
            changes.mark_unpublished(tx)
        strange: list[Change] = [DeviceRemoved(each) for each in catalogue.devices if f"device {each}" not in ours]
        strange += [RuleRemoved(each) for each in catalogue.rules if f"rule {each}" not in ours]
        headers = {_ORIGIN: name.encode(), _SEQ: b"0"}
        messages = [
            Message(CATALOGUE, key_of(change).encode(), encode_change(change), 0, headers=headers) for change in strange
        ]
        _log.warning("the catalogue topic was written from another database; %d entries removed", len(messages))
        if messages:
            self._bus.append(messages)
        return len(messages)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.publish()
                self._problem = ""
            except HubError as error:
                self._problem = str(error)
            self._wake.wait(self._poll)
