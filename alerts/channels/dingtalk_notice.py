"""DingTalk work notices of an application to persons, public or private edition (as governments have it)."""

from contextlib import suppress
from hashlib import sha256
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import msgspec

from alerts.brief import brief
from alerts.calling import Reply
from alerts.channel import ChannelError, Notification, Receipt
from alerts.section_channel import SectionChannel
from alerts.signing import private_dingtalk_headers
from alerts.token import Fetch, Token
from alerts.vendor import Codes, Stale, code_of, read_json
from alerts.ways import Way, below, read_base, read_secrets, receiver_of
from hub.notify import DingTalkSection
from hub.settings import Settings

TEXT_BYTES: Final = 1600
"""The vendor takes a message of 2048 bytes; what stands around the text, the title too, has room."""

RATES: Final = {"public": ("5000/min",), "private": ()}
ADDRESS_RATES: Final = {"public": ("500/day",), "private": ("100/day",)}
"""Published for applications, per person and day; the same text reaches a person once a day only."""

CODES: Final = Codes(
    stale=(40001, 40014, 41001, 42001),
    busy={90002: 300.0, 90018: 60.0, 90030: 3600.0, -1: 5.0},
    # No such person, application or right; a message of a wrong form; the same text again today.
    refused=(33012, 34018, 40031, 40035, 40089, 40096, 60011, 60020, 60121, 71006, 400002, 400035, 143103, 143105),
)

_TOKEN: Final = Codes(refused=(40035, 40089, 40096, 60020))
_PRIVATE: Final = Codes(fine=(), refused=("400", "401", "403"))
_JSON: Final = {"content-type": "application/json; charset=utf-8"}
_NOTICE: Final = "/message/workNotification"
_ALREADY: Final = ("重复", "duplicate", "repeat")

_Way = Way[DingTalkSection]


class DingTalkNotice(SectionChannel[DingTalkSection]):
    """Tells the users of `notify.dingtalk` by work notices, one call for each."""

    kind: ClassVar[str] = "dingtalk-notice"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "dingtalk", (each for each in settings.notify.dingtalk if each.app_key))
        self._tokens = {way.section.name: Token(self._fetching(way)) for way in self._ways}

    def reach(self, receiver: str) -> None:
        """Fetch a token; the private edition signs every call and is only connected to."""
        with self._ways.of(receiver) as way:
            if way.section.edition == "private":
                self._caller.reach(read_base(way.section.base))
            else:
                self._fetching(way)()

    def _open(self, section: DingTalkSection) -> _Way:
        read_base(section.base)
        rates, own = RATES[section.edition], ADDRESS_RATES[section.edition]
        receiver = receiver_of(section, self.kind, section.users, rates, own)
        return Way(section, receiver, read_secrets({"app_secret": section.app_secret}))

    def _fetching(self, way: _Way) -> Fetch:
        def fetch() -> tuple[str, int]:
            query = urlencode({"appkey": way.section.app_key, "appsecret": way.secrets["app_secret"]})
            said = read_json(self._caller.call("GET", below(read_base(way.section.base), "/gettoken", query), None, {}))
            _TOKEN.judge(code_of(said, "errcode"), str(said.get("errmsg", "")))
            return str(said.get("access_token", "")), int(said.get("expires_in", 7200))

        return fetch

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        if way.section.edition == "private":
            return self._send_private(way, notification)
        token = self._tokens[way.section.name]
        word = token.get(notification.at)
        try:
            return self._send_public(way, notification, word)
        except Stale:
            token.forget(word)
            return self._send_public(way, notification, token.get(notification.at))

    def _send_public(self, way: _Way, notification: Notification, token: str) -> Receipt:
        body = {
            "agent_id": way.section.agent_id,
            "userid_list": notification.address,
            "msg": self._message(way.section, notification),
        }
        path = "/topapi/message/corpconversation/asyncsend_v2"
        url = below(read_base(way.section.base), path, urlencode({"access_token": token}))
        said = read_json(self._caller.post(url, msgspec.json.encode(body), _JSON))
        code, words = code_of(said, "errcode"), str(said.get("errmsg", ""))
        sub = str(said.get("sub_code", ""))
        if code == 88 and sub.isdigit():
            code, words = int(sub), str(said.get("sub_msg", words))
        CODES.judge(code, words)
        return Receipt("accepted", 0, words, str(said.get("task_id", "")))

    def _send_private(self, way: _Way, notification: Notification) -> Receipt:
        form = {
            "bizMsgId": notification.key,
            "msg": msgspec.json.encode(self._message(way.section, notification)).decode(),
            "receiverIds": notification.address,
            "tenantId": way.section.tenant_id,
        }
        digits = int(sha256(f"{notification.key} {notification.attempt}".encode()).hexdigest()[:8], 16) % 10_000
        headers = private_dingtalk_headers(
            way.section.app_key,
            way.secrets["app_secret"],
            "POST",
            _NOTICE,
            form,
            at=notification.at,
            nonce=f"{notification.at}{digits:04d}",
        )
        headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
        url = below(read_base(way.section.base), _NOTICE)
        return _read_private(self._caller.post(url, urlencode(form).encode(), headers), notification)

    def _message(self, section: DingTalkSection, notification: Notification) -> dict[str, Any]:
        said = brief(notification, section.language, self._zone).cut(200)
        return {
            "msgtype": "markdown",
            "markdown": {"title": said.cut(50).text.subject, "text": said.markdown(TEXT_BYTES)},
        }


def _read_private(reply: Reply, notification: Notification) -> Receipt:
    """`success` says it; a business id that is there already was taken at an earlier try of ours."""
    said = read_json(reply)
    content = said.get("content")
    with suppress(msgspec.DecodeError):
        content = msgspec.json.decode(content) if isinstance(content, str) else content
    inner = content if isinstance(content, dict) else {}
    words = str(said.get("errorMsg") or inner.get("responseMessage") or "")
    if said.get("success") is True and inner.get("success", True) is True:
        found = inner.get("content") or inner.get("msgId") or said.get("content") or ""
        return Receipt("accepted", None, words, str(found.get("msgId", "") if isinstance(found, dict) else found))
    if notification.attempt > 1 and any(word in words for word in _ALREADY):
        return Receipt("accepted", None, words)
    code = said.get("errorCode") or inner.get("responseCode")
    if code is None and "success" not in said:
        raise ChannelError(f"an answer without success: {str(said)[:200]}", permanent=False, unsure=True)
    raise _PRIVATE.refusal(str(code or "false"), words)
