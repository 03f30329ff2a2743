"""A DingTalk group's robot: Markdown into the group, signed, with people called by their mobile numbers."""

from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.section_channel import SectionChannel
from alerts.signing import dingtalk_query
from alerts.vendor import Codes, code_of, read_json
from alerts.ways import Way, below, read_base, read_secrets, receiver_of, shown_address
from hub.notify import DingTalkSection
from hub.settings import Settings

TEXT_BYTES: Final = 16_000
"""The vendor takes 20 000 bytes in all; what stands around the text and its escapes have room."""

RATES: Final = ("20/min",)
"""Published: over 20 in a minute the robot is shut for ten."""

CODES: Final = Codes(
    busy={130101: 600.0, 410100: 600.0, 90030: 3600.0, 302033: 60.0, -1: 5.0},
    # Security setting not met, no such robot or group, robot switched off, a message of a wrong form.
    refused=(
        300001,
        300005,
        310000,
        400013,
        400014,
        400101,
        400102,
        400105,
        400106,
        430101,
        430102,
        430103,
        430104,
        40035,
        43004,
    ),
)

_Way = Way[DingTalkSection]


class DingTalkRobot(SectionChannel[DingTalkSection]):
    """Speaks through the robots of `notify.dingtalk`."""

    kind: ClassVar[str] = "dingtalk-robot"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "dingtalk", (each for each in settings.notify.dingtalk if each.robot))

    def reach(self, receiver: str) -> None:
        """Connect; a robot takes nothing but messages."""
        with self._ways.of(receiver) as way:
            self._caller.reach(read_base(way.section.base))

    def _open(self, section: DingTalkSection) -> _Way:
        secrets = read_secrets({"robot": section.robot, "sign": section.sign})
        secrets["robot"] = parse_qs(urlsplit(secrets["robot"]).query).get("access_token", [secrets["robot"]])[0]
        address = shown_address(below(read_base(section.base), "/robot/send").geturl())
        return Way(section, receiver_of(section, self.kind, (address,), RATES), secrets)

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        query = urlencode({"access_token": way.secrets["robot"]})
        if "sign" in way.secrets:
            query += "&" + dingtalk_query(way.secrets["sign"], notification.at)
        body = msgspec.json.encode(self._message(way.section, notification))
        url = below(read_base(way.section.base), "/robot/send", query)
        said = read_json(self._caller.post(url, body, {"content-type": "application/json; charset=utf-8"}))
        code, words = code_of(said, "errcode"), str(said.get("errmsg", ""))
        CODES.judge(code, words)
        return Receipt("delivered", 0, words)

    def _message(self, section: DingTalkSection, notification: Notification) -> dict[str, Any]:
        said = brief(notification, section.language, self._zone)
        # The vendor calls only people whose numbers stand in the text, too, and looks for its keyword there.
        called = " ".join(f"@{mobile}" for mobile in section.at_mobiles)
        text = said.markdown(TEXT_BYTES - len(called) - len(section.keyword.encode()) - 4)
        keyword = "" if section.keyword in text else section.keyword
        text = "\n\n".join(filter(None, (keyword, text, called)))
        return {
            "msgtype": "markdown",
            "markdown": {"title": said.text.subject, "text": text},
            "at": {"atMobiles": section.at_mobiles, "isAtAll": section.at_all},
        }
