"""A page of figures in sections: those that were taken again are replaced, the others stay as they were, each with its own day and command."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from benchmarks.machine import command, facts
from benchmarks.result import Result, markdown

_HEAD: Final = (
    "# Results\n\nWritten by the commands below and never by hand; ratios are taken in one run, alternated. "
    "`load` is the machine's load average when the row was done."
)
_SECTION: Final = re.compile(r"^## (\w+)\n", re.MULTILINE)
_OF_A_RUN: Final = 2
"""So many facts are of the run, the others of what it ran with."""


def section(results: Sequence[Result]) -> str:
    """What a figure says, with the command, the day and the machine."""
    told = "\n".join(f"- {fact}" for fact in facts()[:_OF_A_RUN])
    return f"    {command()}\n\n{told}\n\n{markdown(results)}"


def merged(old: str, taken: Mapping[str, str], order: Iterable[str]) -> str:
    """The page with the sections that were taken in place of the same ones of `old`, in the order of all figures."""
    parts = _SECTION.split(old)
    sections = {**dict(zip(parts[1::2], parts[2::2], strict=True)), **taken}
    told = "\n".join(f"- {fact}" for fact in facts()[_OF_A_RUN:])
    body = ("\n\n".join((f"## {name}", sections[name].strip("\n"))) for name in order if name in sections)
    return "\n\n".join([_HEAD, told, *body]) + "\n"
