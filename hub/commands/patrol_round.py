"""One round of `hub patrol`: picture after picture looked at, and all that comes of it written down."""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from hub.clock import rfc3339
from vision.camera import CameraConfig
from vision.detection import Detection
from vision.events.event import PatrolEvent
from vision.events.exhibit import Exhibit
from vision.events.shot import encoded
from vision.frame import Frame, Image
from vision.overlay import Mark, overlay
from vision.pipeline import Patrol, Step, patrol_of
from vision.replay.cut import Glance, cut, glance
from vision.replay.source import Picture
from vision.still import seen_alone

Configure = Callable[[int, int], CameraConfig]
PROGRESS: Final = 50
_UTC: Final = ZoneInfo("UTC")


class Round:
    """Looks at pictures and writes to a folder; where `cuts` is set, a picture of another place begins with a patrol made anew.

    The first picture of a place is looked at as a still, for the patrol has only begun to learn its water; with `stills` every picture is.
    """

    def __init__(
        self, out: Path, configure: Configure, *, cuts: bool, draw: bool, quiet: bool, stills: bool = False
    ) -> None:
        self._out, self._configure, self._cuts, self._draw, self._quiet = out, configure, cuts, draw, quiet
        self._every_still = stills
        self._detections = (out / "detections.jsonl").open("w", encoding="utf-8")
        self._events = (out / "events.jsonl").open("w", encoding="utf-8")
        self._patrol: Patrol | None = None
        self._glance: Glance | None = None
        self._time = 0
        self._took: list[float] = []
        self._broken = self._found = self._scenes = self._stills = 0
        self._kinds: dict[str, int] = {}
        self._pieces: dict[str, int] = {}

    def look(self, picture: Picture) -> None:
        """Look at one picture; a broken one is told and written down as broken."""
        if picture.bgr is None:
            self._broken += 1
            print(f"picture {picture.number} {picture.name}: {picture.fault}", flush=True)
            _write(self._detections, {"frame": picture.number, "file": picture.name, "error": picture.fault})
            return
        begun = time.perf_counter()
        scenes = self._scenes
        patrol = self._for(picture.bgr, picture.time)
        frame = Frame(patrol.view.config.id, picture.time, picture.number, picture.bgr, picture.data)
        still = self._every_still or self._scenes > scenes
        step = _of_still(patrol, frame, stays=not self._every_still) if still else patrol.step(frame)
        took = (time.perf_counter() - begun) * 1000
        self._took.append(took)
        self._time = picture.time
        self._found += len(step.detections)
        self._stills += still
        _write(self._detections, _line(picture, step, took) | ({"still": True} if still else {}))
        self._tell(step)
        if self._draw:
            self._picture(picture.bgr, picture, step, patrol)
        if len(self._took) % PROGRESS == 0 and not self._quiet:
            mean = statistics.fmean(self._took[-PROGRESS:])
            print(f"{len(self._took)} pictures, {self._found} detections, {mean:.1f} ms a picture", flush=True)

    def end(self) -> dict[str, Any]:
        """Close every event that is open, and sum up: also to `summary.json`."""
        if self._patrol is not None:
            self._tell(self._patrol.finish(self._time))
        took = sorted(self._took) or [0.0]
        summary = {
            "frames": len(self._took),
            "broken": self._broken,
            "scenes": self._scenes,
            "stills": self._stills,
            "detections": self._found,
            "events": self._kinds,
            "ms_mean": round(statistics.fmean(took), 2),
            "ms_p50": round(took[len(took) // 2], 2),
            "ms_p95": round(took[min(len(took) - 1, int(len(took) * 0.95))], 2),
            "calibrated": self._patrol is not None and self._patrol.view.config.calibrated,
            "out": str(self._out),
        }
        (self._out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
        return summary

    def close(self) -> None:
        """Close the files."""
        self._detections.close()
        self._events.close()

    def told(self, summary: dict[str, Any]) -> str:
        """The summary for a person."""
        events = ", ".join(f"{count} {kind}" for kind, count in sorted(self._kinds.items())) or "no events"
        metres = (
            "" if summary["calibrated"] else "; no camera file with ground points: sizes are per cent of the picture"
        )
        stills = (
            f"{summary['stills']} looked at as stills, against their own water: less sure, and no events\n"
            if summary["stills"]
            else ""
        )
        return (
            f"{summary['frames']} pictures, {summary['broken']} broken, {summary['detections']} detections, {events}\n"
            f"{stills}"
            f"{summary['ms_mean']:.1f} ms a picture (median {summary['ms_p50']:.1f}, p95 {summary['ms_p95']:.1f})\n"
            f"written to {self._out}{metres}"
        )

    def _for(self, bgr: Image, moment: int) -> Patrol:
        """The patrol that is to see a picture; a new one where another place begins."""
        now = glance(bgr) if self._cuts else None
        begins = self._patrol is None or (now is not None and self._glance is not None and cut(self._glance, now))
        self._glance = now
        if self._patrol is None or begins:
            if self._patrol is not None:
                self._tell(self._patrol.finish(self._time))
            self._scenes += 1
            self._patrol = patrol_of(self._configure(bgr.shape[1], bgr.shape[0]))
        return self._patrol

    def _tell(self, step: Step) -> None:
        files = {exhibit.piece.sha256: self._keep(exhibit) for exhibit in step.evidence}
        for event in step.events:
            if event.state == "open":
                self._kinds[event.kind] = self._kinds.get(event.kind, 0) + 1
            _write(self._events, _event(event, files))
            if not self._quiet:
                print(_sentence(event), flush=True)

    def _keep(self, exhibit: Exhibit) -> str:
        """Write a piece of evidence, its blurred twin beside it; the name of its file."""
        number = self._pieces[exhibit.event_id] = self._pieces.get(exhibit.event_id, 0) + 1
        piece = exhibit.piece
        ending = "png" if piece.media_type == "image/png" else "jpg"
        stem = "-".join(filter(None, (f"{number:02}", piece.role, piece.kind)))
        folder = self._out / "evidence" / exhibit.event_id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.{ending}").write_bytes(exhibit.data)
        if exhibit.twin_data is not None:
            (folder / f"{stem}.blurred.jpg").write_bytes(exhibit.twin_data)
        return f"evidence/{exhibit.event_id}/{stem}.{ending}"

    def _picture(self, bgr: Image, picture: Picture, step: Step, patrol: Patrol) -> None:
        marks = [Mark(item.box, f"{item.label} {item.score:.2f}", alarm=False) for item in step.detections]
        marks += [Mark(track.box, f"#{track.id}", alarm=True) for track in step.tracks if track.sure and track.visible]
        folder = self._out / "frames"
        folder.mkdir(exist_ok=True)
        drawn = encoded(overlay(bgr, patrol.view, marks, picture.time))
        (folder / f"{picture.number:06}.jpg").write_bytes(drawn)


def _of_still(patrol: Patrol, frame: Frame, *, stays: bool) -> Step:
    """What a picture shows by itself; where the patrol `stays` it takes the picture as its first."""
    alone = seen_alone(patrol.view, frame)
    if stays:
        return replace(patrol.step(frame), detections=alone.detections)
    return Step(alone.quality, alone.detections)


def _line(picture: Picture, step: Step, took: float) -> dict[str, Any]:
    found = {"frame": picture.number, "file": picture.name, "time": picture.time, "quality": step.quality.state}
    if step.quality.cause:
        found["cause"] = step.quality.cause
    return found | {"ms": round(took, 2), "detections": [_detection(item) for item in step.detections]}


def _detection(item: Detection) -> dict[str, Any]:
    return {
        "box": list(item.box),
        "score": item.score,
        "class": item.label,
        "detector": item.detector,
        "percent": round(item.share * 100, 4),
        "size_m": item.size_m,
        "area_m2": item.area_m2,
        "metres": item.ground,
        "lonlat": item.lonlat,
    }


def _event(event: PatrolEvent, files: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(event))
    pieces = [msgspec.to_builtins(piece) | {"file": files.get(piece.sha256, "")} for piece in event.evidence]
    return found | {"evidence": pieces}


def _sentence(event: PatrolEvent) -> str:
    size = f" {event.size_m:.1f} m" if event.size_m is not None else ""
    where = f" in {event.zone}" if event.zone else ""
    cause = f" ({event.cause})" if event.cause else ""
    return f"{rfc3339(event.time, _UTC)} {event.state:6} {event.kind}{size}{where}{cause} {event.event_id[:8]}"


def _write(stream: IO[str], entry: dict[str, Any]) -> None:
    stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
    stream.flush()
