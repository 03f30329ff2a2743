"""What a station of SL 651-2014 writes and reads, in HEX/BCD and ASCII coding; written from the standard alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_STX, _ETX, _SYN, _ETB = b"\x02", b"\x03", b"\x16", b"\x17"
_BEIJING: Final = timedelta(hours=8)

NAMES: Final = {"20": "PJ", "26": "PT", "27": "Q", "38": "VT", "39": "Z", "03": "C", "22": "PN05", "1A": "P1"}
"""The ASCII identifiers of what the simulated station measures (annex C)."""
SHAPES: Final = {
    "20": (6, 1),
    "26": (6, 1),
    "27": (10, 3),
    "38": (4, 2),
    "39": (8, 3),
    "03": (4, 1),
    "22": (6, 1),
    "1A": (6, 1),
}
"""BCD digits sent and decimals of each."""


def check(data: bytes) -> int:
    """CRC-16 by the six steps of H.3.2."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            low, register = register & 1, register >> 1
            if low:
                register ^= 0xA001
    return register


def stamp(moment: int, length: int = 12) -> str:
    """YYMMDDHHmmSS in Beijing time, or its first digits; `moment` epoch ms."""
    return f"{datetime.fromtimestamp(moment / 1000, UTC) + _BEIJING:%y%m%d%H%M%S}"[:length]


def number(value: float | None, digits: int, decimals: int) -> bytes:
    """Definition byte and BCD; None is missing, a negative number has FF before it."""
    size = digits // 2
    if value is None:
        return bytes((size << 3 | decimals,)) + b"\xff" * size
    text = f"{round(abs(value) * 10**decimals):0{digits}d}"[-digits:]
    data = (b"\xff" if value < 0 else b"") + bytes.fromhex(text)
    return bytes((len(data) << 3 | decimals,)) + data


@dataclass(frozen=True, slots=True)
class Down:
    """One frame from the centre: its end character, and its body after serial number and time."""

    function: int
    end: int
    serial: int
    sent: str
    rest: bytes
    total: int = 0
    number: int = 0


class Wire:
    """One station's addresses and coding; keeps what has come of a frame."""

    def __init__(self, station: str, password: str, *, centre: int = 1, ascii_: bool = False) -> None:
        self.station, self.password, self.centre, self.ascii = station, password, centre, ascii_
        self._kept = b""

    def frame(self, function: int, body: bytes, *, more: bool = False, packet: tuple[int, int] | None = None) -> bytes:
        """One frame up; `more` follow where it ends with ETB, `packet` is (total, number) of a split message."""
        head = f"{self.centre:02X}{self.station}{self.password}{function:02X}"
        start, counts = (_STX, "") if packet is None else (_SYN, f"{packet[0]:03X}{packet[1]:03X}")
        end = _ETB if more else _ETX
        if self.ascii:
            text = (
                b"\x01" + f"{head}{len(body) + len(counts):04X}".upper().encode() + start + counts.encode() + body + end
            )
            return text + b"%04X" % check(text)
        packed = bytes.fromhex(counts)
        data = b"\x7e\x7e" + bytes.fromhex(f"{head}{len(body) + len(packed):04X}") + start + packed + body + end
        return data + check(data).to_bytes(2, "big")

    def head(self, serial: int, moment: int) -> bytes:
        """Serial number and time sent."""
        text = f"{serial:04X}{stamp(moment)}"
        return text.encode() if self.ascii else bytes.fromhex(text)

    def site(self, kind: str = "", observed: int | None = None) -> bytes:
        """Station, its letter, and the time observed."""
        if self.ascii:
            words = f"ST {self.station} " + (f"{kind} " if kind else "")
            return (words + (f"TT {stamp(observed, 10)} " if observed is not None else "")).encode()
        data = b"\xf1\xf1" + bytes.fromhex(self.station) + kind.encode()
        return data if observed is None else data + b"\xf0\xf0" + bytes.fromhex(stamp(observed, 10))

    def element(self, code: str, value: float | None) -> bytes:
        """One element."""
        digits, decimals = SHAPES[code]
        if self.ascii:
            return f"{NAMES[code]} {'M' if value is None else f'{value:.{decimals}f}'} ".encode()
        return bytes.fromhex(code) + number(value, digits, decimals)

    def group(self, code: str, name: str, values: list[int | None], size: int) -> bytes:
        """Twelve values of five minutes as whole numbers of `size` bytes; None is missing."""
        data = b"".join(b"\xff" * size if value is None else value.to_bytes(size, "big") for value in values)
        if self.ascii:
            return f"{name} {data.hex().upper()} ".encode()
        return bytes.fromhex(code) + bytes((len(data) << 3 & 0xFF,)) + data

    def series(self, code: str, minutes: int, values: list[float | None]) -> bytes:
        """A time step and one element's values."""
        digits, decimals = SHAPES[code]
        if self.ascii:
            return f"DRN{minutes:02d} {NAMES[code]} ".encode() + b"".join(
                f"{'M' if value is None else f'{value:.{decimals}f}'} ".encode() for value in values
            )
        parts = [number(value, digits, decimals) for value in values]
        return bytes.fromhex(f"04180000{minutes:02d}{code}") + parts[0][:1] + b"".join(part[1:] for part in parts)

    def special(self, code: str, name: str, data: bytes) -> bytes:
        """What is followed by its own data to the end: manual text (F2), picture (F3)."""
        return name.encode() + b" " + data if self.ascii else bytes.fromhex(code * 2) + data

    def heard(self, data: bytes) -> list[Down]:
        """Whole frames from the centre whose check fits."""
        self._kept += data
        found = []
        while (length := self._length()) and len(self._kept) >= length:
            raw, self._kept = self._kept[:length], self._kept[length:]
            found += [self._ascii_down(raw)] if self.ascii else [self._hex_down(raw)]
        return [one for one in found if one is not None]

    def _length(self) -> int:
        head = 24 if self.ascii else 14
        if len(self._kept) < head:
            return 0
        field = self._kept[20:23] if self.ascii else self._kept[11:13].hex()[1:].encode()
        return head + int(field, 16) + (5 if self.ascii else 3)

    def _hex_down(self, raw: bytes) -> Down | None:
        if check(raw[:-2]) != int.from_bytes(raw[-2:], "big") or raw[2:7].hex().upper() != self.station.upper():
            return None
        counts, body = (int.from_bytes(raw[14:17], "big"), raw[17:-3]) if raw[13:14] == _SYN else (0, raw[14:-3])
        serial, sent = int.from_bytes(body[:2], "big"), body[2:8].hex()
        return Down(raw[10], raw[-3], serial, sent, body[8:], counts >> 12, counts & 0xFFF)

    def _ascii_down(self, raw: bytes) -> Down | None:
        if check(raw[:-4]) != int(raw[-4:], 16) or raw[1:11].decode().upper() != self.station.upper():
            return None
        counts, body = (int(raw[24:30], 16), raw[30:-5]) if raw[23:24] == _SYN else (0, raw[24:-5])
        serial, sent = int(body[:4], 16), body[4:16].decode()
        return Down(int(raw[17:19], 16), raw[-5], serial, sent, body[16:], counts >> 12, counts & 0xFFF)
