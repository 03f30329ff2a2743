"""Watching the folder of rules: a file that changed comes into force without a restart, a bad one only shows on the health page."""

import logging
import threading
from pathlib import Path
from typing import Final

from hub.clock import Clock
from hub.errors import ConfigError, Fault, StoreUnavailable
from hub.rulefiles import load_rules
from storage.records import Records
from storage.records.rules import sync

_log = logging.getLogger("hub.api")

EVERY_S: Final = 1.0
ACTOR: Final = "rule files"

Seen = dict[str, tuple[int, int]]


class RulesFolder:
    """Looks at the folder once a second on a thread of its own."""

    def __init__(self, folder: Path, records: Records, clock: Clock) -> None:
        self._folder = folder
        self._records = records
        self._clock = clock
        self._seen: Seen | None = None
        self._faults: list[Fault] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rules", daemon=True)

    @property
    def faults(self) -> list[Fault]:
        """The mistakes in the files as they lie there now; what was in force before them stays in force."""
        return self._faults

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Bring the files into force if they changed; whether they had.

        Raises:
            StoreUnavailable: it will be tried again at the next look.
        """
        seen = _stamps(self._folder)
        if seen == self._seen:
            return False
        try:
            rules = load_rules(self._folder)
        except ConfigError as error:
            self._faults = error.faults
            _log.warning("rule files have mistakes: %s", error)
        else:
            with self._records.begin() as tx:
                done = sync(tx, rules, actor=ACTOR, at=self._clock.now())
            self._faults = []
            _log.info("rules: %s added, %s changed, %s removed", done.added, done.changed, done.removed)
        self._seen = seen
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except StoreUnavailable as error:
                _log.warning("rules cannot be brought into force now: %s", error)
            except OSError as error:
                self._faults = [Fault(str(self._folder), 0, "", f"cannot be read: {error.strerror}")]
            self._stop.wait(EVERY_S)


def _stamps(folder: Path) -> Seen:
    found: Seen = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        found[path.name] = (status.st_mtime_ns, status.st_size)
    return found
