"""Which cameras there are, how they are set up, and which of them gives no pictures; asked every few seconds."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from hub.catalogue import Catalogue
from hub.clock import Clock
from hub.config import read_secret
from hub.errors import ConfigError
from hub.pictures import CameraFault, Source
from hub.settings import PatrolSection
from processors.patrol.camera import CameraFile, load
from processors.patrol.lane import Lane
from processors.patrol.sources import Fetcher
from storage.pictures import Pictures
from storage.records.engine import Records
from storage.records.patrol import cameras, coverage, learning
from storage.records.patrol.cameras import StoredCamera
from storage.records.register import get_device

LEARNED: Final = "debris"
"""The detector whose verifier a site teaches."""

PERIODS: Final = 3
"""A camera that sends its pictures itself is lost after so many of its own periods."""

GAPS: Final = 2.5
"""Pictures that are further apart than so many of the camera's periods leave time unseen."""

Fetch = Callable[[str, Source, str], Fetcher]
_log = logging.getLogger("hub.patrol")


class CameraWatch:
    """Brings the lanes to what the records say, and tells them who is absent."""

    def __init__(
        self,
        records: Records,
        pictures: Pictures,
        lanes: list[Lane],
        settings: PatrolSection,
        clock: Clock,
        fetch: Fetch,
    ) -> None:
        self._records, self._pictures, self._lanes = records, pictures, lanes
        self._settings, self._clock, self._fetch = settings, clock, fetch
        self._stored: dict[str, StoredCamera] = {}
        self._models: dict[str, int] = {}
        self._files: dict[str, CameraFile] = {}
        self._fetchers: dict[str, Fetcher] = {}
        self._told: dict[str, tuple[float, CameraFault]] = {}
        self._since: dict[str, int] = {}
        self._heard: dict[str, float] = {}

    def lane(self, station: str) -> Lane:
        """The lane of a camera; always the same for the same number of workers."""
        return self._lanes[sum(station.encode()) % len(self._lanes)]

    def tell(self, station: str, fault: CameraFault, detail: str) -> None:
        """Take a fetcher's word on why there is no picture; from any thread."""
        self._told[station] = (self._clock.monotonic(), fault)

    def hear(self, station: str) -> None:
        """A picture has come; whether it can be looked at is another question, and when may be later."""
        self._heard[station] = self._clock.monotonic()

    def renew(self) -> None:
        """Take up what was set up, changed, taken away or learned.

        Raises:
            StoreUnavailable: the records do not answer; what is known stays in force.
        """
        with self._records.read() as tx:
            versions, models = cameras.versions(tx), learning.adopted_of_all(tx)
        changed = [
            station
            for station, version in versions.items()
            if station not in self._stored
            or self._stored[station].version != version
            or models.get(station, 0) != self._models.get(station, 0)
        ]
        for station in [one for one in self._stored if one not in versions]:
            self._leave(station)
        for station in changed:
            self._take_up(station, models.get(station, 0))

    def look(self, catalogue: Catalogue) -> None:
        """Tell the lanes which cameras give no pictures; a camera that is only registered is nobody's to miss."""
        now = self._clock.monotonic()
        for station, file in self._files.items():
            limit = self._limit(self._stored[station], catalogue, file)
            waits = self.lane(station).waiting.has(station)
            if 1000 * (now - self._heard[station]) < limit or file.saved.lost or waits:
                continue
            cause = self._cause(station)
            # The picture's own time goes on as ours did; the limit and not the present moment, so that a restart tells the same event again.
            time = (file.saved.time or self._since[station]) + limit
            lane = self.lane(station)
            lane.call(partial(lane.absent, file, time, cause))

    def close(self) -> None:
        """Stop fetching."""
        for fetcher in self._fetchers.values():
            fetcher.close()

    @property
    def counters(self) -> Mapping[str, float]:
        """How many cameras are set up, fetched and lost."""
        lost = sum(file.saved.lost for file in self._files.values())
        return {"cameras": float(len(self._files)), "fetched": float(len(self._fetchers)), "lost": float(lost)}

    def _limit(self, stored: StoredCamera, catalogue: Catalogue, file: CameraFile) -> int:
        """Milliseconds without a picture after which a camera is lost."""
        least = round(self._settings.lost_after_s * 1000)
        if stored.source.url:
            return max(least, round(PERIODS * stored.source.every_s * 1000))
        device = catalogue.devices.get(stored.station)
        declared = device.period_ms if device is not None else None
        own = round(1000 / file.rate) if file.rate else 0
        return max(least, PERIODS * (declared or own))

    def _cause(self, station: str) -> CameraFault:
        told = self._told.get(station)
        if told is not None and self._clock.monotonic() - told[0] < 2 * self._settings.lost_after_s:
            return told[1]
        return CameraFault.STALLED if station in self._fetchers else CameraFault.SILENT

    def _take_up(self, station: str, model: int) -> None:
        with self._records.read() as tx:
            stored, learned = cameras.get(tx, station), learning.adopted(tx, station)
            written, device = coverage.last(tx, station), get_device(tx, station)
        if stored is None:
            return
        before, known = self._stored.get(station), self._files.get(station)
        saved = load(self._pictures, station) if known is None else known.saved
        models = {} if learned is None else {LEARNED: learned[1]}
        file = CameraFile(station, stored.body.encode(), stored.version, model, models, saved=saved)
        period = 1000 * stored.source.every_s if stored.source.url else (device and device.period_ms) or 0
        file.gap_ms = round(GAPS * period)
        file.saved.ledger.go_on_from(written)
        if known is not None and (before is None or before.body != stored.body):
            file.saved.patrol = None
        self._files[station], self._stored[station], self._models[station] = file, stored, model
        self._since[station] = stored.changed
        self._heard.setdefault(station, self._clock.monotonic())
        lane = self.lane(station)
        lane.call(lambda: lane.set_up(file))
        if before is None or before.source != stored.source:
            self._fetch_anew(stored)

    def _leave(self, station: str) -> None:
        self._stored.pop(station)
        self._files.pop(station, None)
        self._heard.pop(station, None)
        if (fetcher := self._fetchers.pop(station, None)) is not None:
            fetcher.close()
        lane = self.lane(station)
        lane.call(lambda: lane.set_up(CameraFile(station)))

    def _fetch_anew(self, stored: StoredCamera) -> None:
        if (fetcher := self._fetchers.pop(stored.station, None)) is not None:
            fetcher.close()
        if not stored.source.url:
            return
        try:
            password = self._password(stored.source)
            fresh = self._fetch(stored.station, stored.source, password)
        except ConfigError as error:
            _log.error("%s cannot be fetched: %s", stored.station, error)
            self.tell(stored.station, CameraFault.REFUSED, "its password cannot be read")
            return
        self._fetchers[stored.station] = fresh
        fresh.start()

    def _password(self, source: Source) -> str:
        reference = self._settings.passwords.get(source.password) if source.password else None
        return "" if reference is None else read_secret(reference)
