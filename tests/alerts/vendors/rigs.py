"""Every channel beside its vendor: how it is set up, and what that vendor says when it refuses or is busy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest

from alerts.channel import Channel, Notification
from alerts.channels import discover
from hub.settings import Settings
from tests.alerts.vendors import SECRET, Vendor
from tests.alerts.vendors.dingtalk import DingTalk
from tests.alerts.vendors.feishu import FeishuRobot
from tests.alerts.vendors.lines import CENTRE_PASSWORD, MAIL_PASSWORD, MailServer, MessageCentre
from tests.alerts.vendors.server import NOW
from tests.alerts.vendors.sms import Aliyun, CallGateway, Gateway, Tencent
from tests.alerts.vendors.wecom import WeCom

NUMBER: Final = "zhenhai-20260101-1"
LINK: Final = f"https://hub.example.org/incidents/{NUMBER}"


def a_notice(address: str, **changes: Any) -> Notification:
    """The notice that every channel is tried with."""
    target = {"department": "zhenhai", "kind": "water", "device": "s1", "property": "nh3_n"}
    alert = {"level": 2, "breach_start": "2026-01-01T07:59:00+08:00", "value": 2.4, "limit": 2.0, "unit": "mg/L"}
    incident = {
        "id": "0" * 32,
        "number": NUMBER,
        "level": 2,
        "state": "detected",
        "opened": "2026-01-01T08:00:00+08:00",
    }
    data = {
        "incident": {**incident, "target": target},
        "alert": {**alert, "target": target, "cleared": None},
        "text": "",
        "actor": None,
        "reason": changes.pop("reason", ""),
        "url": LINK,
    }
    plain: dict[str, Any] = {"key": "0123456789abcdef0123456789abcdef", "type": "incident.opened", "receiver": "duty"}
    plain |= {"address": address, "subject": NUMBER, "created": NOW - 1500, "at": NOW, "data": data}
    return Notification(**{**plain, **changes})


@dataclass(frozen=True)
class Rig:
    """A channel's section and vendor; `step` is where the script of the send goes, `says` the text of the taken."""

    key: str
    kind: str
    vendor: Callable[[], Any]
    section: Callable[[Any], dict[str, Any]]
    secrets: Callable[[Any], dict[str, str]]
    step: str
    address: str
    refused: Any
    busy: Any
    wait: float
    vendor_id: bool = True
    parts: frozenset[str] = field(default=frozenset({"number", "level", "time", "place", "value", "limit", "link"}))

    @contextmanager
    def up(
        self, monkeypatch: pytest.MonkeyPatch, timeout: float = 3.0, **changes: Any
    ) -> Iterator[tuple[Channel, Any]]:
        """The channel and its vendor, both running."""
        vendor = self.vendor()
        channel = self.channel(monkeypatch, vendor, timeout, **changes)
        try:
            yield channel, vendor
        finally:
            channel.close()
            vendor.close()

    def channel(self, monkeypatch: pytest.MonkeyPatch, vendor: Any, timeout: float, **changes: Any) -> Channel:
        """The channel alone."""
        for name, value in self.secrets(vendor).items():
            monkeypatch.setenv(name, value)
        section = {"name": "duty", **self.section(vendor), **changes}
        settings = Settings.model_validate(
            {"hub": {"district": "zhenhai"}, "notify": {self.key: [section], "timeout": timeout}}
        )
        [kind] = [each for each in discover() if each.kind == self.kind]
        return kind(settings)

    def notice(self, **changes: Any) -> Notification:
        """The notice for this rig's address."""
        return a_notice(changes.pop("address", self.address), **changes)


def _env(name: str) -> dict[str, str]:
    return {"env": name}


def _set(vendor: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(vendor, name, value)


def _scripted(vendor: Any, step: str, what: Any) -> None:
    vendor.script[step].append(what)


def _gateway(vendor: Any) -> dict[str, Any]:
    return {
        "url": f"{vendor.base}/v2/send?id={{key}}",
        "headers": {"X-Api-Key": "{secret.api}"},
        "body": '{"mobile":"{to}","content":"【镇海】{line}"}',
        "secrets": {"api": _env("SMS_KEY")},
        "success": "$.code == 0",
        "busy": "$.code in [105, 106]",
        "refused": "$.code in [101, 107]",
        "id": "$.data[0].id",
        "code": "$.code",
        "words": "$.msg",
        "to": ["13800000001"],
    }


def _preset(name: str, vendor: Any, to: str, **more: Any) -> dict[str, Any]:
    params = {"number": "{number}", "what": "{place:16} {value}/{limit}", "link": "{what} {level} {since} {link}"}
    plain = {"preset": name, "url": vendor.base, "key_id": vendor.key, "key": _env("SMS_KEY"), "sign_name": "镇海环保"}
    return {**plain, "template": "SMS_1", "params": params, "to": [to], **more}


def _robot(vendor: Any) -> dict[str, Any]:
    return {"base": vendor.base, "robot": _env("ROBOT"), "sign": _env("SIGN")}


RIGS: Final = {
    "dingtalk-robot": Rig(
        "dingtalk",
        "dingtalk-robot",
        DingTalk,
        _robot,
        lambda v: {"ROBOT": f"https://oapi.dingtalk.com/robot/send?access_token={v.token}", "SIGN": v.sign},
        "/robot/send",
        "robot",
        partial(_set, token="another-robot"),
        partial(_set, limit=0),
        600.0,
        vendor_id=False,
    ),
    "dingtalk-notice": Rig(
        "dingtalk",
        "dingtalk-notice",
        DingTalk,
        lambda v: {"base": v.base, "app_key": v.key, "app_secret": _env("APP"), "agent_id": 4711, "users": ["u1"]},
        lambda v: {"APP": v.secret},
        "/topapi/",
        "u1",
        partial(_set, users=set()),
        lambda v: _scripted(
            v, "/topapi/", {"errcode": 88, "sub_code": "90018", "sub_msg": "调用太频繁", "errmsg": "x"}
        ),
        60.0,
    ),
    "dingtalk-private": Rig(
        "dingtalk",
        "dingtalk-notice",
        DingTalk,
        lambda v: {
            "base": v.base,
            "edition": "private",
            "tenant_id": "196729",
            "app_key": v.key,
            "app_secret": _env("APP"),
            "users": ["u1"],
        },
        lambda v: {"APP": v.secret},
        "/message/",
        "u1",
        partial(_set, users=set()),
        lambda v: _scripted(v, "/message/", 429),
        60.0,
    ),
    "wecom-robot": Rig(
        "wecom",
        "wecom-robot",
        WeCom,
        lambda v: {"base": v.base, "robot": _env("ROBOT")},
        lambda v: {"ROBOT": v.key},
        "/webhook/send",
        "robot",
        partial(_set, key="another"),
        partial(_set, limit=0),
        60.0,
        vendor_id=False,
    ),
    "wecom-app": Rig(
        "wecom",
        "wecom-app",
        WeCom,
        lambda v: {"base": v.base, "corp_id": v.corp, "app_secret": _env("APP"), "agent_id": v.agent, "users": ["u1"]},
        lambda v: {"APP": v.secret},
        "/message/send",
        "u1",
        partial(_set, users=set()),
        lambda v: _scripted(v, "/message/send", {"errcode": 45009, "errmsg": "reach max api daily quota limit"}),
        60.0,
    ),
    "feishu": Rig(
        "feishu",
        "feishu",
        FeishuRobot,
        _robot,
        lambda v: {"ROBOT": v.token, "SIGN": v.sign},
        "/hook/",
        "robot",
        partial(_set, sign="another"),
        partial(_set, limit=0),
        60.0,
        vendor_id=False,
    ),
    "sms": Rig(
        "sms",
        "sms",
        Gateway,
        _gateway,
        lambda v: {"SMS_KEY": v.key},
        "/v2/send",
        "13800000001",
        partial(_set, key="another"),
        partial(_set, limit=0),
        60.0,
    ),
    "sms-aliyun": Rig(
        "sms",
        "sms",
        Aliyun,
        lambda v: _preset("aliyun", v, "13800000001"),
        lambda v: {"SMS_KEY": v.secret},
        "/",
        "13800000001",
        partial(_set, secret="another"),
        partial(_set, limit=0),
        3600.0,
    ),
    "sms-tencent": Rig(
        "sms",
        "sms",
        Tencent,
        lambda v: _preset("tencent", v, "+8613800000001", app_id="1400006666"),
        lambda v: {"SMS_KEY": v.secret},
        "/",
        "+8613800000001",
        partial(_set, secret="another"),
        partial(_set, limit=0),
        30.0,
    ),
    "smpp": Rig(
        "smpp",
        "smpp",
        MessageCentre,
        lambda v: {
            "host": "127.0.0.1",
            "port": v.port,
            "system_id": "hub",
            "password": _env("SMPP"),
            "source": "10690000",
            "to": ["8613800000001"],
        },
        lambda _: {"SMPP": CENTRE_PASSWORD},
        "submit",
        "13800000001",
        lambda v: _scripted(v, "submit", 0x0B),
        partial(_set, limit=0),
        5.0,
    ),
    "voice": Rig(
        "voice",
        "voice",
        CallGateway,
        lambda v: {"url": f"{v.base}/calls", "secret": _env("CALLS"), "id": "$.call", "to": ["13800000001"]},
        lambda _: {"CALLS": SECRET},
        "/calls",
        "13800000001",
        lambda v: _scripted(v, "/calls", 422),
        partial(_set, limit=0),
        0.0,
        parts=frozenset({"number", "level", "place", "value", "limit"}),
    ),
    "email": Rig(
        "emails",
        "email",
        MailServer,
        lambda v: {
            "host": "127.0.0.1",
            "port": v.port,
            "sender": "hub@example.org",
            "to": ["wang@example.org"],
            "username": "hub",
            "password": _env("MAIL"),
        },
        lambda _: {"MAIL": MAIL_PASSWORD},
        "data",
        "wang@example.org",
        lambda v: _scripted(v, "rcpt", "550 no such user"),
        lambda v: _scripted(v, "data", "452 too many mails"),
        0.0,
        vendor_id=False,
    ),
    "webhook": Rig(
        "webhooks",
        "webhook",
        Vendor,
        lambda v: {"url": v.url, "secret": _env("HOOK")},
        lambda _: {"HOOK": SECRET},
        "",
        "http://127.0.0.1/hook",
        lambda v: v.answers.append(404),
        lambda v: v.answers.append(v.busy),
        7.0,
        vendor_id=False,
        parts=frozenset(),
    ),
}
"""Every channel, and each edition and preset of it."""
