"""Voice calls: a gateway is told whom to call and what to say; its answer says that it will, not that anybody heard."""

from typing import ClassVar

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.gateway import Gateway, words_of
from alerts.section_channel import SectionChannel
from alerts.standard_webhooks import read_signing_secret
from alerts.ways import Way, read_base, read_secrets, receiver_of
from hub.notify import VoiceSection
from hub.settings import Settings

_Way = Way[VoiceSection]


class Voice(SectionChannel[VoiceSection]):
    """Has the numbers of `notify.voice` called, one call for each."""

    kind: ClassVar[str] = "voice"

    def __init__(self, settings: Settings) -> None:
        self._gateways: dict[str, Gateway] = {}
        super().__init__(settings, "voice", settings.notify.voice)

    def reach(self, receiver: str) -> None:
        """Connect; anything more would make a telephone ring."""
        with self._ways.of(receiver) as way:
            self._caller.reach(read_base(way.section.url.partition("{")[0]))

    def _open(self, section: VoiceSection) -> _Way:
        secrets = read_secrets({**section.secrets})
        sign = None if section.secret is None else read_signing_secret(section.secret, "secret")
        self._gateways[section.name] = Gateway.open(section, sign)
        return Way(section, receiver_of(section, self.kind, section.to), secrets)

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        words = words_of(notification, brief(notification, way.section.language, self._zone), way.secrets)
        return self._gateways[way.section.name].call(self._caller, notification, words)
