"""Who was turned away lately and why: a logger that nobody registered hangs up at once, and stands in no list of connections."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

_MOST: Final = 200
_KEPT_MS: Final = 24 * 3_600_000
_SHOWN_BYTES: Final = 512


@dataclass(slots=True)
class Turned:
    """One cause at one caller: the last frame of it with its secrets blotted out; times epoch ms."""

    protocol: str
    station: str
    identity: str
    address: str
    reason: str
    detail: str
    frame: bytes
    first: int
    last: int
    count: int = 0


class Refusals:
    """The newest causes, one for each protocol, sender and reason; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], Turned] = OrderedDict()

    def put(self, one: Turned) -> None:
        """One more refusal."""
        key = (one.protocol, one.station or one.identity or one.address, one.reason)
        if (known := self._known.pop(key, None)) is not None:
            one.first, one.count = known.first, known.count
        one.count += 1
        one.frame = one.frame[:_SHOWN_BYTES]
        self._known[key] = one
        if len(self._known) > _MOST:
            self._known.popitem(last=False)

    def listed(self, department: str | None, now: int) -> list[dict[str, Any]]:
        """Those of the last day, newest first; of one department, or of all and of strangers too."""
        return [
            {
                "protocol": one.protocol,
                "station": one.station,
                "identity": one.identity,
                "address": one.address,
                "reason": one.reason,
                "detail": one.detail,
                "hex": one.frame.hex(),
                "first": one.first,
                "last": one.last,
                "count": one.count,
            }
            for one in reversed(self._known.values())
            if now - one.last < _KEPT_MS and (department is None or one.station.startswith(f"{department}/"))
        ]
