"""The field protocols: what a core decodes of each, and what connected devices cost the part `field`."""

from benchmarks.field import hj212, jt808, sessions, sl651
from benchmarks.result import Result, Say, Scale


def run(scale: Scale, say: Say) -> list[Result]:
    """The codecs first, then the sessions."""
    codecs = [row for protocol in (hj212, jt808, sl651) for row in protocol.run(scale, say)]
    return [*codecs, *sessions.run(scale, say)]
