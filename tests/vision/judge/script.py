"""A camera whose sight is written down: detections by time, in metres of a known view."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from vision.camera import CameraConfig
from vision.detection import Box, Detection, Label, Mask
from vision.detector import Seen
from vision.frame import Frame, Quality
from vision.geometry.view import View, view_of
from vision.site import Flow, GroundPoint, Limits, Point, Zone

START = 1_790_000_040_000  # a whole minute
WIDTH, HEIGHT = 640, 360
GROUND = (
    GroundPoint(40, 340, -5, 10),
    GroundPoint(600, 340, 5, 10),
    GroundPoint(233, 133, -10, 50),
    GroundPoint(407, 133, 10, 50),
)
WATER = Zone("river", tuple(Point(*each) for each in ((0, 120), (639, 120), (639, 359), (0, 359))))
BANK = Zone("east bank", tuple(Point(*each) for each in ((520, 110), (639, 110), (639, 359), (600, 359))))
LIMITS = Limits(accumulation_s=30, dwell_s=20, colour_s=60)

_SPECKS = np.random.default_rng(5).integers(90, 150, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
GROUND_COLOURS = _SPECKS.repeat(8, axis=0).repeat(8, axis=1)


def camera(*, calibrated: bool = True, **fields: object) -> CameraConfig:
    """A camera over a river that flows east at 0.5 m/s."""
    given: dict[str, object] = {
        "id": "river/camera/bridge-1",
        "width": WIDTH,
        "height": HEIGHT,
        "water": (WATER,),
        "ground": GROUND if calibrated else (),
        "origin": (121.6, 29.95) if calibrated else None,
        "flow": Flow(90, 0.5) if calibrated else None,
        "limits": LIMITS,
    }
    return CameraConfig(**(given | fields))  # type: ignore[arg-type]


def thing(
    view: View,
    east: float,
    north: float,
    size: float = 0.5,
    label: Label = "artificial",
    score: float = 0.9,
    upright: float = 0.6,
) -> Detection:
    """What a detector would say of a thing of a size in metres at a place; in a view without metres the same pixels without them."""
    known = view_of(camera())
    assert known.plane is not None
    x, y = known.plane.pixel(np.array([[east, north]]))[0]
    beside = known.plane.pixel(np.array([[east + size / max(upright, 1), north]]))[0][0]
    wide = max(2, round(float(beside - x)))
    high = max(2, round(wide * upright))
    return of_box(view, Box(round(float(x) - wide / 2), round(float(y)) - high, wide, high), label, score, size)


def of_box(view: View, box: Box, label: Label, score: float, size: float | None = None) -> Detection:
    """A detection that fills its box."""
    places, areas = view.ground(np.array([box.foot])), view.square_metres(np.array([box.foot]))
    place = None if places is None else (float(places[0][0]), float(places[0][1]))
    return Detection(
        box=box,
        mask=Mask.of(np.ones((box.h, box.w), bool)),
        score=score,
        label=label,
        detector="script",
        share=box.w * box.h / (WIDTH * HEIGHT),
        size_m=size if place else None,
        area_m2=None if areas is None else float(areas[0]) * box.w * box.h,
        ground=place,
        lonlat=view.lonlat(*place) if place else None,
    )


class ScriptedSight:
    """Sees what the script says; its state is how many frames it saw."""

    version = "script-1"

    def __init__(
        self, script: Mapping[int, Sequence[Detection]], qualities: Mapping[int, Quality] | None = None
    ) -> None:
        self._script, self._qualities = script, qualities or {}
        self.frames = 0
        self.acknowledged: list[Box] = []

    def see(self, frame: Frame) -> Seen:
        self.frames += 1
        quality = self._qualities.get(frame.time, Quality())
        found = tuple(self._script.get(frame.time, ())) if quality.usable else ()
        return Seen(quality, found, {"detections": float(len(found))})

    def acknowledge(self, box: Box) -> None:
        self.acknowledged.append(box)

    def export(self) -> bytes:
        return msgspec.json.encode(self.frames)

    def restore(self, state: bytes) -> None:
        self.frames = msgspec.json.decode(state, type=int)


def frame(time: int) -> Frame:
    """A speckled picture with its time in a corner, so that no two are alike."""
    bgr = GROUND_COLOURS.copy()
    bgr[:8, :64] = (time // np.arange(1, 65) % 255).astype(np.uint8)[None, :, None]
    return Frame("river/camera/bridge-1", time, time // 100, bgr)
