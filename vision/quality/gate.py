"""The gate before all detectors: ok, degraded, black, frozen, moved or blind, and why.

| state | cause |
|---|---|
| black | `dark` |
| blind | `covered`, `fog`, `night` |
| frozen | `same` (bit for bit), `noiseless` (written anew, or only the clock moves); see `vision.quality.stillness` |
| moved | `view` (shifted or turned), `size` (another shape of picture) |
| degraded | `glare`, `blur`, `noise`, `shake`; `fog` through which the nearest water is seen |
"""

from dataclasses import dataclass, field
from typing import Final

from vision.frame import Frame, Image, Quality, QualityState
from vision.quality.measure import Measured, measure
from vision.quality.register import SIZE, Edges, Shift, edges_of, refreshed, shift_of, window_of
from vision.quality.stillness import Stillness

MOVED_MS: Final = 4_000
REFRESH_MS: Final = 10_000
_FARTHEST: Final = 0.06
_SHAKE: Final = 3.0
"""Pixels of the registration's size between two frames; less is taken out, and blurs nothing."""
_STRANGER: Final = 0.4
"""A view that is less like its reference than this share of what is usual is another one."""
_RECOGNISED: Final = 0.1
"""A view that is usually less like itself than this (open water) cannot be told from another one."""
_VEILED: Final = 10.0
"""Levels: nearest water that stands out less is hidden by fog (of 70 m sight drawn rivers keep 11 to 26 there, of 25 m at most 9)."""
_GLARE: Final = 0.4
_LOUD: Final = 14.0
_BLURRED: Final = 0.4


@dataclass(eq=False)
class GateState:
    """What the gate remembers; times are the frames' own (ms). `sharp` and `like`: how sharp and how like its reference the view usually is, by colour mode."""

    lost_since: int | None = None
    reference: dict[bool, Edges] = field(default_factory=dict)
    refreshed: int = 0
    sharp: dict[bool, float] = field(default_factory=dict)
    like: dict[bool, float] = field(default_factory=dict)
    shift: tuple[float, float] = (0.0, 0.0)


class Gate:
    """Judges frames in the order of time; the state is all it remembers."""

    def __init__(self, water: Image, aspect: float) -> None:
        self._water = water
        self._aspect = aspect
        self._window = window_of(water)
        self.stillness = Stillness()
        self.state = GateState()

    def step(self, frame: Frame, small: Image, grey: Image) -> Quality:
        """The quality of a frame, given also small, in BGR and grey, at the size of the water's pixels."""
        seen = measure(frame.bgr, small, grey, self._water)
        infrared = seen.chroma < 2
        standing = self.stillness.step(frame.time, seen.digest, grey, infrared)
        frozen: tuple[QualityState, str] = ("frozen", standing) if standing else ("ok", "")
        told, cause = self._cannot_see(seen) or frozen
        shift = Shift(0, 0, 0)
        width, height = frame.size
        if abs(width / height / self._aspect - 1) > 0.03:
            told, cause = "moved", "size"
        elif told == "ok":
            # Fog leaves too little to find a shift by; the camera stays where it was.
            shift = Shift(*self.state.shift, 0) if _foggy(seen) else self._shift(grey, frame.time, infrared)
            told, cause = (
                self._moved(shift, seen, frame.time, infrared) or self._poor(seen, shift, infrared) or ("ok", "")
            )
            self._remember(shift, seen, told, infrared)
        scale = width / SIZE[0], height / SIZE[1]
        dx, dy = (round(v * s, 3) for v, s in zip(self.state.shift, scale, strict=True))
        return Quality(
            told,
            cause,
            round(seen.sharpness, 3),
            round(seen.contrast, 3),
            round(seen.noise, 3),
            round(seen.luma, 3),
            round(seen.clipped, 4),
            infrared,
            dx,
            dy,
        )

    def accept_view(self) -> None:
        """Take the view of the next frame as the reference: the camera was set up anew."""
        self.state.reference.clear()
        self.state.like.clear()
        self.state.lost_since = None
        self.state.shift = (0.0, 0.0)

    def _cannot_see(self, seen: Measured) -> tuple[QualityState, str] | None:
        if seen.bright < 14:
            return "black", "dark"
        if seen.luma < 22 and seen.contrast < 12:
            return "blind", "night"
        if seen.contrast < 5 and seen.sharpness < 1.2:
            return "blind", "covered"
        return ("blind", "fog") if _foggy(seen) and seen.near < _VEILED else None

    def _shift(self, grey: Image, time: int, infrared: bool) -> Shift:
        state, edges = self.state, edges_of(grey)
        reference = state.reference.get(infrared)
        if reference is None:
            state.reference[infrared], state.refreshed = edges, time
            return Shift(0, 0, 0)
        shift = shift_of(reference, edges, self._window, state.shift)
        due = abs(time - state.refreshed) >= REFRESH_MS and not self._stranger(shift, infrared)
        if due and max(abs(shift.dx), abs(shift.dy)) < 0.5:
            state.reference[infrared], state.refreshed = refreshed(reference, edges), time
        return shift

    def _stranger(self, shift: Shift, infrared: bool) -> bool:
        """Whether the view is not to be recognised though it usually is."""
        usual = self.state.like.get(infrared, 0.0)
        return usual > _RECOGNISED and shift.likeness < _STRANGER * usual

    def _moved(self, shift: Shift, seen: Measured, time: int, infrared: bool) -> tuple[QualityState, str] | None:
        """Moved when the view is another or far off for some seconds; until then the frame is shaken."""
        state = self.state
        far = max(abs(shift.dx), abs(shift.dy)) > _FARTHEST * SIZE[0]
        if not far and (_foggy(seen) or not self._stranger(shift, infrared)):
            state.lost_since = None
            return None
        if state.lost_since is None or time < state.lost_since:
            state.lost_since = time
        return ("moved", "view") if time - state.lost_since >= MOVED_MS else ("degraded", "shake")

    def _poor(self, seen: Measured, shift: Shift, infrared: bool) -> tuple[QualityState, str] | None:
        if max(abs(shift.dx - self.state.shift[0]), abs(shift.dy - self.state.shift[1])) > _SHAKE:
            return "degraded", "shake"
        if seen.clipped > _GLARE:
            return "degraded", "glare"
        if _foggy(seen):
            return "degraded", "fog"
        if seen.sharpness < _BLURRED * self.state.sharp.get(infrared, 0):
            return "degraded", "blur"
        return ("degraded", "noise") if seen.noise > _LOUD else None

    def _remember(self, shift: Shift, seen: Measured, told: QualityState, infrared: bool) -> None:
        state = self.state
        if state.lost_since is None:
            state.shift = (shift.dx, shift.dy)
        if told == "ok":
            # From nothing upwards: a view has to be recognised for a while before it can be missed.
            like = state.like.get(infrared, 0.0)
            state.like[infrared] = like + 0.2 * (shift.likeness - like)
            usual = state.sharp.get(infrared, seen.sharpness)
            state.sharp[infrared] = usual + 0.02 * (seen.sharpness - usual)


def _foggy(seen: Measured) -> bool:
    """Whether there is little to be seen in the whole picture, and it is bright."""
    return seen.contrast < 14 and seen.sharpness < 1.5 and seen.luma > 90
