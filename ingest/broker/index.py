"""Who gets a message: topic -> sessions, remembered per topic until a subscription changes."""

from typing import Generic, TypeVar

from msgspec import Struct

from ingest.broker.packets import Subscription

MAX_REMEMBERED = 50_000

S = TypeVar("S")


class Target(Struct, Generic[S], frozen=True):
    """One copy of the message for one session, however many of its filters match.

    `without_local` is what is left for the session's own messages; None when nothing is.
    """

    session: S
    qos: int
    retain_as_published: bool
    identifiers: tuple[int, ...]
    without_local: "Target[S] | None" = None


class _Node(Generic[S]):
    __slots__ = ("below", "here")

    def __init__(self) -> None:
        self.below: dict[str, _Node[S]] = {}
        self.here: dict[S, Subscription] = {}


class SubscriptionIndex(Generic[S]):
    """Subscriptions of sessions `S` (told apart by identity) as a tree of topic levels."""

    def __init__(self) -> None:
        self._root: _Node[S] = _Node()
        self._remembered: dict[str, tuple[Target[S], ...]] = {}

    def add(self, session: S, subscription: Subscription) -> None:
        """Add, or replace the one with the same filter."""
        node = self._root
        for level in subscription.filter.split("/"):
            node = node.below.setdefault(level, _Node())
        node.here[session] = subscription
        self._remembered.clear()

    def remove(self, session: S, topic_filter: str) -> None:
        """Forget one subscription; levels that lead nowhere any more go with it."""
        path = [self._root]
        levels = topic_filter.split("/")
        for level in levels:
            below = path[-1].below.get(level)
            if below is None:
                return
            path.append(below)
        path[-1].here.pop(session, None)
        for level, parent in zip(reversed(levels), reversed(path[:-1]), strict=True):
            child = parent.below[level]
            if child.here or child.below:
                break
            del parent.below[level]
        self._remembered.clear()

    def targets(self, topic: str) -> tuple[Target[S], ...]:
        """One target per session with a matching subscription."""
        found = self._remembered.get(topic)
        if found is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[topic] = self._find(topic)
        return found

    def _find(self, topic: str) -> tuple[Target[S], ...]:
        by_session: dict[S, list[Subscription]] = {}
        for node in self._nodes(topic):
            for session, subscription in node.here.items():
                by_session.setdefault(session, []).append(subscription)
        return tuple(_target(session, matching) for session, matching in by_session.items())

    def _nodes(self, topic: str) -> list[_Node[S]]:
        found: list[_Node[S]] = []
        nodes = [self._root]
        for depth, level in enumerate(topic.split("/")):
            following: list[_Node[S]] = []
            # 4.7.2-1: a leading wildcard does not reach topics that start with "$".
            wild = depth > 0 or not topic.startswith("$")
            for node in nodes:
                if wild and (rest := node.below.get("#")):
                    found.append(rest)
                if wild and (any_level := node.below.get("+")):
                    following.append(any_level)
                if exact := node.below.get(level):
                    following.append(exact)
            nodes = following
        for node in nodes:
            found.append(node)
            if rest := node.below.get("#"):  # "a/#" matches "a" too
                found.append(rest)
        return found


def _target(session: S, matching: list[Subscription]) -> Target[S]:
    remote = [each for each in matching if not each.no_local]
    if len(remote) == len(matching):
        whole = _merged(session, matching, None)
        return _merged(session, matching, whole)
    return _merged(session, matching, _merged(session, remote, None) if remote else None)


def _merged(session: S, matching: list[Subscription], without_local: Target[S] | None) -> Target[S]:
    return Target(
        session,
        max(each.qos for each in matching),
        any(each.retain_as_published for each in matching),
        tuple(each.identifier for each in matching if each.identifier),
        without_local,
    )
