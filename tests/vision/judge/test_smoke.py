"""Smoke: a veil that stands on a place and grows is told; a sky, a cloud that passes and a shadow are not."""

import cv2
import numpy as np
import pytest

from tests.vision.judge.script import START, camera
from vision.detector import Look
from vision.detectors.smoke import Smoke
from vision.frame import Frame, Image, Quality
from vision.geometry.view import view_of
from vision.kinds import smoke_suspected
from vision.rules.claim import Claim, Scene
from vision.site import Point, Zone
from vision.smoke.soft import image_score
from vision.track.tracker import Tracker

SKY = Zone("hill", tuple(Point(*each) for each in ((0, 0), (639, 0), (639, 119), (0, 119))))
CONFIG = camera(sky=(SKY,))
VIEW = view_of(CONFIG)
WIDE, HIGH = 320, 176
RNG = np.random.default_rng(9)


def _land() -> Image:
    """Bright sky over a dark speckled hill over water."""
    bgr = np.empty((HIGH, WIDE, 3), np.uint8)
    bgr[:30] = (225, 215, 210)
    bgr[30:60] = RNG.integers(30, 110, (30, WIDE, 3)) * np.array([0.5, 1.0, 0.6])
    bgr[60:] = (90, 100, 80)
    return bgr


LAND = _land()


def veiled(middle: float, foot: float, high: float, wide: float, thick: float = 0.7) -> Image:
    """The land behind a soft grey veil that widens upwards."""
    rows, columns = np.mgrid[0:HIGH, 0:WIDE].astype(float)
    above = (foot - rows) / max(high, 1e-6)
    spread = 4 + wide * np.clip(above, 0, 1)
    inside = (above >= 0) & (above <= 1) & (np.abs(columns - middle) < spread)
    cover = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2)[:, :, None] * thick
    return np.asarray(LAND * (1 - cover) + np.array([175, 175, 178]) * cover, np.uint8)


def claims(pictures: list[Image]) -> list[list[Claim]]:
    """What is claimed of pictures, one a second, the detector restarted in between."""
    detector, tracker = Smoke(VIEW), Tracker(VIEW)
    (kind,) = smoke_suspected.kinds(VIEW)
    told = []
    for second, picture in enumerate(pictures):
        time = START + 1000 * second
        frame, quality = Frame(CONFIG.id, time, second, picture), Quality()
        look = Look(frame, quality, VIEW, picture, picture[:, :, 0], (1.0, 1.0))
        again = Smoke(VIEW)
        again.restore(detector.export())
        detector = again
        tracks = tracker.update(time, detector.process(look), quality, frame.size)
        told.append(kind.claims(Scene(time, START, CONFIG.id, VIEW, quality, look, tracks)))
    return told


CLEAR = [LAND] * 30


def test_a_plume_that_grows_is_claimed_after_it_stayed() -> None:
    plume = [veiled(160, 58, min(50, 8 + 2 * n), min(16, 3 + n)) for n in range(60)]
    told = claims(CLEAR + plume)
    first = next(second for second, found in enumerate(told) if found)
    assert 30 + 30 <= first <= 30 + 55
    assert told[-1][0].facts.zone == "hill"


@pytest.mark.parametrize(
    "pictures",
    [
        CLEAR * 3,
        CLEAR + [veiled(10 + 5 * n, 40, 35, 20) for n in range(60)],
        CLEAR + [np.asarray(LAND * 0.8, np.uint8)] * 60,
    ],
    ids=["clear", "a cloud that passes", "a shadow over all"],
)
def test_no_smoke_is_no_event(pictures: list[Image]) -> None:
    assert not any(claims(pictures))


def test_a_single_picture_s_score_grows_with_the_smoke_in_it() -> None:
    rows, columns = np.mgrid[0:HIGH, 0:WIDE]
    billows = 120 + 40 * np.sin(columns / 23) * np.cos(rows / 17)
    full = np.repeat(billows[:, :, None], 3, axis=2).astype(np.uint8)
    sharp = RNG.integers(0, 255, (HIGH, WIDE, 3), np.uint8)
    assert image_score(full) > 0.8
    assert image_score(sharp) == 0


def test_a_camera_without_sky_looks_for_none() -> None:
    view = view_of(camera())
    detector = Smoke(view)
    frame = Frame(CONFIG.id, START, 0, LAND)
    assert detector.process(Look(frame, Quality(), view, LAND, LAND[:, :, 0], (1.0, 1.0))) == []
    assert detector.export() == b""
