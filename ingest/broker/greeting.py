"""What a CONNECT asks for, and the CONNACK that answers it."""

from collections.abc import Callable

from msgspec import Struct

from ingest.broker.encoding import encode
from ingest.broker.errors import PacketError
from ingest.broker.limits import Limits
from ingest.broker.packets import V5, Connack, Connect
from ingest.broker.properties import Properties, Property, Value, number
from ingest.broker.reasons import CONNACK_311, Reason
from ingest.broker.records import Testament, testament_of
from ingest.broker.session import UNLIMITED

NEVER = 0xFFFFFFFF
MAX_CLIENT_ID = 1024


class Greeting(Struct, frozen=True):
    """A CONNECT understood; `expiry` in seconds (None = never, 0 = with the connection), `window` 0 = ours."""

    version: int
    client_id: str
    assigned: bool
    clean: bool
    expiry: int | None
    window: int
    max_packet: int
    will: Testament | None
    properties: Properties = ()

    @classmethod
    def of(cls, packet: Connect, new_id: Callable[[], str], limits: Limits) -> "Greeting":
        """The meaning of a CONNECT; PacketError carries the CONNACK's reason."""
        if len(packet.client_id) > MAX_CLIENT_ID or (
            not packet.client_id and packet.version != V5 and not packet.clean
        ):
            raise PacketError("client identifier", Reason.CLIENT_ID_INVALID)  # 3.1.1, 3.1.3-8
        asked = packet.properties
        if any(name == Property.AUTHENTICATION_METHOD for name, _ in asked):
            raise PacketError("no enhanced authentication is offered", Reason.BAD_AUTHENTICATION_METHOD)
        offered: list[tuple[int, Value]] = [
            (Property.SHARED_AVAILABLE, 0),
            (Property.MAXIMUM_PACKET_SIZE, limits.max_packet),
        ]
        client_id = packet.client_id
        if not client_id:
            client_id = new_id()
            offered.append((Property.ASSIGNED_CLIENT_ID, client_id))
        expiry: int | None = 0 if packet.clean else None
        if packet.version == V5:
            seconds = number(asked, Property.SESSION_EXPIRY, 0)
            expiry = None if seconds == NEVER else seconds
        return cls(
            packet.version,
            client_id,
            not packet.client_id,
            packet.clean,
            expiry,
            number(asked, Property.RECEIVE_MAXIMUM, 65_535 if packet.version == V5 else 0),
            number(asked, Property.MAXIMUM_PACKET_SIZE, UNLIMITED),
            None if packet.will is None else testament_of(packet.will),
            tuple(offered),
        )


def welcome(greeting: Greeting, present: bool) -> bytes:
    """The CONNACK of an accepted client."""
    return encode(Connack(Reason.SUCCESS, present, greeting.properties), greeting.version)


def refusal(version: int, reason: Reason) -> bytes:
    """The CONNACK of a refused client; empty where 3.1.1 has no code for the reason."""
    if version == V5:
        return encode(Connack(reason), version)
    code = CONNACK_311.get(reason)
    return b"" if code is None else encode(Connack(code), version)
