"""What the embedded broker refused to take becomes a dead letter, without the broker waiting for the bus."""

import queue
import threading
from typing import Final

from ingest.intake import Intake

_MOST_WAITING: Final = 10_000
_PAUSE: Final = 0.05

_Refused = tuple[str | None, str, bytes, str]


class Refusals:
    """A thread between the broker's loop and the bus; more than it can hold is counted in `dropped`."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: queue.Queue[_Refused | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)
        self.dropped = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self, user: str | None, topic: str, payload: bytes, reason: str) -> None:
        """Called by the broker; never waits."""
        try:
            self._waiting.put_nowait((user, topic, payload, reason))
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Write what is left and end."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (refused := self._waiting.get()) is not None:
            user, topic, payload, reason = refused
            word = "not_allowed" if reason == "not_authorized" else "bad_topic"
            self._intake.refuse(
                topic, payload, word, f"the broker refused it to {user or 'a client without a name'}", "mqtt"
            )
            self._intake.flush()
            while self._intake.stalled and self._waiting.empty():
                threading.Event().wait(_PAUSE)
                self._intake.flush()
