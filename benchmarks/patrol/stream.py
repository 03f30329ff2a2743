"""Feeding a stream to a patrol and collecting what it says."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from benchmarks.patrol.outcome import Outcome, alarms_of
from benchmarks.patrol.presences import Witness, debris_area
from benchmarks.patrol.subject import Filmed, Maker, patrol_of
from simulators.river.setup import camera_config
from simulators.river.truth import Truth
from vision.events.event import PatrolEvent
from vision.frame import Frame

_PAGE: Final = 4096


class Stream(Protocol):
    """A stream to be judged: what is filmed, how long it warms up, and when its frames are."""

    @property
    def name(self) -> str:
        """What it is called in the page: place, condition, seed."""

    @property
    def length(self) -> int:
        """Seconds that count."""

    @property
    def period(self) -> int:
        """Milliseconds from frame to frame."""

    @property
    def armed(self) -> int:
        """When counting begins (epoch ms)."""

    def moments(self) -> range:
        """The times of all frames (epoch ms)."""

    def river(self) -> Filmed:
        """What is filmed."""


@dataclass
class _Spans:
    """Stretches of time in which something was wrong with the camera."""

    found: list[tuple[str, int, int]]

    def look(self, truth: Truth, period: int) -> None:
        what = truth.fault or ("moved" if truth.view else "")
        if not what:
            return
        if self.found and self.found[-1][0] == what and truth.time - self.found[-1][2] <= 2 * period:
            self.found[-1] = what, self.found[-1][1], truth.time
        else:
            self.found.append((what, truth.time, truth.time))


def run(segment: Stream, make: Maker = patrol_of) -> Outcome:
    """Render a segment and feed it; presences and alarms of the time after the warm-up."""
    cv2.setNumThreads(1)
    river = segment.river()
    scene = river.scene
    config = camera_config(scene, f"bench:{scene.site.name}")
    witness, spans = Witness(scene.site.watch, scene.site.walk, config.min_size_m), _Spans([])
    picture, truth = river.frame(segment.moments()[0])
    before, patrol = resident(), make(config, river)
    events: list[PatrolEvent] = []
    covered: dict[int, float] = {}
    busy, frames, blind, states = 0.0, 0, 0, Counter[str]()
    words: frozenset[str] = frozenset()
    for number, moment in enumerate(segment.moments()):
        picture, truth = river.frame(moment)
        begun = time.process_time()
        step = patrol.step(Frame(config.id, moment, number, picture))
        busy += time.process_time() - begun
        events += step.events
        if moment >= segment.armed:
            witness.look(truth)
            spans.look(truth, segment.period)
            covered[moment] = debris_area(truth, scene.site.watch)
            frames += 1
            blind += not step.quality.usable
            states[f"{step.quality.state} {step.quality.cause}".strip()] += 1
            words |= truth.words
    camera = river.camera()
    alarms = alarms_of(events, lambda x, y: _ground(camera.ground(np.array([[x, y]]))))
    return Outcome(
        name=segment.name,
        words=words,
        seconds=segment.length,
        frames=frames,
        presences=tuple(witness.presences()),
        alarms=tuple(alarms),
        covered=covered,
        faults=tuple(spans.found),
        busy_ms=busy * 1000 / len(segment.moments()),
        held=max(resident() - before, 0),
        blind=blind / max(frames, 1),
        armed=segment.armed,
        states=states,
        version=events[0].model_version if events else "",
    )


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _ground(met: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> tuple[float, float] | None:
    east, north = (float(value) for value in met[0])
    return (east, north) if np.isfinite(east) else None
