"""The data representations of MQTT (3.1.1 and 5, section 1.5): integers, strings, binary data."""

from ingest.broker.errors import MalformedPacket

MAX_VARINT = 268_435_455


class Reader:
    """Walks the bytes of one packet; reading past its end is a malformed packet."""

    __slots__ = ("_data", "_end", "pos")

    def __init__(self, data: bytes, pos: int, end: int) -> None:
        self._data = data
        self._end = end
        self.pos = pos

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return self._end - self.pos

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        stop = self.pos + count
        if stop > self._end:
            raise MalformedPacket(f"packet ends {stop - self._end} bytes early")
        part = self._data[self.pos : stop]
        self.pos = stop
        return part

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self._end - self.pos)

    def number(self, width: int) -> int:
        """A big-endian integer of `width` bytes."""
        return int.from_bytes(self.take(width), "big")

    def varint(self) -> int:
        """A variable byte integer in its shortest form."""
        value = shift = 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 21:
                raise MalformedPacket("variable byte integer of more than four bytes")
        # MQTT 5, 1.5.5: the encoded value must use the fewest bytes.
        if shift and value < 1 << shift:
            raise MalformedPacket("variable byte integer longer than needed")
        return value

    def binary(self) -> bytes:
        """Binary data with its two-byte length."""
        return self.take(self.number(2))

    def text(self) -> str:
        """A UTF-8 string with its two-byte length; no null character (1.5.4)."""
        try:
            text = self.binary().decode()
        except UnicodeDecodeError as error:
            raise MalformedPacket("string is not UTF-8") from error
        if "\0" in text:
            raise MalformedPacket("string holds a null character")
        return text

    def finish(self) -> None:
        """Nothing may follow."""
        if self.left:
            raise MalformedPacket(f"{self.left} bytes too many")


def write_varint(value: int) -> bytes:
    """The shortest variable byte integer."""
    if value < 0x80:
        return bytes((value,))
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    if value > MAX_VARINT:
        raise ValueError(f"{value} does not fit a variable byte integer")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_binary(data: bytes) -> bytes:
    """Binary data after its two-byte length; at most 65 535 bytes."""
    return len(data).to_bytes(2, "big") + data


def write_text(text: str) -> bytes:
    """A UTF-8 string after its two-byte length; at most 65 535 bytes."""
    return write_binary(text.encode())
