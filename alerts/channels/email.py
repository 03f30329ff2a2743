"""E-mail through one SMTP server per receiver: one mail per address, text and HTML, in Chinese or English."""

import html
import smtplib
import ssl
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from alerts.brief import tongue
from alerts.channel import ChannelError, Notification, Receipt
from alerts.pipeline import Receiver
from alerts.ways import ANSWER_CHARS, open_each, read_secrets, receiver_of
from alerts.wording import Text, link_label, wording
from hub.settings import EmailSection, Settings

_SMTP_PERMANENT: Final = 500


class Email:
    """Mails to the addresses of `notify.emails`."""

    kind: ClassVar[str] = "email"

    def __init__(self, settings: Settings) -> None:
        self._sections = {section.name: section for section in settings.notify.emails}
        self._passwords = open_each(
            (each for each in self._sections.values() if each.password),
            lambda each: read_secrets({f"notify.emails.{each.name}.password": each.password}).popitem()[1],
        )
        self._domain = f"{settings.hub.district}.hub"
        self._zone = ZoneInfo(settings.hub.zone)
        self._timeout = settings.notify.timeout

    def receivers(self) -> Iterable[Receiver]:
        """One per section, read by people."""
        return [receiver_of(each, self.kind, each.to) for each in self._sections.values()]

    def send(self, notification: Notification) -> Receipt:
        """Hand one mail to the server; its 250 means accepted, not read.

        Raises:
            ChannelError: the server refused, or nobody knows.
        """
        section = self._sections.get(notification.receiver)
        if section is None:
            raise ChannelError("the settings name this receiver no more", permanent=True)
        mail = self.mail(section, notification).as_bytes(policy=SMTP)
        on_its_way = False
        try:
            with smtplib.SMTP(section.host, section.port, timeout=self._timeout) as server:
                self._log_in(server, section)
                _expect(*server.mail(section.sender))
                _expect(*server.rcpt(notification.address))
                on_its_way = True
                return self._data(server, mail)
        except (smtplib.SMTPException, OSError) as error:
            # From DATA on the server may have taken the mail even if we never saw it say so.
            raise ChannelError(_words(error), permanent=False, unsure=on_its_way) from error

    def reach(self, receiver: str) -> None:
        """Connect, and log in where the section has a user."""
        section = self._sections[receiver]
        try:
            with smtplib.SMTP(section.host, section.port, timeout=self._timeout) as server:
                self._log_in(server, section)
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelError(_words(error), permanent=False) from error

    def close(self) -> None:
        """Each mail has a connection of its own; nothing is held."""

    def mail(self, section: EmailSection, notification: Notification) -> EmailMessage:
        """The mail; its Message-ID is the same at every try, and the mails of one incident refer to each other."""
        language = tongue(notification, section.language)
        text = wording(notification.type, notification.data, language)
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = text.subject.replace("\n", " ").replace("\r", " ")
        mail["From"] = section.sender
        mail["To"] = notification.address
        mail["Date"] = datetime.fromtimestamp(notification.created // 1000, UTC).astimezone(self._zone)
        mail["Message-ID"] = f"<{notification.key}@{self._domain}>"
        mail["References"] = f"<{notification.data['incident']['id']}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(_plain(text, link_label(language)))
        mail.add_alternative(_html(text, link_label(language), language), subtype="html")
        mail["Content-Language"] = {"zh": "zh-CN", "en": "en"}[language]  # last: writing the content drops it
        return mail

    def _log_in(self, server: smtplib.SMTP, section: EmailSection) -> None:
        if section.starttls:
            server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
        if section.username:
            server.login(section.username, self._passwords.get(section.name, ""))

    def _data(self, server: smtplib.SMTP, mail: bytes) -> Receipt:
        code, answer = server.data(mail)
        if not 200 <= code < 600:
            raise ChannelError(f"not an answer of a mail server: {_text(answer)!r}", permanent=False, unsure=True)
        _expect(code, answer)
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        return Receipt("accepted", code, _text(answer))


def _expect(code: int, answer: bytes) -> None:
    if 200 <= code < 300:
        return
    raise ChannelError(f"{code} {_text(answer)}", permanent=code >= _SMTP_PERMANENT, code=code)


def _text(answer: bytes | str) -> str:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return words.replace("\x00", "").strip()[:ANSWER_CHARS]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:ANSWER_CHARS]


def _plain(text: Text, link: str) -> str:
    lines = [text.subject, "", *(f"{label}: {value}" for label, value in text.facts)]
    return "\n".join([*lines, *(["", f"{link}: {text.link}"] if text.link else [])]) + "\n"


def _html(text: Text, link: str, language: str) -> str:
    rows = "".join(
        f'<tr><th align="left">{html.escape(label)}</th><td>{html.escape(value)}</td></tr>'
        for label, value in text.facts
    )
    anchor = f'<p><a href="{html.escape(text.link)}">{html.escape(link)}</a></p>' if text.link else ""
    lang = {"zh": "zh-CN"}.get(language, language)
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><body style="font-family:sans-serif">'
        f"<h3>{html.escape(text.subject)}</h3><table>{rows}</table>{anchor}</body></html>"
    )
