"""JT/T 808 (2011, 2013, 2019) with the driver-behaviour items of T/JSATL 12: terminals of vehicles."""

from ingest.field.session import Decoded, Line
from ingest.protocols.jt808.orders import ORDERS
from ingest.protocols.jt808.session import NAME, Jt808Session
from ingest.protocols.jt808.shown import decoded, masked
from ingest.protocols.jt808.vehicle import Vehicles


class Jt808:
    """The protocol; it remembers over connections what each terminal rang for and what was answered."""

    name = NAME
    commands = tuple(ORDERS)

    def __init__(self) -> None:
        self._vehicles = Vehicles()

    def open(self, line: Line, now: int) -> Jt808Session:
        return Jt808Session(line, self._vehicles)

    def decode(self, data: bytes) -> Decoded:
        return decoded(data)

    def masked(self, data: bytes) -> bytes:
        return masked(data)


PROTOCOL = Jt808()
