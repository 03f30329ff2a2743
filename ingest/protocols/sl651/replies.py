"""What goes down to a station in answer to what it sent (SL 651-2014, 6.3.1.2 and figures 1 and 2)."""

from ingest.protocols.sl651.body import encode_body
from ingest.protocols.sl651.message import Message
from ingest.protocols.sl651.moment import from_epoch
from ingest.protocols.sl651.text import encode_text
from ingest.protocols.sl651.wire import ACK, EOT, ESC, ETB, NAK, STX, SYN, Frame, build


def confirmation(frame: Frame, serial: int, zone: str | None, now: int, *, stay: bool) -> bytes:
    """Taken: ACK where more frames follow, otherwise ESC (stay on line) or EOT; to a split message once, with the last packet's number."""
    end = ACK if frame.end == ETB and not frame.total else ESC if stay else EOT
    return _reply(frame, serial, end, frame.total, from_epoch(now, zone))


def ask_again(frame: Frame, serial: int, number: int, zone: str | None, now: int) -> bytes:
    """A packet is missing; one packet a frame (6.5.3, note a)."""
    return _reply(frame, serial, NAK, number, from_epoch(now, zone))


def _reply(frame: Frame, serial: int, end: int, number: int, sent: str) -> bytes:
    message = Message(serial, sent)
    body = encode_text(message) if frame.ascii else encode_body(message)
    start = SYN if frame.total else STX
    return build(
        Frame(
            frame.centre,
            frame.station,
            frame.password,
            frame.function,
            False,
            end,
            body,
            start,
            frame.total,
            number,
            frame.ascii,
        )
    )
