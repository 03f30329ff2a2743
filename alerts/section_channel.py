"""What the channels that call a vendor over HTTP have in common: their ways, their calls, their words."""

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from alerts.calling import Caller
from alerts.channel import Notification, Receipt
from alerts.pipeline import Receiver
from alerts.ways import Way, Ways
from hub.notify import ReceiverSection
from hub.settings import Settings

S = TypeVar("S", bound=ReceiverSection)


class SectionChannel(Generic[S]):
    """A channel with one way for each section; it says how a section is opened and how one notice is sent."""

    kind: ClassVar[str]

    def __init__(self, settings: Settings, key: str, sections: Iterable[S]) -> None:
        self._zone = ZoneInfo(settings.hub.zone)
        self._caller = Caller(settings.notify.timeout)
        self._ways = Ways(key, sections, self._open)

    def receivers(self) -> Iterable[Receiver]:
        """One per section, read by people."""
        return self._ways.receivers()

    def send(self, notification: Notification) -> Receipt:
        """Hand over once; the vendor's code, words and id are kept, without our secrets."""
        return self._ways.send(notification, self._send)

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def _open(self, section: S) -> Way[S]:
        raise NotImplementedError

    def _send(self, way: Way[S], notification: Notification) -> Receipt:
        raise NotImplementedError
