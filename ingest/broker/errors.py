"""What can be wrong with bytes or packets from a client; each closes that client's connection and nothing else."""

from ingest.broker.reasons import Reason


class PacketError(Exception):
    """A client broke the protocol; `reason` is the MQTT 5 code that the DISCONNECT or CONNACK carries."""

    reason = Reason.PROTOCOL_ERROR

    def __init__(self, detail: str, reason: Reason | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if reason is not None:
            self.reason = reason


class MalformedPacket(PacketError):
    """Bytes that are no MQTT control packet."""

    reason = Reason.MALFORMED


class PacketTooLarge(PacketError):
    """A packet longer than the broker's bound."""

    reason = Reason.PACKET_TOO_LARGE


class UnsupportedVersion(PacketError):
    """A CONNECT of another protocol level than 3.1.1 or 5; `version` says which kind of CONNACK it can read."""

    reason = Reason.UNSUPPORTED_VERSION

    def __init__(self, version: int) -> None:
        super().__init__(f"protocol level {version} is not spoken here; 4 (MQTT 3.1.1) and 5 are")
        self.version = version
