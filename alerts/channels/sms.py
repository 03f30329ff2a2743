"""Short messages over HTTP: any vendor by templates, Aliyun and Tencent Cloud by their own interfaces."""

from typing import ClassVar

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.gateway import WORDS, Gateway, words_of
from alerts.section_channel import SectionChannel
from alerts.sms_presets import ADDRESS_RATES, URLS, send_aliyun, send_tencent
from alerts.template import check_template
from alerts.ways import Way, read_base, read_secrets, receiver_of
from hub.errors import ConfigError
from hub.notify import SmsSection
from hub.settings import Settings

_Way = Way[SmsSection]


class Sms(SectionChannel[SmsSection]):
    """Sends to the numbers of `notify.sms`, one call for each."""

    kind: ClassVar[str] = "sms"

    def __init__(self, settings: Settings) -> None:
        self._gateways: dict[str, Gateway] = {}
        super().__init__(settings, "sms", settings.notify.sms)

    def reach(self, receiver: str) -> None:
        """Connect; a call costs a message."""
        with self._ways.of(receiver) as way:
            self._caller.reach(read_base(_url(way.section).partition("{")[0]))

    def _open(self, section: SmsSection) -> _Way:
        secrets = read_secrets({**section.secrets, "key": section.key})
        if section.preset:
            read_base(_url(section))
            known = dict.fromkeys(WORDS, "x")
            if faults := [
                f for name, text in section.params.items() for f in check_template(text, known, f"params.{name}")
            ]:
                raise ConfigError(faults)
        else:
            self._gateways[section.name] = Gateway.open(section)
        return Way(section, receiver_of(section, self.kind, section.to, (), ADDRESS_RATES[section.preset]), secrets)

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        section = way.section
        words = words_of(notification, brief(notification, section.language, self._zone), way.secrets)
        if not section.preset:
            return self._gateways[section.name].call(self._caller, notification, words)
        ask = send_aliyun if section.preset == "aliyun" else send_tencent
        return ask(self._caller, read_base(_url(section)), section, way.secrets["key"], notification, words)


def _url(section: SmsSection) -> str:
    return section.url or URLS[section.preset]
