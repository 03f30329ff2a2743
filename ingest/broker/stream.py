"""A byte stream cut and glued anywhere, back into control packets."""

from ingest.broker.decoding import decode
from ingest.broker.errors import MalformedPacket, PacketError, PacketTooLarge
from ingest.broker.packets import V311, Connect, Packet

MAX_PACKET = 4 * 1024 * 1024


class PacketStream:
    """Reads packets of at most `max_packet` bytes; takes the protocol version from a CONNECT that passes through.

    After a bad packet `error` says what was wrong and nothing more is read: packets before it are still good.
    """

    def __init__(self, version: int = V311, max_packet: int = MAX_PACKET) -> None:
        self.version = version
        self.error: PacketError | None = None
        self._max = max_packet
        self._parts: list[bytes] = []
        self._have = 0
        self._need = 2

    def feed(self, data: bytes) -> list[Packet]:
        """The packets that these bytes complete, in order; never raises."""
        if self.error is not None:
            return []
        self._have += len(data)
        self._parts.append(data)
        if self._have < self._need:
            return []  # a large packet is joined once, not at each of its pieces
        buffer = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        packets: list[Packet] = []
        used = 0
        try:
            used = self._walk(buffer, packets)
        except PacketError as error:
            self.error = error
        rest = buffer[used:] if self.error is None else b""
        self._parts = [rest] if rest else []
        self._have = len(rest)
        return packets

    def _walk(self, buffer: bytes, packets: list[Packet]) -> int:
        pos, end = 0, len(buffer)
        while pos + 2 <= end:
            size, body = buffer[pos + 1], pos + 2
            if size > 0x7F:
                size, body = self._length(buffer, pos + 1)
                if body == 0:
                    self._need = end - pos + 1
                    return pos
            stop = body + size
            if stop - pos > self._max:
                raise PacketTooLarge(f"a packet of {stop - pos} bytes; at most {self._max} are taken")
            if stop > end:
                self._need = stop - pos
                return pos
            packet = decode(buffer[pos], buffer, body, stop, self.version)
            if type(packet) is Connect:
                self.version = packet.version
            packets.append(packet)
            pos = stop
        self._need = 2
        return pos

    @staticmethod
    def _length(buffer: bytes, pos: int) -> tuple[int, int]:
        """The remaining length at `pos` and where the body starts; 0 there when the length itself is cut."""
        value = 0
        for index, byte in enumerate(buffer[pos : pos + 4]):
            value |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                return value, pos + index + 1
        if len(buffer) - pos >= 4:
            raise MalformedPacket("remaining length of more than four bytes")
        return 0, 0
