"""E-mail against a real SMTP server that takes, refuses and hangs up."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.channel import ChannelError, Notification
from alerts.channels.email import Email
from hub.settings import EmailSection, HubSection, NotifySection, Settings
from storage.records import alerts, incidents
from tests.alerts.builders import World, a_transition

TO = "wang@example.org"


class Postman:
    """Takes mails; `answers` are given to DATA and RCPT, one each, before it takes again."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.rcpt = "250 OK"
        self.data = "250 queued as 4711"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if self.data == "hang up":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.data


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def port(postman: Postman, free_port: int) -> Iterator[int]:
    controller = Controller(postman, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield free_port
    controller.stop()


def channel(port: int, **more: Any) -> Email:
    section = EmailSection(name="duty", host="127.0.0.1", port=port, sender="hub@example.org", to=(TO,), **more)
    return Email(Settings(hub=HubSection(district="zhenhai"), notify=NotifySection(emails=(section,), timeout=2.0)))


@pytest.fixture
def notice(sqlite_world: World) -> Notification:
    sqlite_world.take(a_transition())
    with sqlite_world.records.read() as tx:
        alert = alerts.get(tx, a_transition().id)
        assert alert is not None
        incident = incidents.get(tx, alert.incident or "")
        assert incident is not None
    data = sqlite_world.teller.data(incident, alert, None, "")
    return Notification(
        "key1", "incident.opened", "duty", TO, incident.number, 1_767_225_600_000, 1_767_225_600_000, data
    )


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_mail_says_what_where_and_how_much_in_chinese(port: int, postman: Postman, notice: Notification) -> None:
    receipt = channel(port).send(notice)
    assert (receipt.status, receipt.code, receipt.answer) == ("accepted", 250, "queued as 4711")
    [mail] = postman.mails
    assert mail["Subject"] == "[II 级] 新事件 zhenhai-20260101-1：zhenhai/water/s1，氨氮 2.4 mg/L（限值 2）"
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == (TO, "hub@example.org", "auto-generated")
    assert mail["Message-ID"] == "<key1@zhenhai.hub>"
    assert "开始时间: 2026-01-01T08:00:00+08:00" in body(mail, "plain")
    assert "https://hub.example.org/incidents/zhenhai-20260101-1" in body(mail, "plain")
    assert '<html lang="zh-CN">' in body(mail, "html")


def test_a_mail_can_be_english(port: int, postman: Postman, notice: Notification) -> None:
    channel(port, language="en").send(notice)
    [mail] = postman.mails
    assert mail["Subject"] == (
        "[Level II] New incident zhenhai-20260101-1: zhenhai/water/s1, Ammonia nitrogen 2.4 mg/L (limit 2)"
    )


def test_the_message_id_is_the_same_at_every_try(port: int, postman: Postman, notice: Notification) -> None:
    mailer = channel(port)
    mailer.send(notice)
    mailer.send(notice)
    assert len({mail["Message-ID"] for mail in postman.mails}) == 1


@pytest.mark.parametrize(
    ("where", "answer", "permanent", "code"),
    [
        ("rcpt", "550 no such user", True, 550),
        ("rcpt", "451 greylisted, come back", False, 451),
        ("data", "554 spam", True, 554),
        ("data", "452 mailbox full", False, 452),
    ],
)
def test_the_servers_answer_is_kept_and_says_whether_to_try_again(
    port: int, postman: Postman, notice: Notification, where: str, answer: str, permanent: bool, code: int
) -> None:
    setattr(postman, where, answer)
    with pytest.raises(ChannelError) as caught:
        channel(port).send(notice)
    error = caught.value
    assert (error.permanent, error.code, error.answer, error.unsure) == (permanent, code, answer, False)


def test_a_server_that_hangs_up_after_data_leaves_us_unsure(port: int, postman: Postman, notice: Notification) -> None:
    postman.data = "hang up"
    with pytest.raises(ChannelError) as caught:
        channel(port).send(notice)
    assert (caught.value.permanent, caught.value.unsure) == (False, True)


def test_a_server_that_is_away_is_tried_again(free_port: int, notice: Notification) -> None:
    with pytest.raises(ChannelError) as caught:
        channel(free_port).send(notice)
    assert (caught.value.permanent, caught.value.unsure) == (False, False)


def test_what_people_wrote_cannot_forge_headers_or_markup(port: int, postman: Postman, notice: Notification) -> None:
    notice.data["reason"] = "<script>x</script>\r\nBcc: all@example.org"
    notice.data["incident"]["number"] = "a\r\nBcc: all@example.org"
    channel(port).send(notice)
    [mail] = postman.mails
    assert mail["Bcc"] is None
    assert "<script>" not in body(mail, "html")
