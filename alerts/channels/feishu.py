"""A Feishu group's robot: a titled message of lines and a link into the group, signed."""

from typing import Any, ClassVar, Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.section_channel import SectionChannel
from alerts.signing import feishu_fields
from alerts.vendor import Codes, code_of, read_json
from alerts.ways import Way, below, read_base, read_secrets, receiver_of
from alerts.wording import link_label
from hub.notify import FeishuSection
from hub.settings import Settings

FACT_CHARS: Final = 1500
"""A fact may be so long: all of them stay under the 20 KB of a request."""

RATES: Final = ("5/s", "100/min")
"""Published for one robot of one tenant."""

CODES: Final = Codes(
    busy={11232: 60.0, 9499: 60.0, 99991400: 60.0},
    # Signature, address, keyword, robot or form are wrong: another try changes nothing.
    refused=(19001, 19002, 19007, 19021, 19022, 19024, 19036, 10003, 11246),
)

_Way = Way[FeishuSection]


class Feishu(SectionChannel[FeishuSection]):
    """Speaks through the robots of `notify.feishu`."""

    kind: ClassVar[str] = "feishu"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "feishu", settings.notify.feishu)

    def reach(self, receiver: str) -> None:
        """Connect; a robot takes nothing but messages."""
        with self._ways.of(receiver) as way:
            self._caller.reach(read_base(way.section.base))

    def _open(self, section: FeishuSection) -> _Way:
        secrets = read_secrets({"robot": section.robot, "sign": section.sign})
        secrets["robot"] = urlsplit(secrets["robot"]).path.rstrip("/").rpartition("/")[2]
        # The token is a part of the path: what is shown ends before it.
        shown = _url(section, "").geturl().rstrip("/")
        return Way(section, receiver_of(section, self.kind, (shown,), RATES), secrets)

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        message = self._message(way.section, notification)
        if "sign" in way.secrets:
            message |= feishu_fields(way.secrets["sign"], notification.at)
        url = _url(way.section, way.secrets["robot"])
        headers = {"content-type": "application/json; charset=utf-8"}
        said = read_json(self._caller.post(url, msgspec.json.encode(message), headers))
        words = str(said.get("msg") or said.get("StatusMessage") or "")
        CODES.judge(code_of(said, "code", "StatusCode"), words)
        return Receipt("delivered", 0, words)

    def _message(self, section: FeishuSection, notification: Notification) -> dict[str, Any]:
        said = brief(notification, section.language, self._zone).cut(FACT_CHARS)
        colon = "：" if section.language == "zh" else ": "
        lines: list[list[dict[str, str]]] = [
            [{"tag": "text", "text": f"{label}{colon}{value}"}] for label, value in said.lines()
        ]
        if section.keyword and section.keyword not in said.text.subject:
            lines.append([{"tag": "text", "text": section.keyword}])
        if said.text.link:
            lines.append([{"tag": "a", "text": link_label(section.language), "href": said.text.link}])
        tongue = {"zh": "zh_cn", "en": "en_us"}[section.language]
        return {"msg_type": "post", "content": {"post": {tongue: {"title": said.text.subject, "content": lines}}}}


def _url(section: FeishuSection, token: str) -> SplitResult:
    return below(read_base(section.base), f"/open-apis/bot/v2/hook/{token}")
