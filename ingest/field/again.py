"""A field protocol's dead letter, taken again: its bytes go through a session that asks for neither address nor password."""

from typing import Final

from hub.dead_letter import DeadLetter
from hub.errors import Refused
from ingest.codec import Taken
from ingest.field.directory import LinkDirectory
from ingest.field.session import Deliver, Line, Reject
from ingest.intake import Intake, Receipt
from ingest.protocols import load_protocols, protocol_names

TOPIC: Final = "field/"
"""How the topics of field protocols' dead letters begin; `field/PROTOCOL/IDENTITY`."""


def take_again(intake: Intake, letter: DeadLetter, *, zone: str, retried: str) -> Receipt:
    """Read the letter's bytes again and store what they now give, as if they had come when they came; durable on return.

    Raises:
        BusUnavailable: nothing is known to be durable; try again.
    """
    name = letter.source
    if name not in protocol_names():
        known = ", ".join(protocol_names())
        refused = Refused("unsupported", f"no field protocol is called {name!r}; there are {known}")
        return intake.keep_now([(letter.device, Taken(refusals=[refused]), b"")], letter, retried)
    line = Line("", zone, LinkDirectory(intake.register), trusted=True)
    session = load_protocols((name,))[name].open(line, letter.received)
    read: list[tuple[str, Taken, bytes]] = []
    for action in [*session.received(letter.payload, letter.received), *session.closed(letter.received)]:
        match action:
            case Deliver():
                read.append((action.station, action.taken, action.picture))
            case Reject():
                refused = Refused(action.reason, action.detail)
                read.append((action.station or letter.device, Taken(refusals=[refused]), b""))
    if not read:
        refused = Refused("incomplete", f"{name}: the bytes are no whole frame")
        read.append((letter.device, Taken(refusals=[refused]), b""))
    return intake.keep_now(read, letter, retried)
