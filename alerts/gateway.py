"""A gateway called by template: built from its section once, with every mistake, then called for each notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from alerts.brief import Brief
from alerts.calling import Caller, Reply
from alerts.channel import ChannelError, Notification, Receipt
from alerts.standard_webhooks import signed_headers
from alerts.template import Condition, as_json, check_template, escaping, fill, in_header, in_url, look
from alerts.vendor import asked_wait, judge_status
from alerts.ways import read_base
from hub.errors import ConfigError, Fault
from hub.notify import TemplateSection

WORDS: Final = (
    *("to", "key", "attempt", "subject", "language", "unix", "unix_ms", "text", "line", "spoken", "number", "level"),
    *("head", "place", "what", "value", "limit", "since", "cleared", "by", "reason", "sent", "link"),
)
"""What a template may say, besides `secret.NAME`."""

LINE_CHARS: Final = 335
"""Five pieces of a short message in UCS-2."""

_BUSY_WAIT: Final = 60.0


def words_of(notification: Notification, said: Brief, secrets: Mapping[str, str]) -> dict[str, str]:
    """Every word that a template may say of this notice."""
    plain = {
        "to": notification.address,
        "key": notification.key,
        "attempt": str(notification.attempt),
        "subject": notification.subject,
        "language": {"zh": "zh-CN", "en": "en"}[said.language],
        "unix": str(notification.at // 1000),
        "unix_ms": str(notification.at),
        "line": said.line(LINE_CHARS),
        "spoken": said.spoken(),
    }
    return {**said.named(), **plain, **{f"secret.{name}": word for name, word in secrets.items()}}


@dataclass(frozen=True, slots=True)
class Gateway:
    """One section made ready: its conditions read, its templates checked."""

    section: TemplateSection
    success: Condition
    busy: Condition | None
    refused: Condition | None
    sign: bytes | None = None

    @classmethod
    def open(cls, section: TemplateSection, sign: bytes | None = None) -> "Gateway":
        """The gateway of a section.

        Raises:
            ConfigError: every word nobody knows, every condition that is none, an address that cannot be called.
        """
        known = dict.fromkeys((*WORDS, *(f"secret.{name}" for name in section.secrets)), "x")
        templates = {"url": section.url, "body": section.body}
        templates |= {f"headers.{name}": text for name, text in section.headers.items()}
        faults = [fault for key, text in templates.items() for fault in check_template(text, known, key)]
        conditions: dict[str, Condition | None] = {}
        for key in ("success", "busy", "refused"):
            try:
                conditions[key] = Condition.parse(getattr(section, key), key)
            except ConfigError as error:
                faults += error.faults
        try:
            read_base(section.url.partition("{")[0])
        except ConfigError as error:
            faults += error.faults
        success = conditions.get("success")
        if success is None and not faults:
            faults.append(Fault("hub.toml", 0, "success", "success: expected a condition"))
        if faults or success is None:
            raise ConfigError(faults)
        return cls(section, success, conditions["busy"], conditions["refused"], sign)

    def call(self, caller: Caller, notification: Notification, words: Mapping[str, str]) -> Receipt:
        """Call once.

        Raises:
            ChannelError: what was answered is no success.
        """
        section = self.section
        url = urlsplit(fill(section.url, words, in_url))
        headers = {name.lower(): fill(text, words, in_header) for name, text in section.headers.items()}
        if section.method != "GET":
            headers.setdefault("content-type", "application/json; charset=utf-8")
        body = fill(section.body, words, escaping(headers.get("content-type", ""))).encode()
        if self.sign is not None:
            headers |= signed_headers(self.sign, notification.key, notification.at, body)
        return self._judge(caller.call(section.method, url, None if section.method == "GET" else body, headers))

    def _judge(self, reply: Reply) -> Receipt:
        said = as_json(reply)
        words, code = self._words(reply, said), self._code(reply, said)
        if self.success.holds(reply, said):
            return Receipt(
                "accepted", code, words, _text(look(self.section.id, reply, said) if self.section.id else "")
            )
        if self.busy is not None and self.busy.holds(reply, said):
            wait = asked_wait(reply.retry_after) or _BUSY_WAIT
            raise ChannelError(words, permanent=False, code=code, wait=wait, busy="receiver")
        if self.refused is not None and self.refused.holds(reply, said):
            raise ChannelError(words, permanent=True, code=code)
        judge_status(reply, refuse=True)
        if said is None and self.success.reads_json:
            # 2xx, but nothing that the condition could read: half an answer, or a stranger's page.
            raise ChannelError(f"not understood: {words}", permanent=False, code=code, unsure=True)
        raise ChannelError(words, permanent=False, code=code)

    def _words(self, reply: Reply, said: Any) -> str:
        found = _text(look(self.section.words, reply, said)) if self.section.words else ""
        code = _text(look(self.section.code, reply, said)) if self.section.code else ""
        return " ".join(filter(None, (code, found))) or reply.answer or f"HTTP {reply.status}"

    def _code(self, reply: Reply, said: Any) -> int:
        found = look(self.section.code, reply, said) if self.section.code else reply.status
        number = int(found) if isinstance(found, int | str) and str(found).lstrip("-").isdigit() else reply.status
        return number if abs(number) < 1 << 31 else reply.status


def _text(found: Any) -> str:
    return "" if found is None else str(found)
