"""Asking a hub's own files: the store opened beside whoever writes it, the answer to a file or to standard output."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.local import Reply, ask, history
from hub.clock import SystemClock
from hub.commands.opened import opened
from hub.config import read_optional
from storage import open_series
from storage.series import SeriesStore


def asked(
    question: str,
    config: Path | None,
    data: Path | None,
    out: Path | None = None,
    around: Callable[[SeriesStore], SeriesStore] = lambda store: store,
) -> Reply:
    """The answer to `question`, its body in `out` or on standard output; `around` may look on while the store is read."""
    with opened(config, data) as (settings, records):
        token = read_optional(settings.engines.series_token)
        store = open_series(settings.engines.series, settings.hub.data, readonly=True, token=token)
        with closing(store), _taking(out) as taking:
            reply = ask(history(settings, records, around(store), SystemClock()), question, {}, taking.take)
            taking.good = reply.status < 400
    return reply


def said(reply: Reply) -> int:
    """The exit status of an answer; what was wrong with the question goes to standard error, a line a field."""
    if reply.status < 400:
        return 0
    problem = json.loads(reply.problem)
    lines = [f"{one['field']}: expected {one['expected']}" for one in problem.get("errors", ())]
    print("\n".join(f"hub: {line}" for line in lines or [problem.get("detail") or problem["title"]]), file=sys.stderr)
    return 2 if reply.status < 500 else 1


@dataclass(slots=True)
class _Taking:
    """Where a body goes, and whether it became what was asked for."""

    take: Callable[[bytes], object]
    good: bool = False


@contextmanager
def _taking(out: Path | None) -> Iterator[_Taking]:
    """A file gets its name only when it is whole."""
    if out is None:
        yield _Taking(sys.stdout.buffer.write)
        sys.stdout.flush()
        return
    half = out.with_name(f".{out.name}.half")
    try:
        with half.open("wb") as file:
            taking = _Taking(file.write)
            yield taking
        if taking.good:
            half.replace(out)
    finally:
        half.unlink(missing_ok=True)
