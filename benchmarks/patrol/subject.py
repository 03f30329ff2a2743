"""The patrol under test, as the hub makes it: the shipped detectors and the shipped model."""

from typing import Protocol

from simulators.river.lens import Camera
from simulators.river.scene import Scene
from simulators.river.truth import Truth
from simulators.river.waves import Bytes
from vision.camera import CameraConfig
from vision.geometry.view import view_of
from vision.pipeline import Patrol
from vision.see import Eye


class Filmed(Protocol):
    """A river, drawn or real, with its truth."""

    @property
    def scene(self) -> Scene:
        """Its site, condition and traffic."""

    def frame(self, moment: int, /) -> tuple[Bytes, Truth]:
        """The picture and its truth at a moment (epoch ms)."""

    def camera(self, view: int = 0, /) -> Camera:
        """The camera that films it."""


class Maker(Protocol):
    """Makes the patrol of a camera; the river is for a patrol whose eyes are the truth itself."""

    def __call__(self, config: CameraConfig, river: Filmed | None = None, /) -> Patrol:
        """A patrol that has seen nothing yet."""


def patrol_of(config: CameraConfig, _river: Filmed | None = None, /) -> Patrol:
    """The hub's own patrol."""
    return Patrol(config, Eye(view_of(config)))


def version_of(config: CameraConfig) -> str:
    """The names and hashes of the models."""
    return Eye(view_of(config)).version
