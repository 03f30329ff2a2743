"""Pieces of evidence as bytes to be kept, each chained to the one before it, each with a twin without people where people may be in it."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import cv2
import msgspec
import numpy as np
from msgspec.structs import replace

from hub.evidence import Evidence, EvidenceKind
from vision.detection import Box
from vision.events.shot import Shot, encoded
from vision.frame import Image
from vision.geometry.view import View
from vision.overlay import Mark, overlay

CROP_QUALITY: Final = 92
CROP_MARGIN: Final = 0.5
SMALLEST_CROP: Final = 96
COLUMNS: Final = 5


class Exhibit(msgspec.Struct, frozen=True):
    """One piece for the store: its entry and bytes, and those of its blurred twin where `piece.person` is set."""

    event_id: str
    piece: Evidence
    data: bytes
    twin: Evidence | None = None
    twin_data: bytes | None = None


class Album:
    """Makes the exhibits of one event in order; `prev` is the SHA-256 of the last piece made before."""

    def __init__(self, event_id: str, camera: str, view: View, prev: str = "") -> None:
        self._event_id, self._camera, self._view, self.prev = event_id, camera, view, prev
        self.exhibits: list[Exhibit] = []

    def frame(self, shot: Shot, role: str) -> None:
        """A whole picture as it came."""
        twin = encoded(shot.hide(shot.picture(), self._view)) if shot.person else None
        self._add(shot, "frame", role, shot.data, twin, shot.media_type)

    def crop(self, shot: Shot, box: Box, role: str) -> None:
        """A thing with some of what is around it, at full resolution."""
        self._both(shot, "crop", role, lambda bgr: encoded(_cut(bgr, box), CROP_QUALITY))

    def overlay(self, shot: Shot, tracks: Sequence[int], role: str) -> None:
        """The picture with zones, boxes, scale bar and time; `tracks` are those the event is about."""
        marks = [replace(mark, alarm=number in tracks) for number, mark in shot.marks]
        named = {number for number, _ in shot.marks}
        marks += [Mark(shot.boxes[one], "", alarm=True) for one in tracks if one in shot.boxes and one not in named]
        self._both(shot, "overlay", role, lambda bgr: encoded(overlay(bgr, self._view, marks, shot.time)))

    def strip(self, thumbs: Sequence[Shot]) -> None:
        """Small pictures of the last seconds, side by side from left to right and from top to bottom."""
        if not thumbs:
            return
        plain = [shot.picture() for shot in thumbs]
        last = replace(thumbs[-1], banks=any(shot.banks for shot in thumbs))
        hidden = [shot.hide(bgr, self._view) for shot, bgr in zip(thumbs, plain, strict=True)]
        twin = encoded(_sheet(hidden)) if any(shot.person for shot in thumbs) else None
        self._add(last, "thumbnail", "", encoded(_sheet(plain)), twin, "image/jpeg")

    def _both(self, shot: Shot, kind: EvidenceKind, role: str, make: Callable[[Image], bytes]) -> None:
        bgr = shot.picture()
        twin = make(shot.hide(bgr, self._view)) if shot.person else None
        self._add(shot, kind, role, make(bgr), twin, "image/jpeg")

    def _add(self, shot: Shot, kind: EvidenceKind, role: str, data: bytes, twin: bytes | None, media_type: str) -> None:
        piece = Evidence(
            sha256=hashlib.sha256(data).hexdigest(),
            kind=kind,
            media_type=media_type,
            size=len(data),
            captured=shot.time,
            role=role,
            device=self._camera,
            prev=self.prev,
            person=twin is not None,
        )
        blurred = None
        if twin is not None:
            digest = hashlib.sha256(twin).hexdigest()
            blurred = replace(piece, sha256=digest, size=len(twin), media_type="image/jpeg", person=False)
        self.prev = piece.sha256
        self.exhibits.append(Exhibit(self._event_id, piece, data, blurred, twin))


def _cut(bgr: Image, box: Box) -> Image:
    """A box with a margin, at least 96 pixels a side where the picture has them."""
    height, width = bgr.shape[:2]
    wide = min(width, max(SMALLEST_CROP, round(box.w * (1 + 2 * CROP_MARGIN))))
    high = min(height, max(SMALLEST_CROP, round(box.h * (1 + 2 * CROP_MARGIN))))
    left = min(max(0, box.x + box.w // 2 - wide // 2), width - wide)
    top = min(max(0, box.y + box.h // 2 - high // 2), height - high)
    return bgr[top : top + high, left : left + wide]


def _sheet(pictures: Sequence[Image]) -> Image:
    """Pictures in rows of five, all as large as the last."""
    height, width = pictures[-1].shape[:2]
    rows = -(-len(pictures) // COLUMNS)
    sheet = np.zeros((rows * height, min(COLUMNS, len(pictures)) * width, 3), np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // COLUMNS * height, number % COLUMNS * width
        fitting = picture if picture.shape[:2] == (height, width) else cv2.resize(picture, (width, height))
        sheet[top : top + height, left : left + width] = fitting
    return sheet
