"""The body of a frame in ASCII coding (SL 651-2014, 6.6.2): identifiers and values as words, each followed by one blank."""

import re
from typing import Final

from ingest.field.session import ProtocolError
from ingest.protocols.sl651.body import ASKING, EVEN, KNOWN, REPORTS, TAILS
from ingest.protocols.sl651.message import Item, Manual, Message, Observed, Photo, Site, Span, Tail, Word, WordSeries

MISSING: Final = "M"
_HEAD: Final = 16
_SERIAL_AND_SENT: Final = re.compile(r"[0-9A-Fa-f]{4}\d{12}", re.ASCII)
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{10}", re.ASCII)
_TIME: Final = re.compile(r"\d{10}", re.ASCII)
_STEP: Final = re.compile(r"DR[DHN]\d\d", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,7}", re.ASCII)


def decode_text(body: bytes, function: int, *, up: bool = True) -> Message:
    """What a whole body in ASCII coding says.

    Raises:
        ProtocolError: bad_length, bad_format, bad_value or unsupported.
    """
    head = body[:_HEAD].decode("latin-1")
    if not _SERIAL_AND_SENT.fullmatch(head):
        raise ProtocolError(
            "bad_format",
            f"body begins with {head!r}: expected a serial number of 4 hexadecimal and a time of 12 digits (SL 651-2014, table 24)",
        )
    if function not in KNOWN:
        raise ProtocolError("unsupported", f"function {function:02X}H: reserved or a user's own (SL 651-2014, annex B)")
    rest, data = _split_data(body[_HEAD:], function)
    if rest and not rest.endswith(" "):
        raise ProtocolError("bad_format", "body: the last blank must not be left out (SL 651-2014, 6.6.2.1)")
    items = _items(rest.split(" ")[:-1], function, up)
    return Message(int(head[:4], 16), head[4:], (*items, *data))


def _split_data(rest: bytes, function: int) -> tuple[str, list[Item]]:
    """The words, and what follows them in a form of its own."""
    for mark, kind in ((b"RGZS ", Manual), (b"PIC ", Photo)):
        before, found, after = rest.partition(mark)
        if found and (not before or before.endswith(b" ")):
            return _ascii(before), [kind(after)]
    if function in TAILS and rest:
        # "ST address ", then the function's own data (tables 57, 71-84).
        cut = 14 if rest.startswith(b"ST ") else 0
        return _ascii(rest[:cut]), [Tail(rest[cut:])] if rest[cut:] else []
    return _ascii(rest), []


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise ProtocolError("bad_format", "body: a byte that is no ASCII character (SL 651-2014, 6.4.1)") from None


def _items(words: list[str], function: int, up: bool) -> list[Item]:
    items: list[Item] = []
    at = 0
    if not up and function == 0x38 and len(words) >= 2:
        items.append(Span(words[0], words[1]))
        at = 2
    while at < len(words):
        name = words[at]
        if name == "ST":
            site, at = _site(words, at, function if up else 0)
            items.append(site)
        elif name == "TT":
            items.append(Observed(_matching(_TIME, _next(words, at), "time observed", "6.6.2.8")))
            at += 2
        elif _STEP.fullmatch(name):
            items.append(Word(name, ""))
            at += 1
            if up and function in EVEN and at < len(words):
                items.append(_series(words[at:]))
                break
        elif not up and function in ASKING:
            items.append(Word(name, ""))
            at += 1
        else:
            items.append(Word(_name(name), _next(words, at)))
            at += 2
    return items


def _site(words: list[str], at: int, function: int) -> tuple[Site, int]:
    station = _matching(_ADDRESS, _next(words, at), "station", "6.2.3.2")
    kind = words[at + 2] if function in REPORTS and at + 2 < len(words) and words[at + 2] != "TT" else ""
    return Site(station, kind), at + (3 if kind else 2)


def _series(words: list[str]) -> WordSeries:
    count = next(
        (place for place, word in enumerate(words) if word == MISSING or not _NAME.fullmatch(word)), len(words)
    )
    names, texts = words[:count], words[count:]
    if not names or len(texts) % len(names):
        raise ProtocolError(
            "bad_length", f"series of {len(names)} elements with {len(texts)} values (SL 651-2014, 6.6.4.4 d)"
        )
    return WordSeries(tuple(names), tuple(texts))


def _next(words: list[str], at: int) -> str:
    if at + 1 >= len(words) or not words[at + 1]:
        raise ProtocolError("bad_format", f"{words[at]!r}: no value follows (SL 651-2014, 6.6.2.1)")
    return words[at + 1]


def _name(word: str) -> str:
    if not word.isalnum():
        raise ProtocolError("bad_format", f"{word[:20]!r}: expected an identifier of annex C (SL 651-2014, 6.6.2.2)")
    return word


def _matching(pattern: re.Pattern[str], word: str, what: str, clause: str) -> str:
    if not pattern.fullmatch(word):
        raise ProtocolError("bad_value", f"{what} {word[:20]!r} (SL 651-2014, {clause})")
    return word


def encode_text(message: Message) -> bytes:
    """The body's bytes in ASCII coding.

    Raises:
        ProtocolError: bad_value when an item has no ASCII form.
    """
    return f"{message.serial:04X}{message.sent}".encode() + b"".join(map(_bytes_of, message.items))


def _bytes_of(item: Item) -> bytes:
    match item:
        case Word(name, text):
            return f"{name} {text} ".encode() if text else f"{name} ".encode()
        case WordSeries(names, texts):
            return "".join(f"{word} " for word in (*names, *texts)).encode()
        case Observed(time):
            return f"TT {time} ".encode()
        case Site(station, kind):
            return f"ST {station} {kind} ".encode() if kind else f"ST {station} ".encode()
        case Span(start, end):
            return f"{start} {end} ".encode()
        case Manual(data):
            return b"RGZS " + data
        case Photo(data):
            return b"PIC " + data
        case Tail(data):
            return data
        case _:
            raise ProtocolError("bad_value", f"{type(item).__name__}: has no ASCII form (SL 651-2014, 6.6.2)")
