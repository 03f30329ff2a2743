"""A camera's set-up as people send it: read, held to what a camera can be, and what its ground points are worth."""

from typing import Any

import msgspec
import numpy as np

from api.bodies import Body
from api.problem import FieldError, Problem
from hub.pictures import Source
from vision.camera import BadCamera, CameraConfig, Mistake, camera_of
from vision.geometry.ground import ground_metres
from vision.geometry.homography import Degenerate, Homography, Points, fit, residuals
from vision.site import GroundPoint


class SourceBody(Body):
    """Where pictures are fetched; `password` is a name of [patrol.passwords] in hub.toml."""

    url: str = ""
    password: str = ""
    every_s: float = 1.0
    key_frames: bool = True


class CameraBody(Body):
    """A camera's set-up: `config` the site drawn on the picture, null while none is; `source` null where the camera sends its pictures itself."""

    config: dict[str, Any] | None = None
    source: SourceBody | None = None


class DraftBody(Body):
    """A site that is being drawn; nothing is saved."""

    config: dict[str, Any]


def config_of(given: dict[str, Any], station: str) -> CameraConfig:
    """The configuration of this camera.

    Raises:
        Problem: `invalid-parameter` with every mistake and its field.
    """
    try:
        return camera_of({**given, "id": station})
    except BadCamera as error:
        raise _problem(error.mistakes) from error


def mistakes_of(given: dict[str, Any], station: str) -> list[Mistake]:
    """Everything wrong with a configuration; empty when it can be worked with."""
    try:
        camera_of({**given, "id": station})
    except BadCamera as error:
        return error.mistakes
    return []


def source_of(given: SourceBody | None) -> Source:
    """Where the pictures come from.

    Raises:
        Problem: `invalid-parameter`.
    """
    if given is None:
        return Source()
    try:
        return Source(**given.model_dump())
    except ValueError as error:
        field, _, expected = str(error).partition(": ")
        expected = expected.removeprefix("expected ")
        raise Problem(
            "invalid-parameter",
            f"source.{error}",
            zh=f"source.{field}：应为 {expected}",
            errors=[FieldError(f"source.{field}", expected, "body")],
        ) from error


def calibration(given: dict[str, Any]) -> dict[str, Any]:
    """What the ground points are worth, whatever else is wrong with a draft: residuals as shares and in metres, and where the horizon lies."""
    nothing: dict[str, Any] = {"calibrated": False, "residuals": [], "worst_residual": None, "horizon": None}
    try:
        pixels, metres = _points(given.get("ground"))
        plane = fit(pixels, metres)
    except (Degenerate, ValueError, TypeError):
        return nothing
    missed = residuals(plane, pixels, metres)
    away = np.hypot(*(plane.ground(pixels) - metres).T)
    rows = [{"share": _number(share), "metres": _number(far)} for share, far in zip(missed, away, strict=True)]
    return {
        "calibrated": True,
        "residuals": rows,
        "worst_residual": _number(float(np.max(missed))),
        "horizon": _horizon(plane, given.get("width")),
    }


def _points(given: Any) -> tuple[Points, Points]:
    ground = msgspec.convert(given or (), tuple[GroundPoint, ...])
    pixels = np.array([(point.x, point.y) for point in ground], float)
    return pixels, ground_metres(ground)


def _horizon(plane: Homography, width: Any) -> list[list[float]] | None:
    """Where the horizon crosses the left and right side of the picture; None when it is upright or nowhere."""
    a, b, c = plane.horizon
    if not isinstance(width, int | float) or abs(b) < 1e-12 * max(abs(a), 1e-12):
        return None
    ends = [[x, -(a * x + c) / b] for x in (0.0, float(width))]
    return ends if np.isfinite(ends).all() else None


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _problem(mistakes: list[Mistake]) -> Problem:
    errors = [FieldError(f"config.{one.field}", f"{one.expected} (it is {one.value})", "body") for one in mistakes]
    detail = "; ".join(f"{one.field} = {one.value}: expected {one.expected}" for one in errors_of(mistakes))
    zh = "；".join(f"{one.field}={one.value}：应为 {one.expected}" for one in errors_of(mistakes))
    return Problem("invalid-parameter", detail, zh=zh, errors=errors)


def errors_of(mistakes: list[Mistake]) -> list[Mistake]:
    """The mistakes with the field's place in the body."""
    return [Mistake(f"config.{one.field}", one.value, one.expected) for one in mistakes]
