"""People: how each is reached, in which order, and when they are left in peace."""

from datetime import time
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from alerts.people.form import Clock, Form, Kept, Levels, Name, Seconds, Span
from hub.notify import Language

URGENT: Final = 2
"""Levels up to this one are told at once, whatever the hour."""

Address = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Degrees = Annotated[float, Field(allow_inf_nan=False)]

_OWN: Final = {
    "email": "mail",
    "sms": "phone",
    "smpp": "phone",
    "voice": "phone",
    "dingtalk-notice": "dingtalk",
    "wecom-app": "wecom",
}
"""Which of a person's own addresses a kind of channel wants; robots speak to a group and reach no person."""


class Way(Form):
    """One rung of a person's ladder: the name of a receiver in `hub.toml`, and their own address there.

    Without `address` it is the person's phone, mail or user id, as the channel wants. The next rung is tried when this
    one fails, or `wait_s` seconds after it was sent and it is not `until` then; `sent` never waits for an answer.
    """

    receiver: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^/\x00-\x1f]+$")]
    address: Address = ""
    wait_s: Annotated[Seconds, Field(ge=10)] = 60
    until: Literal["sent", "delivered", "read"] = "read"


class Quiet(Form):
    """Hours in which levels 3 and 4 wait; over midnight where `to` is not after `from`."""

    from_: Annotated[Clock, Field(alias="from")]
    to: Clock


class Place(Form):
    """Where somebody is, or usually is; WGS-84 degrees."""

    lon: Annotated[Degrees, Field(ge=-180, le=180)]
    lat: Annotated[Degrees, Field(ge=-90, le=90)]


class Person(Kept):
    """Somebody who may be told: own addresses, ways in order, hours of peace.

    `user_ids` are their ids by vendor (`dingtalk`, `wecom`); `login` the name of their account here. Levels in `digest`
    come once a day at `digest_at`. `away` are times when they are not to be reached, on leave for instance.
    """

    login: Annotated[str, StringConstraints(max_length=64)] = ""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?\d{5,15})?$")] = ""
    mail: Annotated[str, StringConstraints(max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    user_ids: Annotated[dict[Name, Address], Field(max_length=20)] = Field(default_factory=dict)
    language: Language = "zh"
    ways: Annotated[tuple[Way, ...], Field(max_length=10)] = ()
    quiet: Quiet | None = None
    digest: Levels = (4,)
    digest_at: Clock = time(8, 30)
    away: Annotated[tuple[Span, ...], Field(max_length=200)] = ()
    at: Place | None = None

    @model_validator(mode="after")
    def _is_kind(self) -> "Person":
        if urgent := [level for level in self.digest if level <= URGENT]:
            raise ValueError(f"levels {urgent} are told at once: expected 3 or 4 in digest")
        return self

    def address(self, channel: str, way: Way) -> str:
        """Their address on a way whose channel is of this kind, empty where they have none."""
        if way.address:
            return way.address
        own = _OWN.get(channel, "")
        return str(getattr(self, own)) if own in ("phone", "mail") else self.user_ids.get(own, "")


class Unit(Kept):
    """A team of a department; its leaders are told where a plan says so."""

    members: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    leaders: Annotated[tuple[Name, ...], Field(max_length=20)] = ()


def is_personal(channel: str) -> bool:
    """Whether a kind of channel reaches one person."""
    return channel in _OWN
