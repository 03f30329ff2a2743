"""Everything the routes need, made once by whoever starts the application, and given to them by the door."""

import dataclasses
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Connection
from starlette.requests import Request

from alerts.incidents import Desk
from alerts.trial import Trials, no_trials
from api.board import Board
from api.field import FieldExchange
from api.presence import Presence
from api.vehicles.papers import Papers
from hub.catalogue import Catalogue, Device
from hub.clock import Clock, rfc3339
from hub.properties import Property
from hub.settings import Settings
from ingest.intake import Intake
from storage.records import Records
from storage.series import SeriesStore
from storage.zones import zone_of

if TYPE_CHECKING:
    from api.live.feed import FeedReader
    from api.live.hub import Fanout
    from api.live.pulse import Pulse


class Follows(Protocol):
    """Whoever tells of the catalogue's changes: the topic's follower, or a still picture of the records."""

    @property
    def version(self) -> int:
        """The newest version known."""

    def bring(self, catalogue: Catalogue) -> object:
        """Apply to `catalogue` what it lacks."""

    def wait(self, version: int, timeout: float) -> bool:
        """Whether `version` is known, waiting up to `timeout` seconds for it."""


class Register:
    """The catalogue as it has been told so far: names, units, periods."""

    def __init__(self, follower: Follows) -> None:
        self._follower = follower
        self._catalogue = Catalogue()
        self._lock = threading.Lock()

    def now(self) -> Catalogue:
        """The catalogue; its entries may be looked up from any thread."""
        if self._follower.version != self._catalogue.version:
            with self._lock:
                self._follower.bring(self._catalogue)
        return self._catalogue

    def property_of(self, station: str, name: str) -> Property:
        """The property as it holds at this device."""
        return self.now().property_of(station, name)

    def unit(self, station: str, name: str) -> str:
        """The unit of a datastream."""
        return self.now().property_of(station, name).unit

    def period(self, station: str, name: str) -> int | None:
        """The declared period of a datastream, ms."""
        return self.now().period_of(station, name)

    def wait_for(self, entry: Device, timeout: float = 2.0) -> bool:
        """Whether the topic has told of this entry, waiting up to `timeout` seconds: then our own intake knows it too."""
        deadline = time.monotonic() + timeout
        while True:
            catalogue = self.now()
            if catalogue.devices.get(entry.station) == entry:
                return True
            if not self._follower.wait(catalogue.version + 1, deadline - time.monotonic()):
                return False


@dataclass(frozen=True, slots=True)
class History:
    """What questions about the past need: no bus, nobody at work, so a command can make it without a running hub."""

    settings: Settings
    records: Records
    series: SeriesStore
    register: Register
    presence: Presence
    clock: Clock

    @property
    def zone(self) -> str:
        """The site's zone."""
        return self.settings.hub.zone

    def zone_text(self, time_ms: int) -> str:
        """A time as RFC 3339 in the site's zone."""
        return rfc3339(time_ms, zone_of(self.settings.hub.zone))


@dataclass(frozen=True, slots=True)
class Context(History):
    """The parts the routes work with; `evidence` is the folder of pictures by their SHA-256, `settle` looks at the ladders of an
    incident (its id) at a time (epoch ms) once somebody was reached.
    """

    desk: Desk
    intake: Intake
    board: Board
    field: FieldExchange
    evidence: Path
    settle: Callable[[Connection, str, int], None]
    papers: Papers = dataclasses.field(default_factory=Papers)
    trials: Trials = dataclasses.field(default_factory=no_trials)


@dataclass(slots=True)
class Live:
    """What runs while the application does: the reader of the feed, the fan-out, the pushes by the clock."""

    fanout: "Fanout"
    feed: "FeedReader"
    pulse: "Pulse"


def context_of(request: Request) -> Context:
    """The context of the application that answers `request`."""
    context: Context = request.app.state.context
    return context


def history_of(request: Request) -> History:
    """The part of the context that answers questions about the past."""
    history: History = request.app.state.context
    return history


def live_of(request: Request) -> Live:
    """The live part of the application that answers `request`."""
    live: Live = request.app.state.live
    return live
