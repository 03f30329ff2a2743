"""One worker process and the thread that feeds it: picture in, effects made to last, then the camera's state; cameras of another lane never wait for it."""

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from hub.bus import Place, Record
from hub.clock import Clock
from hub.errors import BusError, StoreUnavailable
from hub.pictures import CameraFault, Shown
from hub.topics import FRAMES
from processors.patrol.camera import CameraFile, save
from processors.patrol.effects import Effects
from processors.patrol.handle import Worker, WorkerLost
from processors.patrol.waiting import Waiting
from processors.patrol.wire import Absent, Answer, Export, Leave, Look, SetUp
from storage.pictures import DAY, EVERY, Pictures

SAVE_S: Final = 20.0
SHOW_S: Final = 1.0
LEDGER_MS: Final = 10_000
RESTS: Final = (2.0, 10.0, 30.0, 60.0)
"""Seconds that a camera rests whose picture killed the worker: the others of the lane must go on."""

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 2.0
_log = logging.getLogger("hub.patrol")


class _GivenUp(Exception):
    """Told to stop while an engine was away: the picture in hand is looked at again after the restart."""


class Lane:
    """Cameras of one worker; everything but `put`, `oldest` and `call` is the lane's own thread's."""

    def __init__(
        self, worker: Worker, effects: Effects, pictures: Pictures, clock: Clock, catalogue: Callable[[], int]
    ) -> None:
        self._worker, self._effects, self._pictures = worker, effects, pictures
        self._clock, self._catalogue = clock, catalogue
        self._stop = threading.Event()
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._ready: set[str] = set()
        self._starts = 0
        self.cameras: dict[str, CameraFile] = {}
        self.waiting = Waiting()
        self.away = ""
        self.counters = {"frames": 0.0, "bad": 0.0, "crashes": 0.0}
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Finish the picture in hand, save every camera, end the worker."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._worker.close()

    def put(self, record: Record) -> None:
        """Let a picture wait for its turn."""
        self.waiting.put(record.key.decode(errors="replace"), record)

    def call(self, work: Callable[[], None]) -> None:
        """Have something done by the lane's thread between two pictures."""
        with self._lock:
            self._calls.append(work)

    def oldest(self) -> dict[Place, int]:
        """The lowest offset of each partition that is not done with for good: it must not be committed beyond."""
        found = self.waiting.oldest()
        with self._lock:
            for camera in self.cameras.values():
                for partition, offset in camera.oldest_unsaved.items():
                    place = (FRAMES, partition)
                    found[place] = min(found.get(place, offset), offset)
        return found

    def _run(self) -> None:
        spoilt: set[str] = set()
        while not self._stop.is_set():
            try:
                self._turn(spoilt)
            except _GivenUp:
                break
        for camera in self.cameras.values():
            if camera.station not in spoilt:
                with contextlib.suppress(_GivenUp):
                    self._save(camera)

    def _turn(self, spoilt: set[str]) -> None:
        """What was called for, then one picture; `spoilt` names the camera in hand while what is known of it is not to be saved."""
        taken = self.waiting.take(0.1)
        # After the wait: a camera that was set up before its picture came is set up before it is looked at.
        with self._lock:
            calls, self._calls = self._calls, []
        for work in calls:
            work()
        if taken is None:
            return
        station, record = taken
        with self._lock:
            camera = self.cameras.setdefault(station, CameraFile(station))
        spoilt.add(station)
        self._frame(camera, record)
        spoilt.clear()
        self.waiting.done()

    def _called(self) -> None:
        with self._lock:
            calls, self._calls = self._calls, []
        for work in calls:
            work()

    def set_up(self, camera: CameraFile) -> None:
        """Work with a camera from now on as it is set up; by the lane's thread."""
        before = self.cameras.get(camera.station)
        if before is not None and before.set_up and before.station in self._ready and before.body != camera.body:
            # What was open belongs to a site that is no more.
            self._ask(before, Leave(camera.station, max(1, before.saved.time + 1), self._clock.now()))
        self._ready.discard(camera.station)
        with self._lock:
            if before is not None:
                camera.oldest_unsaved = before.oldest_unsaved
            self.cameras[camera.station] = camera

    def absent(self, camera: CameraFile, time: int, cause: CameraFault) -> None:
        """Nothing comes from a camera; by the lane's thread."""
        saved = camera.saved
        if saved.lost or not camera.set_up:
            self._say(camera, "lost", cause.value)
            return
        answer = self._ask(camera, Absent(camera.station, time, self._clock.now(), cause.value))
        if answer is None:
            return
        saved.lost = True
        self._say(camera, "lost", cause.value)
        self._save(camera)

    def _frame(self, camera: CameraFile, record: Record) -> None:
        saved, station = camera.saved, camera.station
        if record.offset < saved.offsets.get(record.partition, 0):
            return
        now = self._clock.monotonic()
        with self._lock:
            camera.oldest_unsaved.setdefault(record.partition, record.offset)
        received = int(record.headers.get("received", b"0") or 0) or record.time
        time = int(record.headers.get("time", b"0") or 0) or received
        if now < camera.rest_until:
            self._bad(camera, record, CameraFault.CRASHED, "passed over: the one before ended its process")
        else:
            saved.seq += 1
            keep = received - camera.kept >= EVERY
            show = now - camera.shown_at >= SHOW_S
            answer = self._ask(
                camera, Look(station, time, received, saved.seq, record.value or b"", show=show, keep=keep), record
            )
            saved.offsets[record.partition] = record.offset + 1
            if answer is not None:
                self._seen(camera, answer, time, received, show=show)
        saved.offsets[record.partition] = record.offset + 1
        if now - camera.saved_at >= SAVE_S:
            self._save(camera)

    def _seen(self, camera: CameraFile, answer: Answer, time: int, received: int, *, show: bool) -> None:
        saved, station = camera.saved, camera.station
        self.counters["frames"] += 1
        gap = received - saved.received
        if saved.received and gap > 0:
            camera.rate = 0.8 * camera.rate + 0.2 * (1000 / gap) if camera.rate else 1000 / gap
        camera.crashes = 0
        saved.time, saved.received = time, received
        changed = bool(answer.events) or saved.lost
        saved.lost = False
        if answer.span is not None:
            saved.ledger.add(answer.span)
        if answer.minute is not None:
            numbers, minute = dict(answer.numbers), answer.minute
            self._patiently(lambda: self._effects.figures(station, minute, numbers, self._catalogue()))
        for event in saved.trouble.take_good(station, time, received):
            changed = True
            self._patiently(partial(self._effects.event, event))
        if answer.small is not None:
            camera.kept = received
            self._guarded(lambda: self._pictures.keep(station, received, answer.small or b""))
            self._guarded(lambda: self._pictures.forget(station, received - DAY))
        if show:
            camera.shown_at = self._clock.monotonic()
            shown = Shown(station, answer.state, answer.cause, time, received, *answer.size, camera.rate, answer.boxes)
            views = answer.pictures
            self._guarded(lambda: self._pictures.show(shown, views))
        if saved.ledger.through - camera.written >= LEDGER_MS:
            self._write_hours(camera)
        if changed:
            self._save(camera)

    def _ask(
        self, camera: CameraFile, request: Look | Absent | Export | Leave, record: Record | None = None
    ) -> Answer | None:
        """What comes of a request, its effects made to last; None where the picture was none."""
        try:
            self._prepare(camera)
            answer = self._worker.ask(request)
        except WorkerLost as lost:
            self._lost(camera)
            self._bad(camera, record, lost.fault, str(lost))
            return None
        if answer.fault is not None:
            self._bad(camera, record, answer.fault, answer.detail)
            return None
        if answer.events or answer.pieces:
            self._patiently(lambda: self._effects.told(answer))
        return answer

    def _prepare(self, camera: CameraFile) -> None:
        """Give the worker the camera's set-up and state, if it does not have them: it is new, or it was started again."""
        if self._worker.pid is None or self._worker.starts != self._starts:
            self._ready.clear()
        if not camera.set_up or camera.station in self._ready:
            return
        answer = self._worker.ask(SetUp(camera.station, camera.body, camera.models, camera.saved.patrol, camera.gap_ms))
        self._starts = self._worker.starts
        self._ready.add(camera.station)
        if answer.detail:
            _log.warning("%s: %s", camera.station, answer.detail)

    def _lost(self, camera: CameraFile) -> None:
        self.counters["crashes"] += 1
        self._ready.clear()
        rest = RESTS[min(camera.crashes, len(RESTS) - 1)]
        camera.crashes += 1
        camera.rest_until = self._clock.monotonic() + rest
        _log.warning("%s: a picture ended the worker; the camera rests for %g s", camera.station, rest)

    def _bad(self, camera: CameraFile, record: Record | None, fault: CameraFault, detail: str) -> None:
        """A picture that is none: a dead letter, and an event with the reason."""
        self.counters["bad"] += 1
        if record is None:
            return
        station, saved = camera.station, camera.saved
        received = int(record.headers.get("received", b"0") or 0) or record.time
        time = int(record.headers.get("time", b"0") or 0) or received
        payload = record.value or b""
        self._patiently(lambda: self._effects.letter(station, fault.value, detail, payload))
        for event in saved.trouble.take_bad(station, time, received, fault, detail):
            self._patiently(partial(self._effects.event, event))
            self._say(camera, "blind", fault.value)

    def _say(self, camera: CameraFile, state: str, cause: str) -> None:
        """Show that a camera is not well, beside the last picture there was."""
        last = self._pictures.shown(camera.station) or Shown(camera.station, "unknown")
        if (last.state, last.cause) == (state, cause):
            return
        fresh = Shown(
            camera.station,
            "lost" if state == "lost" else "blind",
            cause,
            last.time,
            last.received,
            last.width,
            last.height,
            0.0,
            last.boxes,
        )
        self._guarded(lambda: self._pictures.show(fresh, {}))

    def _save(self, camera: CameraFile) -> None:
        """Save the camera's state and hours; only then may its offsets be committed."""
        if camera.set_up and camera.station in self._ready:
            try:
                answer = self._worker.ask(Export(camera.station))
            except WorkerLost:
                self._lost(camera)
                return
            if answer.exported is None:
                return
            camera.saved.patrol = answer.exported
        self._write_hours(camera)
        if self._guarded(lambda: save(self._pictures, camera)):
            camera.saved_at = self._clock.monotonic()

    def _write_hours(self, camera: CameraFile) -> None:
        ledger = camera.saved.ledger
        if ledger.through != camera.written:
            hours = ledger.written(camera.station)
            self._patiently(lambda: self._effects.hours(hours))
            camera.written = ledger.through
            ledger.forget()

    def _guarded(self, work: Callable[[], object]) -> bool:
        """Do what may fail for want of a disk; whether it was done."""
        try:
            work()
        except OSError as error:
            self.away = f"the disk: {error.strerror}"
            return False
        return True

    def _patiently(self, work: Callable[[], object]) -> None:
        """Do it, again and again while an engine is away; given up only when told to stop."""
        wait = _FIRST_WAIT
        while True:
            try:
                work()
            except (StoreUnavailable, BusError) as error:
                if not self.away:
                    _log.warning("waiting for an engine: %s", error)
                self.away = str(error)
            else:
                self.away = ""
                return
            if self._stop.wait(wait):
                raise _GivenUp
            wait = min(2 * wait, _LONGEST_WAIT)
