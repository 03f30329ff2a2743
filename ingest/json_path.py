"""Paths into a JSON document: `data.ph`, `$.sensors[0].value`, `["odd key"].x`."""

import re
from typing import Any, Final

Path = tuple[str | int, ...]

_STEP: Final = re.compile(r'\.?([^.\[\]"]+)|\[(\d+)\]|\["([^"]+)"\]')


def parse_path(text: str) -> Path:
    """The steps of a path; a leading `$` is the document itself.

    Raises:
        ValueError: not a path.
    """
    rest = text.removeprefix("$")
    steps: list[str | int] = []
    place = 0
    while place < len(rest):
        match = _STEP.match(rest, place)
        if match is None:
            raise ValueError(f"path {text!r}: expected names and [numbers], such as data.sensors[0].value")
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else name or quoted)
        place = match.end()
    return tuple(steps)


def find(path: Path, document: Any) -> Any:
    """What lies at the path, None where there is nothing."""
    found = document
    for step in path:
        if isinstance(found, list) and isinstance(step, str) and step.isdecimal():
            step = int(step)  # noqa: PLW2901 - sensors.0.value is another way to write sensors[0].value
        if isinstance(found, dict):
            found = found.get(str(step))
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found
