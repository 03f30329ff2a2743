"""Detectors, one file each; `load` finds them all, so that adding a file adds a detector."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from vision.detector import Detector
from vision.geometry.view import View


def names() -> list[str]:
    """The names of all detectors: those of the modules here, in order."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def load(view: View, chosen: list[str] | None = None, models: Mapping[str, bytes] | None = None) -> list[Detector]:
    """The detectors of one camera, made anew; `chosen` names some of them, otherwise all; `models` are the site's own learned ones by detector.

    Raises:
        ValueError: a name that is no detector's, a module here without `detector(view, model)`, or a model that it cannot read.
    """
    known = names()
    if unknown := sorted(set(chosen or ()) - set(known)):
        raise ValueError(f"detectors {', '.join(unknown)}: expected some of {', '.join(known)}")
    return [_made(name, view, (models or {}).get(name)) for name in known if chosen is None or name in chosen]


def _made(name: str, view: View, model: bytes | None) -> Detector:
    make = getattr(import_module(f"{__name__}.{name}"), "detector", None)
    made = make(view, model) if callable(make) else None
    if not isinstance(made, Detector):
        raise ValueError(f"vision/detectors/{name}.py: expected a function detector(view, model) that gives a Detector")  # noqa: TRY004
    return made
