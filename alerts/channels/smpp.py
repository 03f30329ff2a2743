"""Short messages over SMPP 3.4, as carriers take them: one bound transmitter for each section."""

from collections.abc import Iterable
from hashlib import sha256
from typing import ClassVar
from zoneinfo import ZoneInfo

from alerts.brief import brief
from alerts.channel import Notification, Receipt
from alerts.pipeline import Receiver
from alerts.smpp.pdu import MANY_PARTS, Address, bind_body, submits
from alerts.smpp.session import Login, Session
from alerts.ways import Way, Ways, read_secrets, receiver_of
from hub.errors import ConfigError, Fault
from hub.notify import SmppSection
from hub.settings import Settings

_Way = Way[SmppSection]


class Smpp:
    """Sends to the numbers of `notify.smpp`."""

    kind: ClassVar[str] = "smpp"

    def __init__(self, settings: Settings) -> None:
        self._zone = ZoneInfo(settings.hub.zone)
        self._timeout = settings.notify.timeout
        self._ways = Ways("smpp", settings.notify.smpp, self._open)
        self._sessions = {way.section.name: self._session(way) for way in self._ways}

    def receivers(self) -> Iterable[Receiver]:
        """One per section, with its numbers as addresses."""
        return self._ways.receivers()

    def send(self, notification: Notification) -> Receipt:
        """Submit one message; the centre's id is kept."""
        return self._ways.send(notification, self._send)

    def reach(self, receiver: str) -> None:
        """Bind and ask for the link."""
        with self._ways.of(receiver) as way:
            self._sessions[way.section.name].reach()

    def close(self) -> None:
        """Unbind."""
        for session in self._sessions.values():
            session.close()

    def _open(self, section: SmppSection) -> _Way:
        secrets = read_secrets({"password": section.password})
        try:
            bind_body(section.system_id, secrets["password"], section.system_type)
            for number in (section.source, *section.to):
                Address(0, 0, number).encode()
        except ValueError as error:
            words = str(error).replace(secrets["password"], "***")
            raise ConfigError([Fault("hub.toml", 0, "smpp", f"ASCII of the length of SMPP 3.4: {words}")]) from None
        return Way(section, receiver_of(section, self.kind, section.to), secrets)

    def _session(self, way: _Way) -> Session:
        section = way.section
        return Session(
            Login(
                section.host,
                section.port,
                section.tls,
                section.system_id,
                way.secrets["password"],
                section.system_type,
                self._timeout,
            )
        )

    def _send(self, way: _Way, notification: Notification) -> Receipt:
        section = way.section
        text = brief(notification, section.language, self._zone).line(MANY_PARTS * section.parts)
        bodies = submits(
            Address(section.source_ton, section.source_npi, section.source),
            Address(section.to_ton, section.to_npi, notification.address),
            text,
            # The same at every try, so that a telephone knows the pieces of a repeated message again.
            sha256(notification.key.encode()).digest()[0],
            section.parts,
            udh=section.join == "udh",
        )
        number, words = self._sessions[section.name].submit(bodies)
        return Receipt("accepted", 0, words, number)
