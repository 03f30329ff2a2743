"""A WeCom group's robot: Markdown into the group, or plain text where people are called by their mobile numbers."""

from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.section_channel import SectionChannel
from alerts.vendor import Codes, code_of, read_json
from alerts.ways import Way, below, read_base, read_secrets, receiver_of, shown_address
from hub.notify import WeComSection
from hub.settings import Settings

MARKDOWN_BYTES: Final = 4096
TEXT_BYTES: Final = 2048

RATES: Final = ("20/min",)
"""Published for one robot."""

CODES: Final = Codes(
    busy={45009: 60.0, 45033: 5.0, -1: 5.0},
    refused=(40008, 40035, 40058, 44004, 45002, 93000, 93004, 93008, 93017),
)

_Way = Way[WeComSection]


class WeComRobot(SectionChannel[WeComSection]):
    """Speaks through the robots of `notify.wecom`."""

    kind: ClassVar[str] = "wecom-robot"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "wecom", (each for each in settings.notify.wecom if each.robot))

    def reach(self, receiver: str) -> None:
        """Connect; a robot takes nothing but messages."""
        with self._ways.of(receiver) as way:
            self._caller.reach(read_base(way.section.base))

    def _open(self, section: WeComSection) -> _Way:
        secrets = read_secrets({"robot": section.robot})
        secrets["robot"] = parse_qs(urlsplit(secrets["robot"]).query).get("key", [secrets["robot"]])[0]
        address = shown_address(below(read_base(section.base), "/cgi-bin/webhook/send").geturl())
        return Way(section, receiver_of(section, self.kind, (address,), RATES), secrets)

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        url = below(read_base(way.section.base), "/cgi-bin/webhook/send", urlencode({"key": way.secrets["robot"]}))
        body = msgspec.json.encode(self._message(way.section, notification))
        said = read_json(self._caller.post(url, body, {"content-type": "application/json; charset=utf-8"}))
        words = str(said.get("errmsg", ""))
        CODES.judge(code_of(said, "errcode"), words)
        return Receipt("delivered", 0, words)

    def _message(self, section: WeComSection, notification: Notification) -> dict[str, Any]:
        said = brief(notification, section.language, self._zone)
        if not section.at_mobiles:
            return {"msgtype": "markdown", "markdown": {"content": said.markdown(MARKDOWN_BYTES)}}
        text = {"content": said.plain(TEXT_BYTES), "mentioned_mobile_list": section.at_mobiles}
        return {"msgtype": "text", "text": text}
