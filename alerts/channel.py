"""The way to a recipient: a channel sends a notice once and says what the vendor answered; it never tries again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from alerts.pipeline import Receiver
from hub.errors import HubError
from hub.settings import Settings


@dataclass(frozen=True, slots=True)
class Notification:
    """One try to deliver one notice; `key` is the same at every try, `data` is JSON as the interface shows it."""

    key: str
    type: str
    receiver: str
    address: str
    subject: str
    created: int
    at: int
    data: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1
    maybe_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The vendor took it: `delivered`, or `accepted` to be delivered; code, words and id are the vendor's own."""

    status: Literal["delivered", "accepted"]
    code: int | None = None
    answer: str = ""
    vendor_id: str = ""


class ChannelError(HubError):
    """It was not taken; `answer` is the vendor's own words.

    `permanent`: another try will not help. `unsure`: it may have arrived all the same. `ends`: the recipient wants no
    more. `wait`: seconds that the vendor asked for. `busy`: until then it takes nothing for this receiver, or for
    this address of it.
    """

    def __init__(
        self,
        answer: str,
        *,
        permanent: bool,
        code: int | None = None,
        unsure: bool = False,
        ends: bool = False,
        wait: float = 0.0,
        busy: Literal["", "receiver", "address"] = "",
    ) -> None:
        self.answer = answer
        self.permanent = permanent
        self.code = code
        self.unsure = unsure
        self.ends = ends
        self.wait = wait
        self.busy = busy
        super().__init__(answer)


class Channel(Protocol):
    """One sort of way; made once from the settings, used by many threads."""

    kind: ClassVar[str]

    def __init__(self, settings: Settings) -> None: ...

    def receivers(self) -> Iterable[Receiver]:
        """Who the settings name for this channel."""

    def send(self, notification: Notification) -> Receipt:
        """Send it once.

        Raises:
            ChannelError: it was not taken, or nobody knows.
        """

    def reach(self, receiver: str) -> None:
        """Connect as for a notice, and log in where the vendor has a log-in; nothing is sent.

        Raises:
            ChannelError: the vendor does not answer, or refuses.
        """

    def close(self) -> None:
        """Let go of connections."""


class RecordingChannel:
    """A channel that keeps what it was given, for tests and trials; `answers` are given, or raised, one per send."""

    kind: ClassVar[str] = "recording"

    def __init__(self, settings: Settings, receivers: Iterable[Receiver] = ()) -> None:
        self.sent: list[Notification] = []
        self.answers: list[Receipt | ChannelError] = []
        self._receivers = tuple(receivers)

    def receivers(self) -> Iterable[Receiver]:
        """Those it was made with."""
        return self._receivers

    def send(self, notification: Notification) -> Receipt:
        """Keep it, and give the next answer; `delivered` when none is left."""
        self.sent.append(notification)
        answer = self.answers.pop(0) if self.answers else Receipt("delivered")
        if isinstance(answer, ChannelError):
            raise answer
        return answer

    def reach(self, receiver: str) -> None:
        """It always is."""

    def close(self) -> None:
        """Nothing is held."""
