"""Messages of a WeCom application to its members, also where a government runs WeCom itself."""

from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import msgspec

from alerts.brief import brief
from alerts.channel import ChannelError, Notification, Receipt
from alerts.section_channel import SectionChannel
from alerts.token import Fetch, Token
from alerts.vendor import Codes, Stale, code_of, read_json
from alerts.ways import Way, below, read_base, read_secrets, receiver_of
from hub.notify import WeComSection
from hub.settings import Settings

TEXT_BYTES: Final = 2048

ADDRESS_RATES: Final = ("30/min", "1000/h")
"""Published for one application and one member; what is over it the vendor drops without a word."""

CODES: Final = Codes(
    stale=(40001, 40014, 41001, 42001),
    busy={45009: 60.0, 45033: 5.0, -1: 5.0},
    refused=(
        40003,
        40008,
        40013,
        40031,
        40032,
        40035,
        40054,
        40056,
        40058,
        44004,
        45002,
        48002,
        60011,
        60020,
        60111,
        81013,
        301002,
        2000002,
    ),
)
_TOKEN: Final = Codes(refused=(40001, 40013, 40056, 41002, 41004, 60020), busy={45009: 60.0, -1: 5.0})
_NOT_A_MEMBER: Final = 81013
_REPEATS_S: Final = 1800

_Way = Way[WeComSection]


class WeComApp(SectionChannel[WeComSection]):
    """Tells the users of `notify.wecom`, one call for each."""

    kind: ClassVar[str] = "wecom-app"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "wecom", (each for each in settings.notify.wecom if each.corp_id))
        self._tokens = {way.section.name: Token(self._fetching(way)) for way in self._ways}

    def reach(self, receiver: str) -> None:
        """Fetch a token."""
        with self._ways.of(receiver) as way:
            self._fetching(way)()

    def _open(self, section: WeComSection) -> _Way:
        read_base(section.base)
        receiver = receiver_of(section, self.kind, section.users, (), ADDRESS_RATES)
        return Way(section, receiver, read_secrets({"app_secret": section.app_secret}))

    def _fetching(self, way: _Way) -> Fetch:
        def fetch() -> tuple[str, int]:
            query = urlencode({"corpid": way.section.corp_id, "corpsecret": way.secrets["app_secret"]})
            url = below(read_base(way.section.base), "/cgi-bin/gettoken", query)
            said = read_json(self._caller.call("GET", url, None, {}))
            _TOKEN.judge(code_of(said, "errcode"), str(said.get("errmsg", "")))
            return str(said.get("access_token", "")), int(said.get("expires_in", 7200))

        return fetch

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        token = self._tokens[way.section.name]
        word = token.get(notification.at)
        try:
            return self._send_with(way, notification, word)
        except Stale:
            token.forget(word)
            return self._send_with(way, notification, token.get(notification.at))

    def _send_with(self, way: _Way, notification: Notification, token: str) -> Receipt:
        body = msgspec.json.encode(self._message(way.section, notification))
        url = below(read_base(way.section.base), "/cgi-bin/message/send", urlencode({"access_token": token}))
        said = read_json(self._caller.post(url, body, {"content-type": "application/json; charset=utf-8"}))
        words = str(said.get("errmsg", ""))
        CODES.judge(code_of(said, "errcode"), words)
        # "ok" is said too when the one person asked for is not there.
        for list_, why in (("invaliduser", "invaliduser"), ("unlicenseduser", "unlicenseduser")):
            if notification.address in str(said.get(list_) or "").split("|"):
                raise ChannelError(f"0 {words}, {why}: {notification.address}", permanent=True, code=_NOT_A_MEMBER)
        return Receipt("accepted", 0, words, str(said.get("msgid", "")))

    def _message(self, section: WeComSection, notification: Notification) -> dict[str, Any]:
        said = brief(notification, section.language, self._zone)
        return {
            "touser": notification.address,
            "msgtype": "text",
            "agentid": section.agent_id,
            "text": {"content": said.plain(TEXT_BYTES)},
            # A try of which nobody knows is made again with the same text: the vendor drops the second.
            "enable_duplicate_check": 1,
            "duplicate_check_interval": _REPEATS_S,
        }
