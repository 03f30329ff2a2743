"""`python -m processors.patrol.worker`: looks at the pictures of several cameras; a picture may kill it, and then only it.

It has neither clock nor files nor network: requests come by standard input, answers go by standard output.
"""

import os
import sys
from collections.abc import Callable
from typing import Final

import numpy as np

from hub.pictures import CameraFault, CameraState, ShownBox
from processors.patrol.memory import give_back
from processors.patrol.wire import (
    Absent,
    Answer,
    Export,
    Leave,
    Look,
    Piece,
    Request,
    SetUp,
    SpanSeen,
    read_request,
    write,
)
from processors.patrol.words import device_event
from storage.pictures import View
from vision.camera import read_camera
from vision.decode.header import BadPicture
from vision.decode.still import ImageError, coarse, decode_still, encode_jpeg, shrink, work_alone
from vision.events.exhibit import Exhibit
from vision.frame import Frame, Image
from vision.overlay import Mark, overlay
from vision.people.blur import blurred
from vision.pipeline import Patrol, Step, patrol_of
from vision.track.tracker import GAP_MS

SMALL: Final = 640
SHOWN: Final = 1280


class Cameras:
    """The cameras of one worker."""

    def __init__(self) -> None:
        self._patrols: dict[str, Patrol] = {}

    def answer(self, request: Request) -> Answer:
        """What comes of a request; what goes wrong with one camera's picture is that camera's alone."""
        try:
            return self._answer(request)
        except BadPicture as bad:
            return Answer(fault=bad.fault, detail=bad.detail)
        except (ValueError, ArithmeticError, LookupError, TypeError, AssertionError, ImageError) as error:
            return Answer(fault=CameraFault.CRASHED, detail=f"{type(error).__name__}: {error}"[:500])
        except MemoryError:
            return Answer(fault=CameraFault.TOO_LARGE, detail="more memory than a worker is given")

    def _answer(self, request: Request) -> Answer:
        match request:
            case SetUp():
                return self._set_up(request)
            case Look():
                return self._look(request)
            case Absent():
                step = self._patrols[request.station].absent(request.time, request.cause)
                return _told(step, request.received)
            case Export():
                return Answer(exported=self._patrols[request.station].export())
            case Leave():
                patrol = self._patrols.pop(request.station, None)
                if patrol is None or not request.time:
                    return Answer()
                return _told(patrol.finish(request.time), request.received)

    def _set_up(self, request: SetUp) -> Answer:
        patrol = self._patrols[request.station] = _fresh(request)
        if request.state is not None:
            try:
                patrol.restore(request.state)
            except ValueError as error:
                # An older form of state, or another set-up: the water is learned again, which takes a minute.
                self._patrols[request.station] = _fresh(request)
                return Answer(detail=f"begun anew: {error}")
        return Answer()

    def _look(self, look: Look) -> Answer:
        bgr = decode_still(look.data)
        size = (bgr.shape[1], bgr.shape[0])
        patrol = self._patrols.get(look.station)
        small = encode_jpeg(shrink(bgr, SMALL), 75) if look.keep else None
        if patrol is None:
            plain = _plain(bgr) if look.show else {}
            return Answer(state="blind", cause="not_set_up", size=size, pictures=plain, small=small)
        step = patrol.step(Frame(look.station, look.time, look.seq, bgr, look.data))
        told = _told(step, look.received)
        state: CameraState = "seen" if step.quality.usable else "blind"
        pictures: dict[View, bytes] = _drawn(look, bgr, step, patrol) if look.show else {}
        return Answer(
            events=told.events,
            features=told.features,
            pieces=told.pieces,
            numbers=dict(step.numbers),
            minute=step.minute,
            span=_span(step),
            state=state,
            cause="" if step.quality.usable else step.quality.cause or step.quality.state,
            size=size,
            boxes=_boxes(step),
            pictures=pictures,
            small=small,
        )


def _fresh(request: SetUp) -> Patrol:
    return patrol_of(read_camera(request.config), request.models, gap_ms=max(GAP_MS, request.gap_ms))


def _told(step: Step, received: int) -> Answer:
    events = tuple(device_event(event, received) for event in step.events)
    return Answer(events=events, features=_features(step), pieces=tuple(map(_piece, step.evidence)))


def _piece(exhibit: Exhibit) -> Piece:
    return Piece(exhibit.event_id, exhibit.piece, exhibit.data, exhibit.twin_data)


def _features(step: Step) -> dict[str, str]:
    """What the verifier judged each event's thing by, where it is in this frame: with an officer's word it becomes an example."""
    found: dict[str, str] = {}
    for event in step.events:
        if event.box is None:
            continue
        box = event.box
        near = max(step.detections, key=lambda one: one.box.overlap(box) if one.features else -1.0, default=None)
        if near is not None and near.features and near.box.overlap(box) > 0.3:
            found[event.event_id] = ",".join(f"{value:.9g}" for value in near.features)
    return found


def _span(step: Step) -> SpanSeen | None:
    span = step.span
    return None if span is None else SpanSeen(span.start, span.end, span.cause if span.state == "blind" else "")


def _boxes(step: Step) -> tuple[ShownBox, ...]:
    tracks = [track for track in step.tracks if track.sure and track.visible]
    return tuple(
        ShownBox(*track.box, round(track.score, 3), track.label, str(track.id), track.state, track.size_m)
        for track in tracks
    )


def _plain(bgr: Image) -> dict[View, bytes]:
    shown = encode_jpeg(shrink(bgr, SHOWN))
    # Nobody has said where people may be: without a set-up everything is made coarse for those who may not see them.
    return {"plain": shown, "boxes": shown, "blurred": encode_jpeg(coarse(bgr))}


def _drawn(look: Look, bgr: Image, step: Step, patrol: Patrol) -> dict[View, bytes]:
    sure = [track for track in step.tracks if track.sure and track.visible]
    marks = [Mark(track.box, f"{track.label} {track.score:.2f}") for track in sure]
    people = [track.box for track in sure if track.label in ("person", "other")]
    config = patrol.view.config
    scale = (bgr.shape[1] / config.width, bgr.shape[0] / config.height)
    rings = [np.array(zone.points, float) * scale for zone in config.banks]
    return {
        "plain": encode_jpeg(shrink(bgr, SHOWN)),
        "boxes": encode_jpeg(shrink(overlay(bgr, patrol.view, marks, look.time), SHOWN)),
        "blurred": encode_jpeg(shrink(blurred(bgr, people, rings), SHOWN)),
    }


def serve(cameras: Cameras, take: Callable[[], Request | None], give: Callable[[Answer], None]) -> None:
    """Answer requests until there are no more."""
    while (request := take()) is not None:
        give(cameras.answer(request))
        # After the answer has gone out, so that nobody waits for it.
        give_back()


def main() -> None:
    """Serve standard input."""
    work_alone()
    # Whatever a library prints must not stand between answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(Cameras(), lambda: read_request(sys.stdin.buffer), lambda answer: write(out, answer))


if __name__ == "__main__":
    main()
