"""Frames of a JT/T 808 terminal, written and read from the text of the standard alone (2019, 4.4; 2013 and 2011, 4.4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

FLAG: Final = b"\x7e"
MOST_BODY: Final = 1023
_CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the platform."""

    id: int
    serial: int
    body: bytes
    total: int = 0
    number: int = 0


def word(number: int) -> bytes:
    """A WORD."""
    return bytes((number >> 8 & 255, number & 255))


def dword(number: int) -> bytes:
    """A DWORD."""
    return word(number >> 16) + word(number)


def bcd_time(moment: int) -> bytes:
    """Epoch ms as BCD[6] in GMT+8."""
    digits = datetime.fromtimestamp(moment / 1000, _CHINA).strftime("%y%m%d%H%M%S")
    return bytes(int(digits[place]) << 4 | int(digits[place + 1]) for place in range(0, 12, 2))


def padded(text: str, size: int) -> bytes:
    """Text in GBK, zeros behind."""
    raw = text.encode("gbk")[:size]
    return raw + bytes(size - len(raw))


def checksum(data: bytes) -> int:
    """XOR of all bytes."""
    result = 0
    for byte in data:
        result ^= byte
    return result


def escaped(data: bytes) -> bytes:
    """Between two flags."""
    marks = {0x7D: b"\x7d\x01", 0x7E: b"\x7d\x02"}
    return FLAG + b"".join(marks.get(byte, bytes((byte,))) for byte in data) + FLAG


class Wire:
    """One terminal's frames; `edition` is 2011, 2013 or 2019, `most` how long a body may be before it is split."""

    def __init__(self, phone: str, edition: int, most: int = MOST_BODY) -> None:
        self._edition = edition
        self._most = most
        digits = phone.zfill(20 if edition == 2019 else 12)
        self._phone = bytes(int(digits[place : place + 2], 16) for place in range(0, len(digits), 2))
        self.serial = 0
        self._held = b""

    def frames(self, message: int, body: bytes = b"") -> list[tuple[int, bytes]]:
        """The frames of a message with their serial numbers."""
        pieces = [body[start : start + self._most] for start in range(0, len(body), self._most)] or [b""]
        package = len(pieces) > 1
        found = []
        for number, piece in enumerate(pieces, 1):
            props = len(piece) | (0x2000 if package else 0) | (0x4000 if self._edition == 2019 else 0)
            version = b"\x01" if self._edition == 2019 else b""
            data = word(message) + word(props) + version + self._phone + word(self.serial)
            data += (word(len(pieces)) + word(number) if package else b"") + piece
            found.append((self.serial, escaped(data + bytes((checksum(data),)))))
            self.serial = (self.serial + 1) % 0x10000
        return found

    def feed(self, data: bytes) -> Iterator[Told]:
        """The platform's messages that are whole now; a frame that does not fit its check is passed over."""
        self._held += data
        while (end := self._held.find(FLAG, 1)) > 0:
            inside, self._held = self._held[: end + 1].strip(FLAG), self._held[end:]
            if inside:
                told = self._read(inside.replace(b"\x7d\x02", FLAG).replace(b"\x7d\x01", b"\x7d"))
                if told is not None:
                    yield told

    def _read(self, data: bytes) -> Told | None:
        if checksum(data):
            return None
        props = data[2] << 8 | data[3]
        at = 15 if props & 0x4000 else 10
        serial, at = data[at] << 8 | data[at + 1], at + 2
        total = number = 0
        if props & 0x2000:
            total, number = data[at] << 8 | data[at + 1], data[at + 2] << 8 | data[at + 3]
            at += 4
        return Told(data[0] << 8 | data[1], serial, data[at:-1], total, number)
