"""The last retained message of each topic, in memory; the journal keeps the copy on disk."""

from collections.abc import Iterator

from ingest.broker.limits import Limits
from ingest.broker.records import Retained
from ingest.broker.topics import matcher


class RetainedMessages:
    """Bounded by count and bytes: what does not fit is refused, never pushed out."""

    def __init__(self, found: dict[str, Retained], limits: Limits) -> None:
        self._kept = found
        self._limits = limits
        self._bytes = sum(each.message.size for each in found.values())

    def __len__(self) -> int:
        return len(self._kept)

    def fits(self, retained: Retained) -> bool:
        """Whether `put` would stay within the bounds."""
        old = self._kept.get(retained.message.topic)
        grown = self._bytes + retained.message.size - (old.message.size if old else 0)
        count = len(self._kept) + (old is None)
        return grown <= self._limits.retained_bytes and count <= self._limits.retained_messages

    def put(self, retained: Retained) -> bool:
        """Keep it, or clear the topic when the payload is empty (3.3.1.3). Whether anything changed."""
        topic = retained.message.topic
        old = self._kept.pop(topic, None)
        if old is not None:
            self._bytes -= old.message.size
        if not retained.message.payload:
            return old is not None
        self._kept[topic] = retained
        self._bytes += retained.message.size
        return True

    def matching(self, topic_filter: str, now: int) -> Iterator[Retained]:
        """The retained messages a new subscription is sent; `now` in epoch ms ends those whose lifetime is over."""
        if "+" not in topic_filter and "#" not in topic_filter:
            exact = self._kept.get(topic_filter)
            found = [exact] if exact else []
        else:
            fits = matcher(topic_filter).fullmatch
            found = [each for topic, each in self._kept.items() if fits(topic)]
        return (each for each in found if not each.message.expires or each.message.expires > now)
