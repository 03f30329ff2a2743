"""The settings of who is told: one section class for each kind of receiver; what they need of a vendor, they name."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.section import SecretRef, Section

Rate = Annotated[str, Field(pattern=r"^[1-9]\d{0,5}/([1-9]\d{0,4})?(s|min|h|day)$")]
Language = Literal["zh", "en"]


class ReceiverSection(Section):
    """What every receiver has: its name, what it hears of, how often it may be told.

    `rates` are at most so many notices in any stretch of that length, such as `"20/min"` or `"1/30s"`, `address_rates`
    the same for each address; without them what the vendor publishes holds.
    """

    name: str = Field(min_length=1, max_length=64, pattern=r"^[^/]+$")
    levels: tuple[int, ...] = (1, 2, 3, 4)
    departments: tuple[str, ...] = ("*",)
    rates: tuple[Rate, ...] | None = None
    address_rates: tuple[Rate, ...] | None = None


class WebhookSection(ReceiverSection):
    """A receiver of signed CloudEvents; `secret` as Standard Webhooks want it (whsec_...)."""

    url: str
    secret: SecretRef
    events: tuple[str, ...] = ("*",)


class EmailSection(ReceiverSection):
    """A mail receiver group through one SMTP server."""

    host: str
    port: int = 25
    starttls: bool = False
    username: str | None = None
    password: SecretRef | None = None
    sender: str
    to: tuple[str, ...]
    language: Language = "zh"


class DingTalkSection(ReceiverSection):
    """DingTalk: a group's robot (`robot`), or work notices of an application (`app_key`) to `users`.

    `robot` is the robot's whole address or the token in it, `sign` its signing secret. `base` is where the vendor's
    interface is; `edition = "private"` speaks as the private editions for governments do (`tenant_id` instead of `agent_id`).
    """

    base: str = "https://oapi.dingtalk.com"
    edition: Literal["public", "private"] = "public"
    robot: SecretRef | None = None
    sign: SecretRef | None = None
    keyword: str = ""
    at_mobiles: tuple[str, ...] = ()
    at_all: bool = False
    app_key: str = ""
    app_secret: SecretRef | None = None
    agent_id: int | None = None
    tenant_id: str = ""
    users: tuple[str, ...] = ()
    language: Language = "zh"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.robot is None) == (not self.app_key):
            raise ValueError("expected either robot, or app_key with app_secret and users")
        if self.app_key and (self.app_secret is None or not self.users):
            raise ValueError("work notices need app_secret and users")
        if self.app_key and self.edition == "public" and self.agent_id is None:
            raise ValueError("work notices need agent_id")
        if self.app_key and self.edition == "private" and not self.tenant_id:
            raise ValueError('work notices of the edition "private" need tenant_id')
        return self


class WeComSection(ReceiverSection):
    """WeCom: a group's robot (`robot`), or messages of an application (`corp_id`) to `users`."""

    base: str = "https://qyapi.weixin.qq.com"
    robot: SecretRef | None = None
    at_mobiles: tuple[str, ...] = ()
    corp_id: str = ""
    app_secret: SecretRef | None = None
    agent_id: int | None = None
    users: tuple[str, ...] = ()
    language: Language = "zh"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.robot is None) == (not self.corp_id):
            raise ValueError("expected either robot, or corp_id with app_secret, agent_id and users")
        if self.corp_id and (self.app_secret is None or self.agent_id is None or not self.users):
            raise ValueError("messages of an application need app_secret, agent_id and users")
        return self


class FeishuSection(ReceiverSection):
    """A Feishu group's robot: its whole address or the token in it, and its signing secret where it has one."""

    base: str = "https://open.feishu.cn"
    robot: SecretRef
    sign: SecretRef | None = None
    keyword: str = ""
    language: Language = "zh"


class TemplateSection(ReceiverSection):
    """Any gateway that is called over HTTP, one call for each number in `to`.

    `url`, `headers` and `body` are templates; `success`, `busy` and `refused` are conditions on the answer; `id`,
    `code` and `words` are paths to what it says. `secrets` are read once and stand as `{secret.NAME}` in the templates.
    """

    to: tuple[str, ...] = Field(min_length=1)
    method: Literal["GET", "POST", "PUT"] = "POST"
    url: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    success: str = "status in [200, 201, 202, 204]"
    busy: str = ""
    refused: str = ""
    id: str = ""
    code: str = ""
    words: str = ""
    secrets: dict[str, SecretRef] = Field(default_factory=dict)
    language: Language = "zh"


class SmsSection(TemplateSection):
    """Short messages: through any vendor by templates, or through one whose interface is built in (`preset`).

    A preset wants `key_id`, `key`, `sign_name` and `template`; `params` fills the vendor's template, for Tencent in order.
    """

    preset: Literal["", "aliyun", "tencent"] = ""
    key_id: str = ""
    key: SecretRef | None = None
    sign_name: str = ""
    template: str = ""
    app_id: str = ""
    region: str = ""
    params: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.preset and not self.url:
            raise ValueError("expected url, or a preset")
        wanted = {"key_id": self.key_id, "key": self.key, "sign_name": self.sign_name, "template": self.template}
        wanted |= {"app_id": self.app_id} if self.preset == "tencent" else {}
        if self.preset and (missing := [name for name, value in wanted.items() if not value]):
            raise ValueError(f"the preset {self.preset} needs {', '.join(missing)}")
        return self


class VoiceSection(TemplateSection):
    """A call gateway: it is told a number and what to say; `secret` signs the call as Standard Webhooks do."""

    body: str = '{"id":"{key}","to":"{to}","text":"{spoken}","language":"{language}","repeat":2}'
    secret: SecretRef | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.url:
            raise ValueError("expected url")
        return self


class SmppSection(ReceiverSection):
    """Short messages over SMPP 3.4: `source` is the sender's number or name, `parts` the most pieces of one message.

    `join` says how pieces are marked: `udh` in the text's own header, `sar` in optional parameters.
    """

    host: str
    port: int = Field(default=2775, ge=1, le=65535)
    tls: bool = False
    system_id: str = Field(min_length=1, max_length=15)
    password: SecretRef
    system_type: str = Field(default="", max_length=12)
    source: str = Field(default="", max_length=20)
    source_ton: int = Field(default=0, ge=0, le=6)
    source_npi: int = Field(default=0, ge=0, le=18)
    to: tuple[str, ...] = Field(min_length=1)
    to_ton: int = Field(default=1, ge=0, le=6)
    to_npi: int = Field(default=1, ge=0, le=18)
    parts: int = Field(default=4, ge=1, le=10)
    join: Literal["udh", "sar"] = "udh"
    language: Language = "zh"


class NotifySection(Section):
    """Who is told; `backoff` is the wait in seconds before each further attempt."""

    webhooks: tuple[WebhookSection, ...] = ()
    emails: tuple[EmailSection, ...] = ()
    dingtalk: tuple[DingTalkSection, ...] = ()
    wecom: tuple[WeComSection, ...] = ()
    feishu: tuple[FeishuSection, ...] = ()
    sms: tuple[SmsSection, ...] = ()
    smpp: tuple[SmppSection, ...] = ()
    voice: tuple[VoiceSection, ...] = ()
    backoff: tuple[float, ...] = (1, 5, 30, 120, 600, 1800, 3600)
    timeout: float = 10.0

    def sections(self) -> dict[str, tuple[ReceiverSection, ...]]:
        """The receivers' sections by the key they stand under."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in found.items() if name not in {"backoff", "timeout"}}
