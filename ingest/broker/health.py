"""What the broker counts about itself."""

from msgspec import Struct


class Counters(Struct):
    """Events since the start; each thing that is not delivered is counted here under its cause."""

    connects: int = 0
    refused_connects: int = 0
    received: int = 0
    sent: int = 0
    refused_publishes: int = 0
    refused_subscribes: int = 0
    quota_refusals: int = 0
    pauses: int = 0
    dropped_slow: int = 0  # QoS 0 to a client that does not read
    dropped_expired: int = 0  # message expiry passed in a queue
    dropped_too_large: int = 0  # over the receiver's Maximum Packet Size
    dropped_quota: int = 0  # QoS 0 retained over the store's bound, or retained copies for a full session
    cut_off_slow: int = 0  # clients without a persistent session, disconnected for not reading QoS 1 and 2
    keep_alive_timeouts: int = 0
    packet_errors: int = 0
    takeovers: int = 0
    wills: int = 0
    commits: int = 0


class Health(Struct, frozen=True):
    """How the broker is; `trouble` is empty, or what the disk says."""

    ok: bool
    trouble: str
    connections: int
    sessions: int
    subscriptions: int
    retained: int
    queued_bytes: int
    fullest_session: str
    fullest_bytes: int
    waiting_for_disk: int
    paused_publishers: int
    counters: Counters
