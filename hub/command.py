"""What the hub asks of a device by its field protocol, and what became of it, as both travel on the bus.

A command goes on the topic `commands` to whichever process holds the device's connection; everything that becomes of it comes back on `command-answers`.
"""

from typing import Any, Final, Literal

import msgspec

from hub.errors import CorruptRecord

State = Literal["queued", "sent", "accepted", "done", "refused", "failed", "expired"]
"""queued: waits for the device; sent: on the wire; accepted: the device said it will; the others end it."""

PASSWORD_SET: Final = "password.set"  # noqa: S105 - a word of the protocols, no secret
"""The command of any protocol that gives a device a new password (argument `password`); once the device has taken it, it is the register's."""

ENDED: Final = frozenset({"done", "refused", "failed", "expired"})

SESSIONS: Final = "hub.sessions"
FRAMES_OF: Final = "hub.frames"
REFUSALS: Final = "hub.refusals"
"""Questions to the process itself, not to a device: its connections, the last frames of one device, who was turned away."""


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """One wish; `name` is a word of the device's protocol (`clock.set`, `data.query`, ...), times epoch ms, `by` who asked."""

    id: str
    name: str
    asked: int
    expires: int
    station: str = ""
    arguments: dict[str, Any] = {}
    by: str = ""


class CommandAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a command; `detail` is the device's or the protocol's own word, `values` what it answered."""

    command: str
    state: State
    time: int
    station: str = ""
    detail: str = ""
    values: dict[str, Any] = {}


_commands: Final = msgspec.json.Decoder(Command)
_answers: Final = msgspec.json.Decoder(CommandAnswer)


def encode_command(command: Command | CommandAnswer) -> bytes:
    """The bytes of one bus message."""
    return msgspec.json.encode(command)


def decode_command(value: bytes) -> Command:
    """The command in one bus message.

    Raises:
        CorruptRecord: not a command.
    """
    try:
        return _commands.decode(value)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a command: {error}") from error


def decode_answer(value: bytes) -> CommandAnswer:
    """The step of a command in one bus message.

    Raises:
        CorruptRecord: not an answer.
    """
    try:
        return _answers.decode(value)
    except msgspec.DecodeError as error:
        raise CorruptRecord(f"not a command's answer: {error}") from error
