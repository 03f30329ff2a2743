"""The worst misses and the worst false alarms as one sheet each, drawn again by the simulator at the moment they happened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.patrol.match import Box, Pair, Presence
from benchmarks.patrol.outcome import Outcome
from benchmarks.patrol.segments import Segment
from simulators.river.waves import Bytes

MOST: Final = 8
_SIDE: Final = (320, 200)
_COLUMNS: Final = 4
_QUALITY: Final = 72
_TRUE: Final = (60, 220, 60)
_SAID: Final = (40, 40, 240)


def misses(missed: Sequence[tuple[Outcome, Presence]], segments: dict[str, Segment], path: Path) -> int:
    """The largest things that were missed, each where it was seen best; how many are shown."""
    worst = sorted(missed, key=lambda item: -item[1].size)[:MOST]
    crops = []
    for outcome, presence in worst:
        segment = segments.get(outcome.name)
        sight = max(presence.sights, key=lambda one: _area(one.box))
        if segment is None or sight.box is None:
            continue
        caption = f"{presence.cls} {presence.size:.2f} m, {segment.scene.site.name}, {segment.scene.condition.name}"
        crops.append(_crop(segment, sight.time, sight.box, caption, _TRUE))
    return _sheet(crops, path)


def false_alarms(wrong: Sequence[tuple[Outcome, Pair]], segments: dict[str, Segment], path: Path) -> int:
    """The surest alarms that were false; how many are shown."""
    worst = sorted(wrong, key=lambda item: -item[1].alarm.score)[:MOST]
    crops = []
    for outcome, pair in worst:
        segment = segments.get(outcome.name)
        boxed = [sight for sight in pair.alarm.sights if sight.box is not None]
        if segment is None or not boxed or boxed[0].box is None:
            continue
        caption = f"{pair.alarm.kind} {pair.alarm.score:.2f}, {segment.scene.site.name}, {segment.scene.condition.name}"
        crops.append(_crop(segment, boxed[0].time, boxed[0].box, caption, _SAID))
    return _sheet(crops, path)


def _crop(segment: Segment, moment: int, box: Box, caption: str, colour: tuple[int, int, int]) -> Bytes:
    picture = segment.river().frame(moment)[0]
    left, top, right, bottom = (round(value) for value in box)
    cv2.rectangle(picture, (left - 3, top - 3), (right + 3, bottom + 3), colour, 1)
    width, height = max(_SIDE[0], 2 * (right - left)), max(_SIDE[1], 2 * (bottom - top))
    x = int(np.clip((left + right - width) / 2, 0, max(picture.shape[1] - width, 0)))
    y = int(np.clip((top + bottom - height) / 2, 0, max(picture.shape[0] - height, 0)))
    part = np.asarray(cv2.resize(picture[y : y + height, x : x + width], _SIDE, interpolation=cv2.INTER_AREA), np.uint8)
    cv2.rectangle(part, (0, 0), (_SIDE[0], 18), (0, 0, 0), -1)
    cv2.putText(part, caption, (4, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA)
    return part


def _sheet(crops: list[Bytes], path: Path) -> int:
    if not crops:
        path.unlink(missing_ok=True)
        return 0
    rows = -(-len(crops) // _COLUMNS)
    columns = min(len(crops), _COLUMNS)
    blank = np.zeros((_SIDE[1], _SIDE[0], 3), np.uint8)
    filled = [*crops, *([blank] * (rows * columns - len(crops)))]
    sheet = np.vstack([np.hstack(filled[row * columns : (row + 1) * columns]) for row in range(rows)])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return len(crops)


def _area(box: Box | None) -> float:
    return 0.0 if box is None else (box[2] - box[0]) * (box[3] - box[1])
