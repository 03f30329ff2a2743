"""Prometheus text (exposition format 0.0.4) of what every part counts, and of the application's own counts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from api.board import Line

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_NAME: Final = re.compile(r"[^a-zA-Z0-9_]")

Sample = tuple[dict[str, str], float]


class Counts:
    """What the application counts itself; only the event loop's thread adds."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()


def exposition(
    lines: Iterable[Line], answers: Counter[tuple[str, int]], listeners: int, extra: dict[str, float]
) -> str:
    """The whole page. A part's counter `a.b` becomes `hub_part_a{part=...,key="b"}`."""
    families: dict[str, list[Sample]] = {}
    for line in lines:
        families.setdefault("hub_part_up", []).append(({"part": line.name}, float(line.ok)))
        for name, value in line.counters.items():
            word, _, key = name.partition(".")
            labels = {"part": line.name, **({"key": key} if key else {})}
            families.setdefault(f"hub_part_{_plain(word)}", []).append((labels, value))
    for (method, status), count in sorted(answers.items()):
        labels = {"method": method, "status": str(status)}
        families.setdefault("hub_http_answers_total", []).append((labels, float(count)))
    families["hub_event_listeners"] = [({}, float(listeners))]
    for name, value in extra.items():
        word, _, key = name.partition(".")
        families.setdefault(_plain(word), []).append(({"key": key} if key else {}, value))
    return "\n".join([*_text(families), ""])


def _text(families: dict[str, list[Sample]]) -> Iterator[str]:
    for name, samples in families.items():
        yield f"# TYPE {name} {'counter' if name.endswith('_total') else 'untyped'}"
        for labels, value in samples:
            inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            yield f"{name}{{{inside}}} {value:.17g}" if inside else f"{name} {value:.17g}"


def _plain(name: str) -> str:
    return _NAME.sub("_", name)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
