"""`status`: a device says that it is online, or its last will says that it is not."""

from typing import Final

from hub.errors import Refused
from hub.event import DeviceEvent
from ingest.codec import Arrival, Entry, Taken
from ingest.document import mapping, read_json, shown
from ingest.times import checked, parse

MESSAGE: Final = "status"
KINDS: Final = None


def decode(arrival: Arrival, entry: Entry) -> Taken:
    """One status event; an empty payload, which takes back a retained status, says nothing.

    Raises:
        Refused: the payload is not JSON of this shape.
    """
    if not arrival.payload:
        return Taken()
    member = mapping(read_json(arrival.payload), "status")
    state = member.get("state")
    if state not in ("online", "offline"):
        raise Refused("bad_value", f"state: expected online or offline, got {shown(state)}")
    raw = member.get("ts")
    # The broker keeps a status and shows it to whoever comes later: without ts, "now" is the best that is known.
    time = arrival.received if raw is None else checked(parse(raw, entry.zone), arrival.horizon)
    event = DeviceEvent("status", entry.station, time, arrival.received, state, time_assumed=raw is None)
    return Taken(events=[event])
