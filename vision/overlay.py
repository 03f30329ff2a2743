"""A picture with what the patrol sees in it: boxes, zones, a scale bar and the time, for evidence and for the wall."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import cv2
import msgspec
import numpy as np

from vision.detection import Box
from vision.frame import Image
from vision.geometry.view import View
from vision.site import Zone

Colour = tuple[int, int, int]
WATER: Final[Colour] = (214, 160, 60)
BANK: Final[Colour] = (80, 180, 240)
EXCLUDED: Final[Colour] = (150, 150, 150)
ALARM: Final[Colour] = (40, 40, 230)
KNOWN: Final[Colour] = (90, 200, 90)
_BARS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


class Mark(msgspec.Struct, frozen=True):
    """A box to draw, in pixels of the picture, with its words (ASCII); `alarm` when it is what an event is about."""

    box: Box
    text: str
    alarm: bool = False


def overlay(bgr: Image, view: View, marks: Sequence[Mark], time: int) -> Image:
    """A copy with zones, boxes, scale bar (where calibrated) and the time (UTC); sized to the picture."""
    drawn = bgr.copy()
    width = bgr.shape[1]
    thick, scale = max(1, width // 640), max(0.35, width / 1600)
    config = view.config
    for zones, colour in ((config.water, WATER), (config.banks, BANK), (config.exclusions, EXCLUDED)):
        _outline(drawn, view, zones, colour, thick)
    for mark in sorted(marks, key=lambda mark: mark.alarm):
        colour = ALARM if mark.alarm else KNOWN
        x, y, w, h = mark.box
        cv2.rectangle(drawn, (x, y), (x + w, y + h), colour, thick)
        _write(drawn, mark.text, (x, y - 4 * thick if y > 24 * scale else y + h + int(20 * scale)), colour, scale)
    alarmed = [mark.box for mark in marks if mark.alarm] or [mark.box for mark in marks]
    if alarmed:
        _bar(drawn, view, alarmed[0], thick, scale)
    moment = datetime.fromtimestamp(time / 1000, UTC).isoformat(sep=" ", timespec="seconds")
    _write(drawn, moment.replace("+00:00", " UTC"), (8, int(24 * scale)), (255, 255, 255), scale)
    return drawn


def _outline(drawn: Image, view: View, zones: Sequence[Zone], colour: Colour, thick: int) -> None:
    scale = np.array([drawn.shape[1] / view.config.width, drawn.shape[0] / view.config.height])
    rings = [np.round(np.array(zone.points) * scale).astype(np.int32) for zone in zones]
    if rings:
        cv2.polylines(drawn, rings, isClosed=True, color=colour, thickness=thick, lineType=cv2.LINE_AA)


def _bar(drawn: Image, view: View, box: Box, thick: int, scale: float) -> None:
    """A bar of round length on the water below a box; none where metres are not known."""
    ratio = view.config.width / drawn.shape[1]
    foot = np.array([box.foot]) * (ratio, view.config.height / drawn.shape[0])
    here, beside = view.ground(foot), view.ground(foot + np.array([ratio, 0.0]))
    if here is None or beside is None:
        return
    metres = float(np.hypot(*(beside - here)[0]))
    wanted = [length for length in _BARS if 40 * scale <= length / metres <= 300 * scale] if metres > 0 else []
    if not wanted:
        return
    length = round(wanted[0] / metres)
    left = int(min(max(0, box.foot[0] - length / 2), drawn.shape[1] - length))
    y = int(min(box.foot[1] + 12 * scale, drawn.shape[0] - 4))
    cv2.line(drawn, (left, y), (left + length, y), (255, 255, 255), 2 * thick)
    _write(drawn, f"{wanted[0]:g} m", (left, min(y + int(22 * scale), drawn.shape[0] - 4)), (255, 255, 255), scale)


def _write(drawn: Image, text: str, at: tuple[int, int], colour: Colour, scale: float) -> None:
    """Text with a dark edge, so that it can be read on any ground."""
    heavy = max(1, round(2 * scale))
    for shade, thick in (((0, 0, 0), heavy + 2), (colour, heavy)):
        cv2.putText(drawn, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.6 * scale, shade, thick, cv2.LINE_AA)
