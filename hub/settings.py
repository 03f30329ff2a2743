"""The hub's settings: one TOML file, unknown keys are errors, secrets by reference; passed in, never global."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from hub.evidence import EvidenceKind
from hub.incident import IncidentsSection
from hub.notify import EmailSection, NotifySection, WebhookSection
from hub.section import Department, SecretRef, Section

__all__ = [
    "BusSection",
    "EmailSection",
    "Engines",
    "FieldSection",
    "HubSection",
    "IncidentsSection",
    "IngestSection",
    "MappingSection",
    "NotifySection",
    "PatrolSection",
    "SecretRef",
    "ServeSection",
    "Settings",
    "WebhookSection",
]


KEEP_DAYS: Final[dict[EvidenceKind, float]] = {"frame": 180, "crop": 365, "overlay": 180, "thumbnail": 30, "clip": 30}
"""How long the patrol's evidence is kept where hub.toml says nothing."""


class HubSection(Section):
    """Who we are and where our files lie; `zone` is the site's IANA zone, `duty_phone` whom field staff call."""

    district: Department = "district"
    name_zh: str = ""
    name_en: str = ""
    zone: str = "Asia/Shanghai"
    data: Path = Path("data")
    rules: Path = Path("rules")
    duty_phone: str = Field(default="", pattern=r"^[0-9+*#() -]{0,32}$")


class Engines(Section):
    """Engines as URLs; relative paths lie under `hub.data`. InfluxDB wants `series_token`."""

    mqtt: str = "embedded://127.0.0.1:1883"
    bus: str = "embedded://"
    series: str = "embedded://"
    series_token: SecretRef | None = None
    records: str = "sqlite:///hub.db"
    evidence: str = "file://evidence"


class BusSection(Section):
    """`partitions` of the keyed topics (None: 1 embedded, 8 on Kafka); never changed once topics exist."""

    partitions: int | None = Field(default=None, ge=1, le=256)
    replication: int = Field(default=1, ge=1, le=5)


class IngestSection(Section):
    """How readings are gathered into batches and how MQTT is read."""

    client_id: str = "hub-ingest"
    filters: tuple[str, ...] = ("hub/+/+/+/#",)
    reader: Literal["bulk", "public"] = "bulk"
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    flush_rows: int = Field(default=500, ge=1)
    flush_ms: int = Field(default=50, ge=1, le=5000)
    flush_bytes: int = Field(default=262_144, ge=1024)
    max_payload: int = Field(default=2_097_152, ge=1024)
    future_ms: int = Field(default=600_000, ge=0)
    username: str = "hub"
    password: SecretRef | None = None
    ca_file: Path | None = None
    mosquitto_pid_file: Path | None = None


class FieldSection(Section):
    """The field protocols: where each is listened for, such as `listen.hj212 = "0.0.0.0:9212"`, and what one caller may cost.

    `idle_s` ends a connection that says nothing, `hello_s` one that has not said who it is; the rates are tokens a second of one connection, with a burst
    of ten seconds' worth.
    """

    listen: dict[str, str] = Field(default_factory=dict)
    max_sessions: int = Field(default=10_000, ge=1)
    per_address: int = Field(default=256, ge=1)
    hello_s: float = Field(default=60, gt=0)
    idle_s: float = Field(default=1800, gt=0)
    frames_per_s: float = Field(default=50, gt=0)
    bytes_per_s: float = Field(default=262_144, gt=0)
    tap_frames: int = Field(default=50, ge=0, le=1000)


class PatrolSection(Section):
    """The river patrol: how many worker processes share the cameras, passwords of cameras by name, how long evidence is kept (days by kind).

    `levels` says at which level a kind of event alerts (0: not at all) in place of the kind's own. A camera without a new picture for `lost_after_s` is
    lost. Below these free shares of the disk: `disk_alarm` somebody is told, `disk_stop` thumbnails are kept no more, `disk_spare` the oldest that no
    incident holds goes. With `enabled = false` the part does not run here.
    """

    enabled: bool = True
    workers: int = Field(default=1, ge=1, le=64)
    passwords: dict[str, SecretRef] = Field(default_factory=dict)
    levels: dict[str, Annotated[int, Field(ge=0, le=4)]] = Field(default_factory=dict)
    lost_after_s: float = Field(default=8.0, ge=1, le=3600)
    keep_days: dict[EvidenceKind, float] = Field(default_factory=lambda: dict(KEEP_DAYS))
    disk_alarm: float = Field(default=0.15, ge=0, lt=1)
    disk_stop: float = Field(default=0.10, ge=0, lt=1)
    disk_spare: float = Field(default=0.05, ge=0, lt=1)

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if not self.disk_spare <= self.disk_stop <= self.disk_alarm:
            raise ValueError("expected disk_spare <= disk_stop <= disk_alarm, shares of the disk")
        if any(days <= 0 for days in self.keep_days.values()):
            raise ValueError("keep_days: expected more than 0 days")
        return self


class MappingSection(Section):
    """A device whose topics and payload cannot be changed: a topic filter with named levels such as
    `plant/{device}/up`, and paths into its JSON.

    `department`, `kind` and `device` are fixed words where the topic does not name them, `device` also a path (`$.id`);
    `items` is the path of an array of readings; `time_format` is rfc3339, epoch_ms, epoch_s or a strptime format;
    `text_numbers` takes "7.31" as a number; `decoder` a decoder's name or file.
    """

    name: str
    topic: str
    department: str | None = None
    kind: str | None = None
    device: str | None = None
    items: str | None = None
    time: str | None = None
    time_format: str = "rfc3339"
    zone: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    text_numbers: bool = False
    decoder: str | None = None
    sample: str | None = None


class ServeSection(Section):
    """The HTTP side; `public_url` is what links in notices begin with."""

    listen: str = "127.0.0.1:8080"
    public_url: str | None = None
    secure_cookie: bool = False


class Settings(Section):
    """The whole `hub.toml`."""

    hub: HubSection = HubSection()
    engines: Engines = Engines()
    bus: BusSection = BusSection()
    ingest: IngestSection = IngestSection()
    field: FieldSection = FieldSection()
    mappings: tuple[MappingSection, ...] = ()
    serve: ServeSection = ServeSection()
    patrol: PatrolSection = PatrolSection()
    notify: NotifySection = NotifySection()
    incidents: IncidentsSection = IncidentsSection()

    @property
    def partitions(self) -> int:
        """Partitions of the keyed topics."""
        if self.bus.partitions is not None:
            return self.bus.partitions
        return 1 if self.engines.bus.startswith("embedded:") else 8
