"""The two drawings of a report, black on white: readings against their limit, and a sketch of the place."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, String
from reportlab.lib.colors import black, white

from storage.series import Points

WIDTH: Final = 480.0
CJK: Final = "STSong-Light"

_LEFT, _BOTTOM, _TOP = 46.0, 18.0, 8.0
_METRES: Final = 111_320.0
"""Of a degree of latitude."""
_NEAR: Final = 20_000.0


@dataclass(frozen=True, slots=True)
class Place:
    """A station to draw: its name and position, WGS-84."""

    station: str
    label: str
    lon: float
    lat: float


def chart(
    points: Sequence[Points], span: tuple[int, int], limit: float | None, labels: tuple[str, str], height: float = 150
) -> Drawing:
    """The readings over [start, end) as a line whose peaks are kept, with the limit dashed; `labels` are those of its ends."""
    drawing = Drawing(WIDTH, height)
    time = np.concatenate([one.time for one in points])
    value = np.concatenate([one.value for one in points])
    finite = np.isfinite(value)
    time, value = time[finite], value[finite]
    low, high = _range(value, limit)
    wide, tall = WIDTH - _LEFT - 6, height - _BOTTOM - _TOP
    drawing.add(_frame(_LEFT, _BOTTOM, wide, tall))
    for number in (low, (low + high) / 2, high):
        y = _BOTTOM + (number - low) / (high - low) * tall
        drawing.add(String(_LEFT - 4, y - 3, f"{number:.4g}", fontSize=7, textAnchor="end"))
    drawing.add(String(_LEFT, 6, labels[0], fontSize=7))
    drawing.add(String(WIDTH - 6, 6, labels[1], fontSize=7, textAnchor="end"))
    at = _kept(time, value, span, round(wide))
    x = _LEFT + (time[at] - span[0]) / max(1, span[1] - span[0]) * wide
    y = _BOTTOM + (value[at] - low) / (high - low) * tall
    if len(at) > 1:
        drawing.add(PolyLine(np.column_stack((x, y)).ravel().tolist(), strokeColor=black, strokeWidth=0.8))
    elif len(at):
        drawing.add(Circle(float(x[0]), float(y[0]), 1.5, fillColor=black))
    if limit is not None:
        level = _BOTTOM + (limit - low) / (high - low) * tall
        drawing.add(Line(_LEFT, level, _LEFT + wide, level, strokeColor=black, strokeDashArray=[4, 3]))
        drawing.add(String(_LEFT + wide - 4, level + 2, f"{limit:g}", fontSize=7, textAnchor="end"))
    return drawing


def _range(value: NDArray[np.float64], limit: float | None) -> tuple[float, float]:
    ends = [float(value.min()), float(value.max())] if len(value) else []
    ends += [] if limit is None else [limit]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    margin = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return low - margin, high + margin


def _kept(time: NDArray[np.int64], value: NDArray[np.float64], span: tuple[int, int], columns: int) -> NDArray[np.intp]:
    """Of each column of the paper its first, least, greatest and last reading: the line looks as it would with all of them."""
    if len(time) <= 4 * columns:
        return np.arange(len(time))
    column = (time - span[0]) * columns // max(1, span[1] - span[0])
    begins = np.flatnonzero(np.r_[True, np.diff(column) > 0])
    kept: set[int] = set()
    for begin, end in zip(begins, [*begins[1:], len(time)], strict=True):
        part = value[begin:end]
        kept |= {int(begin), int(begin + part.argmin()), int(begin + part.argmax()), int(end - 1)}
    return np.array(sorted(kept), dtype=np.intp)


def sketch(here: tuple[float, float], name: str, places: Iterable[Place], height: float = 170) -> Drawing:
    """The place in the middle, north up, the stations around it, and a bar of a round length."""
    drawing = Drawing(WIDTH, height)
    drawing.add(_frame(0, 0, WIDTH, height))
    near = [(place, *_offset(here, place)) for place in places]
    near = [one for one in near if 1.0 < math.hypot(one[1], one[2]) <= _NEAR]
    reach = max((max(abs(x) * height / WIDTH, abs(y)) for _, x, y in near), default=500.0) * 1.25
    scale = height / 2 / reach
    for place, x, y in near:
        at = (WIDTH / 2 + x * scale, height / 2 + y * scale)
        drawing.add(Circle(*at, 2.5, fillColor=white, strokeColor=black))
        drawing.add(String(at[0] + 5, at[1] - 3, place.label[:24], fontName=CJK, fontSize=7))
    middle = (WIDTH / 2, height / 2)
    drawing.add(Circle(*middle, 4.5, fillColor=black))
    drawing.add(Circle(*middle, 8, fillColor=None, strokeColor=black))
    drawing.add(String(middle[0] + 11, middle[1] - 3, name[:32], fontName=CJK, fontSize=9))
    _bar(drawing, scale)
    drawing.add(String(WIDTH - 14, height - 14, "N", fontSize=9, fontName="Helvetica-Bold", textAnchor="middle"))
    drawing.add(Line(WIDTH - 14, height - 36, WIDTH - 14, height - 17, strokeColor=black))
    drawing.add(String(8, height - 13, f"{here[0]:.6f}, {here[1]:.6f} (WGS-84)", fontSize=7))
    return drawing


def _offset(here: tuple[float, float], place: Place) -> tuple[float, float]:
    """Metres east and north; over some kilometres a plane does."""
    east = (place.lon - here[0]) * _METRES * math.cos(math.radians(here[1]))
    return east, (place.lat - here[1]) * _METRES


def _frame(x: float, y: float, wide: float, tall: float) -> PolyLine:
    corners = [x, y, x + wide, y, x + wide, y + tall, x, y + tall, x, y]
    return PolyLine(corners, strokeColor=black, strokeWidth=0.5)


def _bar(drawing: Any, scale: float) -> None:
    target = 80 / scale
    power = 10 ** math.floor(math.log10(target))
    length = max(step * power for step in (1, 2, 5) if step * power <= target)
    end = 8 + length * scale
    label = f"{length:g} m" if length < 1000 else f"{length / 1000:g} km"
    drawing.add(Line(8, 10, end, 10, strokeColor=black, strokeWidth=1.5))
    drawing.add(String(end + 4, 7, label, fontSize=7))
