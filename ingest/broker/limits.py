"""The bounds of the broker: each is a promise about memory, disk or patience."""

from msgspec import Struct

from ingest.broker.stream import MAX_PACKET

MEGABYTE = 1024 * 1024


class Limits(Struct, frozen=True):
    """Sizes in bytes, times in seconds."""

    max_packet: int = MAX_PACKET
    max_connections: int = 10_000
    connect_timeout: float = 10.0
    commit_spacing: float = 0.005  # between the starts of two commits; the first after a rest waits for nothing
    inflight: int = 1000  # to one client without a Receive Maximum of its own
    inflight_bytes: int = 8 * MEGABYTE
    queue_bytes: int = 256 * MEGABYTE  # undelivered QoS 1 and 2 of one persistent session, on disk
    queue_memory: int = 4 * MEGABYTE  # of these, kept in memory; the rest is read back when its turn comes
    transient_bytes: int = 32 * MEGABYTE  # undelivered QoS 1 and 2 of one session that ends with its connection
    retained_bytes: int = 64 * MEGABYTE
    retained_messages: int = 100_000
    subscriptions: int = 10_000  # of one session
    waiting_bytes: int = 32 * MEGABYTE  # taken but not yet committed; above it publishers wait
    parked_bytes: int = 64 * 1024  # of one publisher that waits; above it its socket is read no more
    write_buffer: int = MEGABYTE  # unsent bytes towards one client; above it the client is slow

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0")
        if self.inflight > 65_535:
            raise ValueError("inflight: packet identifiers end at 65535")
