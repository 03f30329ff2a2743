"""SMPP 3.4 on the wire: the units that a transmitter sends and reads (SMPP v3.4, clauses 3 to 5)."""

import struct
from dataclasses import dataclass
from typing import Final

HEADER: Final = struct.Struct(">IIII")
LONGEST: Final = 65_536
"""No unit is this long; a length beyond it is not SMPP."""

GENERIC_NACK: Final = 0x80000000
BIND_TRANSMITTER: Final = 0x00000002
SUBMIT_SM: Final = 0x00000004
UNBIND: Final = 0x00000006
ENQUIRE_LINK: Final = 0x00000015
RESPONSE: Final = 0x80000000
"""The bit that makes a command its response."""

VERSION: Final = 0x34
UCS2: Final = 0x08
UDHI: Final = 0x40

ONE_PART: Final = 70
MANY_PARTS: Final = 67
"""UTF-16 units of a message in one piece, and of each piece of several: the pieces' header takes six of 140 octets."""

_SAR_REF, _SAR_TOTAL, _SAR_SEQ = 0x020C, 0x020E, 0x020F

STATUS: Final = {
    0x01: "ESME_RINVMSGLEN",
    0x02: "ESME_RINVCMDLEN",
    0x03: "ESME_RINVCMDID",
    0x04: "ESME_RINVBNDSTS",
    0x05: "ESME_RALYBND",
    0x06: "ESME_RINVPRTFLG",
    0x07: "ESME_RINVREGDLVFLG",
    0x08: "ESME_RSYSERR",
    0x0A: "ESME_RINVSRCADR",
    0x0B: "ESME_RINVDSTADR",
    0x0D: "ESME_RBINDFAIL",
    0x0E: "ESME_RINVPASWD",
    0x0F: "ESME_RINVSYSID",
    0x14: "ESME_RMSGQFUL",
    0x15: "ESME_RINVSERTYP",
    0x43: "ESME_RINVESMCLASS",
    0x45: "ESME_RSUBMITFAIL",
    0x48: "ESME_RINVSRCTON",
    0x49: "ESME_RINVSRCNPI",
    0x50: "ESME_RINVDSTTON",
    0x51: "ESME_RINVDSTNPI",
    0x53: "ESME_RINVSYSTYP",
    0x58: "ESME_RTHROTTLED",
    0x61: "ESME_RINVSCHED",
    0x62: "ESME_RINVEXPIRY",
    0xFE: "ESME_RDELIVERYFAILURE",
    0xFF: "ESME_RUNKNOWNERR",
}
"""The status codes a transmitter meets (clause 5.1.3)."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One unit."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """The octets."""
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body

    @classmethod
    def decode(cls, octets: bytes) -> "Pdu":
        """The unit in a whole frame.

        Raises:
            ValueError: the frame is not one whole unit.
        """
        length, command, status, sequence = HEADER.unpack_from(octets) if len(octets) >= HEADER.size else (0,) * 4
        if length != len(octets) or length < HEADER.size:
            raise ValueError(f"a unit of {length} octets in {len(octets)}")
        return cls(command, status, sequence, octets[HEADER.size :])


@dataclass(frozen=True, slots=True)
class Address:
    """A number or name with its type and plan."""

    ton: int
    npi: int
    text: str

    def encode(self) -> bytes:
        """The three fields."""
        return bytes((self.ton, self.npi)) + c_octets(self.text, 21)


def c_octets(text: str, most: int) -> bytes:
    """A string field with its end, `most` octets at the most.

    Raises:
        ValueError: it is too long, or not ASCII.
    """
    octets = text.encode("ascii")
    if len(octets) >= most or b"\x00" in octets:
        raise ValueError(f"{text!r} does not fit {most - 1} octets")
    return octets + b"\x00"


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """The body of bind_transmitter."""
    words = c_octets(system_id, 16) + c_octets(password, 9) + c_octets(system_type, 13)
    return words + bytes((VERSION, 0, 0)) + b"\x00"


def submit_body(source: Address, to: Address, text: bytes, esm_class: int, parameters: bytes = b"") -> bytes:
    """The body of submit_sm for a text in UCS-2."""
    head = b"\x00" + source.encode() + to.encode() + bytes((esm_class, 0, 0)) + b"\x00\x00"
    return head + bytes((0, 0, UCS2, 0, len(text))) + text + parameters


def pieces(text: str, most: int) -> list[str]:
    """The text in as many pieces as it needs, `most` at the most; no piece ends within a character, the last with an ellipsis when more was to say."""
    if _units(text) <= ONE_PART:
        return [text]
    found: list[str] = []
    rest = text
    while rest and len(found) < most:
        piece = rest[:MANY_PARTS]
        while _units(piece) > MANY_PARTS:
            piece = piece[:-1]
        found.append(piece)
        rest = rest[len(piece) :]
    if rest:
        last = found[-1]
        while _units(last) > MANY_PARTS - 1:
            last = last[:-1]
        found[-1] = last + "…"
    return found


def submits(source: Address, to: Address, text: str, reference: int, most: int, *, udh: bool) -> list[bytes]:
    """The bodies of submit_sm that carry the text; `reference` (0 to 255) is the same for all of them."""
    parts = pieces(text, most)
    octets = [part.encode("utf-16-be") for part in parts]
    if len(parts) == 1:
        return [submit_body(source, to, octets[0], 0)]
    total = len(parts)
    if udh:
        heads = (bytes((5, 0, 3, reference, total, number)) for number in range(1, total + 1))
        return [submit_body(source, to, head + part, UDHI) for head, part in zip(heads, octets, strict=True)]
    return [
        submit_body(
            source, to, part, 0, _tlv(_SAR_REF, reference, 2) + _tlv(_SAR_TOTAL, total, 1) + _tlv(_SAR_SEQ, number, 1)
        )
        for number, part in enumerate(octets, 1)
    ]


def message_id(body: bytes) -> str:
    """The id in a submit_sm_resp."""
    return body.partition(b"\x00")[0].decode("latin-1")


def _units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2


def _tlv(tag: int, value: int, size: int) -> bytes:
    return struct.pack(">HH", tag, size) + value.to_bytes(size, "big")
