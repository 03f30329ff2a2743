"""The patrol under test, as the hub makes it: the shipped detectors and the shipped model."""

from typing import Protocol

from simulators.river.river import River
from vision.camera import CameraConfig
from vision.geometry.view import view_of
from vision.pipeline import Patrol
from vision.see import Eye


class Maker(Protocol):
    """Makes the patrol of a camera; the river is for a patrol whose eyes are the truth itself."""

    def __call__(self, config: CameraConfig, river: River | None = None, /) -> Patrol:
        """A patrol that has seen nothing yet."""
        ...


def patrol_of(config: CameraConfig, _river: River | None = None, /) -> Patrol:
    """The hub's own patrol."""
    return Patrol(config, Eye(view_of(config)))


def version_of(config: CameraConfig) -> str:
    """The names and hashes of the models."""
    return Eye(view_of(config)).version
