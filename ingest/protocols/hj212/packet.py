"""The data segment: head fields and the content between `CP=&&` and `&&` (HJ 212-2017, 6.3.1 and 6.3.2), as a value that can be written again."""

import re
from contextlib import suppress
from typing import Final

import msgspec

from ingest.field.session import ProtocolError

EDITIONS: Final = {0: "2005", 1: "2017", 2: "2025"}
"""Editions by the six high bits of Flag."""

_USUAL: Final = re.compile(
    r"(?:QN=(\d{17});)?ST=([0-9A-Z]{2});CN=(\d{4});(?:PW=([^;,&=]*);)?MN=([0-9A-Za-z]{1,24});(?:Flag=(0|[1-9]\d{0,2});)?"
    r"(?:PNUM=([1-9]\d{0,3});PNO=([1-9]\d{0,3});)?"
)
_SHAPES: Final = {
    "QN": (re.compile(r"\d{17}"), "17 digits"),
    "ST": (re.compile(r"[0-9A-Z]{2}"), "2 characters 0-9A-Z"),
    "CN": (re.compile(r"\d{4}"), "4 digits"),
    "PW": (re.compile(r"[^;,&=]*"), "no ; , & or ="),
    "MN": (re.compile(r"[0-9A-Za-z]{1,24}"), "1 to 24 letters or digits"),
    "Flag": (re.compile(r"\d{1,3}"), "0 to 255"),
    "PNUM": (re.compile(r"\d{1,4}"), "1 to 9999"),
    "PNO": (re.compile(r"\d{1,4}"), "1 to PNUM"),
}
_OPENING: Final = b"CP=&&"
_CLOSING: Final = b"&&"


class Packet(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One message: head fields as they stand (`flag`, `pnum`, `pno` as numbers), and the content as text, or as `cipher` where it is no text.

    `written` is the head as the device wrote it where that differs from our own way; `encoding` that of the content.
    """

    st: str
    cn: str
    mn: str
    qn: str = ""
    pw: str | None = None
    flag: int | None = None
    pnum: int = 0
    pno: int = 0
    cp: str = ""
    cipher: bytes = b""
    written: str = ""
    encoding: str = "utf-8"

    @property
    def edition(self) -> str:
        """2005, 2017 or 2025; another version's number as it is."""
        version = (self.flag or 0) >> 2
        return EDITIONS.get(version, str(version))

    @property
    def wants_answer(self) -> bool:
        """Bit A of Flag."""
        return bool((self.flag or 0) & 1)

    def head(self) -> str:
        """The head, up to `CP=`."""
        if self.written:
            return self.written
        qn = f"QN={self.qn};" if self.qn else ""
        pw = "" if self.pw is None else f"PW={self.pw};"
        flag = "" if self.flag is None else f"Flag={self.flag};"
        part = f"PNUM={self.pnum};PNO={self.pno};" if self.pnum else ""
        return f"{qn}ST={self.st};CN={self.cn};{pw}MN={self.mn};{flag}{part}"

    def segment(self) -> bytes:
        """The data segment."""
        content = self.cipher or self.cp.encode(self.encoding)
        return b"%b%b%b%b" % (self.head().encode(), _OPENING, content, _CLOSING)


def parse_packet(segment: bytes) -> Packet:
    """The packet in a data segment.

    Raises:
        ProtocolError: bad_format or bad_value.
    """
    cut = segment.find(_OPENING)
    if cut < 0:
        raise ProtocolError("bad_format", "no content area CP=&&...&& (6.3.2)")
    if not segment.endswith(_CLOSING) or len(segment) < cut + len(_OPENING) + len(_CLOSING):
        raise ProtocolError("bad_format", "the content area CP=&& is not closed by && (6.3.2)")
    content = segment[cut + len(_OPENING) : -len(_CLOSING)]
    try:
        head = segment[:cut].decode("ascii")
    except UnicodeDecodeError:
        raise ProtocolError("bad_format", "the head has characters outside ASCII (6.3.2)") from None
    usual = _USUAL.fullmatch(head)
    if usual is None:
        return _unusual(head, content)
    qn, st, cn, pw, mn, flag, pnum, pno = usual.groups()
    numbers = (None if flag is None else int(flag), int(pnum or 0), int(pno or 0))
    return _packet(content, st, cn, mn, qn or "", pw, *numbers, "")


def _packet(
    content: bytes,
    st: str,
    cn: str,
    mn: str,
    qn: str,
    pw: str | None,
    flag: int | None,
    pnum: int,
    pno: int,
    written: str,
) -> Packet:
    if (flag or 0) > 255:
        raise ProtocolError("bad_value", f"Flag={flag}: expected 0 to 255 (6.3.2)")
    if pno > pnum or (pnum and not pno):
        raise ProtocolError("bad_value", f"PNUM={pnum};PNO={pno}: expected PNO from 1 to PNUM (6.3.2)")
    try:
        return Packet(st, cn, mn, qn, pw, flag, pnum, pno, content.decode(), b"", written)
    except UnicodeDecodeError:
        if (flag or 0) >> 2 == 2:
            return Packet(st, cn, mn, qn, pw, flag, pnum, pno, "", content, written)
    # Chinese text of older firmware is GBK; the standard asks for UTF-8.
    with suppress(UnicodeDecodeError):
        text = content.decode("gb18030")
        if text.encode("gb18030") == content:
            return Packet(st, cn, mn, qn, pw, flag, pnum, pno, text, b"", written, "gb18030")
    raise ProtocolError("bad_format", "the content is neither UTF-8 nor GB 18030 text (6.3.1)")


def _unusual(head: str, content: bytes) -> Packet:
    """Another order of the fields, blanks before a name, `,` in place of `;`: all seen in the field or in the standard's own examples (C.22, C.48)."""
    fields: dict[str, str] = {}
    for item in re.split(r"[;,]", head):
        name, equals, value = item.strip().partition("=")
        if not name and not equals:
            continue
        if not equals:
            raise ProtocolError("bad_format", f"{name[:40]!r} in the head is no NAME=VALUE (6.3.2)")
        if name in fields:
            raise ProtocolError("bad_format", f"{name[:40]} stands twice in the head (6.3.2)")
        fields[name] = value
    for name, (shape, expected) in _SHAPES.items():
        if name in fields and not shape.fullmatch(fields[name]):
            raise ProtocolError("bad_value", f"{name}={fields[name][:40]}: expected {expected} (6.3.2)")
    if missing := [name for name in ("ST", "CN", "MN") if name not in fields]:
        raise ProtocolError("bad_format", f"{', '.join(missing)} missing in the head (6.3.2)")
    flag = fields.get("Flag")
    return _packet(
        content,
        fields["ST"],
        fields["CN"],
        fields["MN"],
        fields.get("QN", ""),
        fields.get("PW"),
        None if flag is None else int(flag),
        int(fields.get("PNUM", "0")),
        int(fields.get("PNO", "0")),
        head,
    )
