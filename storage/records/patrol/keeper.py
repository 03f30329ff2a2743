"""What goes when its time has come, or when the disk is full: never what an incident holds, nor a crop that a site learns from."""

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import Connection

from storage.evidence.folder import EvidenceFolder
from storage.evidence.retention import Retention
from storage.records.engine import Records
from storage.records.patrol import evidence, learning
from storage.records.patrol.evidence import StoredPiece

DAY: Final = 86_400_000
FIRST_TO_GO: Final = ("thumbnail", "clip", "overlay", "frame", "crop")
"""In this order kinds are given up on a disk that is nearly full: what only makes it nicer first, what proves it last."""

PAGE: Final = 200

Locked = Callable[[Connection, Collection[str]], Collection[str]]
"""Which of these pieces an incident holds on to."""


class EvidenceKeeper:
    """Drops what has served its time; `locked` says what must stay whatever its age."""

    def __init__(self, folder: EvidenceFolder, records: Records, retention: Retention, locked: Locked) -> None:
        self._folder, self._records, self._retention, self._locked = folder, records, retention, locked

    def tidy(self, now: int) -> int:
        """Drop what is past its days, and, on a disk with nothing to spare, the oldest of what may go; how many."""
        gone = sum(self._drop(kind, now - int(days * DAY), None) for kind, days in self._retention.days.items())
        for kind in FIRST_TO_GO:
            if self._folder.free() >= self._retention.disk.spare:
                break
            gone += self._drop(kind, now, self._retention.disk.spare)
        return gone

    def _drop(self, kind: str, before: int, until_free: float | None) -> int:
        gone, after = 0, None
        while until_free is None or self._folder.free() < until_free:
            with self._records.read() as tx:
                found = evidence.oldest(tx, kind, before, PAGE, after)
                hashes = [piece.sha256 for piece in found]
                held = {*self._locked(tx, hashes), *learning.kept_crops(tx, hashes)}
            if not found:
                break
            after = (found[-1].captured, found[-1].sha256)
            gone += self._forget([piece for piece in found if piece.sha256 not in held])
        return gone

    def _forget(self, pieces: list[StoredPiece]) -> int:
        """Bytes first: an index that names what is gone is mended next time, bytes without a name would stay for ever."""
        hashes = [name for piece in pieces for name in (piece.sha256, piece.blurred) if name is not None]
        for name in hashes:
            self._folder.drop(name)
        if hashes:
            with self._records.begin() as tx:
                evidence.forget(tx, hashes)
        return len(pieces)
