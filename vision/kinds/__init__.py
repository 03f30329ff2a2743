"""The kinds of event, one file each; `load` finds them all, so that adding a file adds a kind."""

from importlib import import_module
from pkgutil import iter_modules

from vision.geometry.view import View
from vision.rules.claim import Kind


def load(view: View) -> list[Kind]:
    """Every kind of one camera, made anew, in order of their files.

    Raises:
        ValueError: a module here without `kinds(view)`, something in its answer that is no Kind, or two of one name.
    """
    found: list[Kind] = []
    for name in sorted(module.name for module in iter_modules(__path__)):
        make = getattr(import_module(f"{__name__}.{name}"), "kinds", None)
        made = make(view) if callable(make) else ()
        if not made or not all(isinstance(each, Kind) for each in made):
            raise ValueError(f"vision/kinds/{name}.py: expected a function kinds(view) that gives one Kind or more")
        found += made
    if len({kind.name for kind in found}) != len(found):
        raise ValueError(f"vision/kinds: two kinds of one name among {', '.join(kind.name for kind in found)}")
    return found
