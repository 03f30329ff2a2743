"""HJ 212: pollution sources, air, noise and surface water (HJ/T 212-2005, HJ 212-2017, and HJ 212-2025 as far as its text is known)."""

from typing import Final

from ingest.field.session import Decoded, Line
from ingest.protocols.hj212.caller import NAME
from ingest.protocols.hj212.commands import NAMES
from ingest.protocols.hj212.frame import mask
from ingest.protocols.hj212.memory import Memories
from ingest.protocols.hj212.readings import MOST_PLANS, Reader
from ingest.protocols.hj212.session import Session
from ingest.protocols.hj212.shown import decode_frame


class Hj212:
    """The protocol; one for the process. `most_plans`: how many sequences of item names are remembered."""

    name = NAME
    commands = NAMES

    def __init__(self, most_plans: int = MOST_PLANS) -> None:
        self._reader = Reader(most_plans)
        self._memories = Memories()

    def open(self, line: Line, now: int) -> Session:
        return Session(line, self._reader, self._memories)

    def decode(self, data: bytes) -> Decoded:
        return decode_frame(data)

    def masked(self, data: bytes) -> bytes:
        return mask(data)


PROTOCOL: Final = Hj212()
