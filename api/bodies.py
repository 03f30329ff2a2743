"""What callers send, as OpenAPI shows it: unknown members are refused, text holds no control characters."""

from datetime import date
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from hub.model import Station
from hub.standards.permit import PermitLimit

_PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f/]+$")]
Words = Annotated[str, StringConstraints(max_length=2000, pattern=_PLAIN)]
Title = Annotated[str, StringConstraints(max_length=200, pattern=_PLAIN)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Department = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Period = Annotated[float, Field(gt=0, le=31_622_400, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Body(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Login(Body):
    """A name and a password."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Password


class NewUser(Body):
    """A person who may log in; without department they see all of them."""

    name: Name
    password: Password
    role: Literal["viewer", "officer", "admin"]
    department: Department | None = None


class NewPassword(Body):
    """A new password; the person's sessions end."""

    password: Password


class NewToken(Body):
    """A token for a program, or, with role `device`, for one device; `expires` RFC 3339."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_PLAIN)]
    role: Literal["device", "viewer", "officer", "admin"] = "viewer"
    department: Department | None = None
    device: Annotated[str | None, StringConstraints(max_length=128)] = None
    expires: Annotated[str | None, StringConstraints(max_length=64)] = None


class NewLimit(Body):
    """A permit's limit, in the datastream's unit; the last day is included, a `valid_to` of null is open."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PLAIN)]
    above: Number | None = None
    below: Number | None = None
    edition: Title = ""
    clause: Title = ""
    valid_from: date = date(1970, 1, 1)
    valid_to: date | None = None
    basis: Literal["hour", "day"] = "hour"

    @model_validator(mode="after")
    def _is_limit(self) -> Self:
        PermitLimit(**self.model_dump())
        return self


class NewDatastream(Body):
    """What the register says of one property at the device; absent members are the device's or the property's own."""

    period_s: Period | None = None
    low: Number | None = None
    high: Number | None = None
    unit: Annotated[str | None, StringConstraints(max_length=32, pattern=_PLAIN)] = None
    name_zh: Title = ""
    name_en: Title = ""
    limits: Annotated[list[NewLimit], Field(max_length=50)] = Field(default_factory=list)


class NewLink(Body):
    """How the device speaks a field protocol; a `password` or `key` left out is the one it has, "" none."""

    protocol: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
    identity: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    password: Annotated[str | None, StringConstraints(max_length=64, pattern=_PLAIN)] = None
    key: Annotated[str | None, StringConstraints(pattern=r"^([0-9A-Fa-f]{32})?$")] = None
    sources: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=50)] = Field(
        default_factory=list
    )
    crc: Literal["hj212", "modbus"] = "hj212"
    crs: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    units: Annotated[dict[str, Title], Field(max_length=500)] = Field(default_factory=dict)
    factors: Annotated[dict[str, Title], Field(max_length=500)] = Field(default_factory=dict)
    backfill: bool = True

    @field_validator("sources")
    @classmethod
    def _are_networks(cls, sources: list[str]) -> list[str]:
        for network in sources:
            ip_network(network)
        return sources


class DeviceBody(Body):
    """What the register says of a device; periods in seconds, position WGS-84 in degrees."""

    name_zh: Title = ""
    name_en: Title = ""
    lon: Degrees | None = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    period_s: Period | None = None
    lateness_s: Annotated[float, Field(ge=0, le=31_622_400, allow_inf_nan=False)] = 0
    zone: Annotated[str | None, StringConstraints(max_length=64)] = None
    auto_properties: bool = False
    gateway: bool = False
    enabled: bool = True
    datastreams: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")], NewDatastream], Field(max_length=500)
    ] = Field(default_factory=dict)
    water_body: Literal["river", "lake"] | None = None
    target_class: Literal["I", "II", "III", "IV", "V"] | None = None
    section: Annotated[str, StringConstraints(max_length=64, pattern=_PLAIN)] = ""
    parent: Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]{1,32}/[a-z]{1,16}/[A-Za-z0-9_.:-]{1,64})?$")] = ""
    link: NewLink | None = None
    new_secret: bool = False


class NewDevice(DeviceBody):
    """A device to register; `station` is DEPARTMENT/KIND/DEVICE."""

    station: Annotated[str, StringConstraints(max_length=110)]

    @field_validator("station")
    @classmethod
    def _is_station(cls, text: str) -> str:
        return str(Station.parse(text))


class Ask(Body):
    """What is asked of a device by its field protocol: a word of the protocol's and its arguments."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,47}$")]
    arguments: Annotated[dict[str, Any], Field(max_length=50)] = Field(default_factory=dict)
    expires_s: Annotated[float, Field(ge=1, le=604_800, allow_inf_nan=False)] = 600


class Act(Body):
    """Why it is done, for the log, and what the action wants: `alerts.given.Given` says what each member is.

    `happened` (RFC 3339) is when it was done, where that was before it could be sent.
    """

    reason: Words = ""
    verdict: Literal["false"] | None = None
    text: Words = ""
    cause_code: Annotated[str | None, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,47}$")] = None
    person: Name | None = None
    unit: Name | None = None
    lon: Degrees | None = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)] = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 0
    evidence: Annotated[list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]], Field(max_length=100)] = (
        Field(default_factory=list)
    )
    into: Annotated[str | None, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None
    override: bool = False
    happened: Annotated[str | None, StringConstraints(max_length=64)] = None

    def given(self) -> dict[str, Any]:
        """What the desk is given of it."""
        kept = self.model_dump(exclude={"verdict", "happened"})
        return {**kept, "evidence": tuple(self.evidence)}


class NewSilence(Body):
    """What is to be quiet, why and until when: shell patterns by word, `level` the worst that is kept quiet; RFC 3339."""

    matcher: Annotated[
        dict[
            Literal["incident", "department", "kind", "device", "property", "type", "area"],
            Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_PLAIN)],
        ],
        Field(min_length=1),
    ]
    level: Annotated[int, Field(ge=1, le=4)] = 2
    starts: Annotated[str | None, StringConstraints(max_length=64)] = None
    ends: Annotated[str, StringConstraints(max_length=64)]
    reason: Annotated[Words, StringConstraints(min_length=1)]


class GiveShift(Body):
    """What the next shift must know; `department` whose desk, where the caller sees all."""

    note: Words = ""
    department: Department | None = None


class TakeShift(Body):
    """What whoever takes the desk over has to say."""

    note: Words = ""


class EndSilence(Body):
    """Why it ends before its time."""

    reason: Words = ""
