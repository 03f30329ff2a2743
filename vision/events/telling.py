"""From what changes to what is said: events in full, and the pictures that prove them."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import asdict, replace

from vision.events.event import PatrolEvent, event_id
from vision.events.exhibit import Album, Exhibit
from vision.events.film import Film
from vision.events.shot import Shot
from vision.geometry.view import View
from vision.rules.claim import Kind
from vision.rules.episode import Change, Episode
from vision.track.track import Track

Path = tuple[tuple[int, float, float], ...]


class Told(msgspec.Struct):
    """What is remembered of open events by id: the last link of the chain, which frames were shown, where its track went."""

    chain: dict[str, str] = {}
    shown: dict[str, tuple[int, ...]] = {}
    paths: dict[int, Path] = {}


class Teller:
    """Says what changes at one camera, with the model and configuration it was judged by."""

    def __init__(self, view: View, model_version: str, config_hash: str, film: Film) -> None:
        self._view, self._model, self._config, self._film = view, model_version, config_hash, film
        self.told = Told()

    def follow(self, tracks: Sequence[Track], needed: set[int]) -> None:
        """Keep the paths of tracks that open events are about, also when they are gone."""
        here = {track.id: _path(track) for track in tracks}
        self.told.paths = {number: here.get(number) or self.told.paths.get(number, ()) for number in sorted(needed)}

    def tell(self, kind: Kind, change: Change, time: int, now: Shot | None) -> tuple[PatrolEvent, list[Exhibit]]:
        """The event and its new exhibits; `now` is the frame as it is, None when there is none."""
        episode, camera = change.episode, self._view.config.id
        name = event_id(camera, kind.name, episode.since, episode.birth)
        album = Album(name, camera, self._view, self.told.chain.get(name, ""))
        shown = self._exhibit(album, change, self.told.shown.get(name, ()), now)
        self.told.chain.pop(name, None)
        self.told.shown.pop(name, None)
        if change.edge != "close":
            self.told.chain[name] = album.prev
            self.told.shown[name] = shown
        facts = asdict(replace(episode.facts, cause=_cause(change)))
        event = PatrolEvent(
            **facts,
            event_id=name,
            kind=kind.name,
            level=kind.level,
            state=change.edge,
            camera=camera,
            time=time,
            start=episode.since,
            confirmed=episode.opened,
            seen=episode.seen,
            uncalibrated=not self._view.config.calibrated,
            model_version=self._model,
            config_hash=self._config,
            acknowledged=episode.verdict == "acknowledged",
            path=self._path(episode),
            evidence=tuple(exhibit.piece for exhibit in album.exhibits),
        )
        return event, album.exhibits

    def _path(self, episode: Episode) -> Path:
        return next((path for track in episode.claim.tracks if (path := self.told.paths.get(track))), ())

    def _exhibit(self, album: Album, change: Change, shown: tuple[int, ...], now: Shot | None) -> tuple[int, ...]:
        """Add the pieces for a change; the frames (by seq) shown so far."""
        reel, tracks = self._film.reel, change.episode.claim.tracks
        roll = next((reel.rolls[track] for track in tracks if track in reel.rolls), None)
        if change.edge == "update":
            return shown
        if roll is None:
            return self._place(album, change, shown, now)
        first, best, last = (reel.shots.get(seq) for seq in (roll.first, roll.best, roll.last))
        if change.edge == "open" and first and first.seq not in shown:
            album.frame(first, "first")
            shown = (*shown, first.seq)
        if best and (best.seq not in shown or change.edge == "open"):
            shown = self._best(album, best, tracks, shown)
        if change.edge == "open":
            album.strip(reel.thumbs)
        elif last and last.seq not in shown:
            album.frame(last, "last")
            shown = (*shown, last.seq)
        return shown

    def _best(self, album: Album, best: Shot, tracks: tuple[int, ...], shown: tuple[int, ...]) -> tuple[int, ...]:
        if best.seq not in shown:
            album.frame(best, "best")
        boxes = [best.boxes[track] for track in tracks if track in best.boxes]
        if boxes:
            album.crop(best, boxes[0], "best")
        album.overlay(best, tracks, "best")
        return (*shown, best.seq)

    def _place(self, album: Album, change: Change, shown: tuple[int, ...], now: Shot | None) -> tuple[int, ...]:
        """The pieces of an event that is about no track: how it was before, and how it is now."""
        before = self._film.reel.before or self._film.reel.good
        if change.edge == "open" and before is not None and (now is None or before.seq != now.seq):
            album.frame(before, "before")
        if now is not None and now.seq not in shown:
            album.frame(now, "now" if change.edge == "open" else "last")
            shown = (*shown, now.seq)
        return shown


def _cause(change: Change) -> str:
    if change.edge == "close" and change.episode.verdict == "rejected":
        return "rejected"
    return change.episode.facts.cause


def _path(track: Track) -> Path:
    return tuple((step.time, round(step.foot[0], 1), round(step.foot[1], 1)) for step in track.path)
