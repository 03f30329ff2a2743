"""Incidents: how soon they are seen and told, and how quick the pages stay with many stored."""

from benchmarks.incidents import consoles, stored, told
from benchmarks.result import Result, Say, Scale


def run(scale: Scale, say: Say) -> list[Result]:
    """The rows of all three."""
    return [*consoles.run(scale, say), *told.run(scale, say), *stored.run(scale, say)]
