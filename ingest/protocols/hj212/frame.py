"""Frames in a stream of bytes: `##`, four digits of length, the data segment, four digits of check, CR LF (HJ 212-2017, 6.3.1)."""

import re
from typing import Final, Literal

import msgspec

from ingest.field.session import ProtocolError
from ingest.protocols.hj212.checksum import checksum, modbus

LONGEST: Final = 1024
"""Bytes of a data segment (6.3.1); more is refused without waiting for it."""

Check = Literal["hj212", "modbus"]

_HEADER: Final = 6
_CHECK: Final = re.compile(rb"[0-9A-Fa-f]{4}")
_END: Final = re.compile(rb"&&([0-9A-Fa-f]{4})(?:\r\n|$)")
_NEXT: Final = re.compile(rb"\r\n##\d{4}")
_SECRET: Final = re.compile(rb"((?:^|[;,&]|\d{4})\s*(?:New)?PW=)([^;,&\r\n]*)")
_BLANK: Final = b"\r\n \t\x00"


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One whole frame: its bytes, its data segment, the check as written, and which of the two checks fits."""

    raw: bytes
    segment: bytes
    given: str
    check: Check


class Broken(msgspec.Struct, frozen=True, gc=False):
    """Bytes that began as a frame and are none, and why."""

    raw: bytes
    reason: str
    detail: str


def encode_frame(segment: bytes, check: Check = "hj212") -> bytes:
    """The frame around a data segment.

    Raises:
        ProtocolError: bad_length.
    """
    if len(segment) > LONGEST:
        raise ProtocolError("bad_length", f"data segment of {len(segment)} bytes; at most {LONGEST} (6.3.1)")
    return b"##%04d%b%04X\r\n" % (len(segment), segment, checksum(segment) if check == "hj212" else modbus(segment))


def mask(data: bytes) -> bytes:
    """The bytes with every password blotted out, in the same length."""
    return _SECRET.sub(lambda match: match[1] + b"*" * len(match[2]), data)


class Framer:
    """Cuts a stream into frames, whatever the cuts of the network; holds at most one unfinished frame."""

    __slots__ = ("_rest", "noise")

    def __init__(self) -> None:
        self._rest = b""
        self.noise = 0
        """Bytes between frames that belonged to none, line ends aside."""

    @property
    def unfinished(self) -> bytes:
        """What came of a frame whose end has not come."""
        return self._rest

    def drop(self) -> bytes:
        """Forget the unfinished frame; its bytes."""
        rest, self._rest = self._rest, b""
        return rest

    def feed(self, data: bytes) -> list[Frame | Broken]:
        """The frames that end in these bytes, and what looked like one, in order."""
        stream = self._rest + data if self._rest else data
        found: list[Frame | Broken] = []
        at = 0
        while True:
            start = stream.find(b"##", at)
            if start < 0:
                keep = len(stream) - (stream.endswith(b"#") and len(stream) > at)
                self._skip(stream[at:keep])
                self._rest = stream[keep:]
                return found
            self._skip(stream[at:start])
            at = self._take(stream, start, found)
            if at < 0:
                self._rest = stream[start:]
                return found

    def _skip(self, noise: bytes) -> None:
        if noise and noise != b"\r\n":
            self.noise += len(noise.strip(_BLANK))

    def _take(self, stream: bytes, start: int, found: list[Frame | Broken]) -> int:
        """Look at what begins at `start`; where to go on, negative when more bytes are needed."""
        digits = stream[start + 2 : start + _HEADER]
        if not digits.isdigit():
            return self._no_length(stream, start, digits, found)
        if len(digits) < 4:
            return -1
        length = int(digits)
        if length > LONGEST:
            detail = f"length field {length}; a data segment has at most {LONGEST} bytes (6.3.1)"
            found.append(Broken(stream[start : start + _HEADER], "bad_length", detail))
            return start + _HEADER
        end = start + _HEADER + length
        given = stream[end : end + 4]
        if len(given) < 4:
            return self._wait(stream, start, end, found)
        frame = _judge(stream, start, end, given)
        found.append(frame)
        if isinstance(frame, Broken):
            # A frame may have begun inside the bytes that the length field claimed.
            inner = stream.find(b"##", start + 2, end + 5)
            if inner >= 0:
                return inner
        return start + len(frame.raw)

    def _no_length(self, stream: bytes, start: int, digits: bytes, found: list[Frame | Broken]) -> int:
        if digits.startswith(b"#"):
            self.noise += 1
            return start + 1
        if not digits or (len(digits) < 4 and digits.replace(b"#", b"").isdigit() and b"#" not in digits):
            return -1
        raw = stream[start : start + _HEADER]
        found.append(
            Broken(
                raw,
                "bad_length",
                f"length field {digits.decode(errors='replace')!r}: expected 4 decimal digits (6.3.1)",
            )
        )
        return start + 2

    def _wait(self, stream: bytes, start: int, end: int, found: list[Frame | Broken]) -> int:
        later = _NEXT.search(stream, start + _HEADER)
        if later is None:
            return -1
        detail = f"length field {end - start - _HEADER}, but the next frame begins before the end of this one (6.3.1)"
        found.append(Broken(stream[start : later.start() + 2], "bad_length", detail))
        return later.start() + 2


def _judge(stream: bytes, start: int, end: int, given: bytes) -> Frame | Broken:
    segment, raw = stream[start + _HEADER : end], stream[start : end + 4]
    if stream.startswith(b"\r\n", end + 4):
        raw += b"\r\n"
    if not _CHECK.fullmatch(given):
        return Broken(raw, "bad_length", _length_detail(stream, start, end))
    stated, computed = int(given, 16), checksum(segment)
    if stated == computed:
        return Frame(raw, segment, given.decode(), "hj212")
    if segment.endswith(b"&&") and b"CP=&&" in segment and stated == modbus(segment):
        return Frame(raw, segment, given.decode(), "modbus")
    actual = _actual(stream, start)
    if actual is not None and actual != len(segment) and not segment.endswith(b"&&"):
        return Broken(raw, "bad_length", _length_detail(stream, start, end))
    hint = "; its bytes are swapped" if stated == (computed >> 8 | (computed & 0xFF) << 8) else ""
    return Broken(raw, "bad_crc", f"check {given.decode()}, annex A gives {computed:04X}{hint}")


def _actual(stream: bytes, start: int) -> int | None:
    """How long the data segment truly is, if its end can be told."""
    end = _END.search(stream, start + _HEADER, start + _HEADER + 2 * LONGEST)
    return None if end is None else end.start() + 2 - start - _HEADER


def _length_detail(stream: bytes, start: int, end: int) -> str:
    actual = _actual(stream, start)
    found = "its end is not where it should be" if actual is None else f"the data segment has {actual} bytes"
    return f"length field {end - start - _HEADER}, but {found} (6.3.1)"


def judge_unfinished(rest: bytes) -> Broken:
    """What is wrong with a frame after which nothing more comes."""
    actual = _actual(rest, 0)
    digits = rest[2:_HEADER]
    if actual is not None and len(digits) == 4:
        return Broken(
            rest, "bad_length", f"length field {digits.decode()}, but the data segment has {actual} bytes (6.3.1)"
        )
    return Broken(rest, "incomplete", f"the frame ends after {len(rest)} bytes (6.3.1)")
