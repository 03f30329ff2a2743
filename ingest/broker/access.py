"""Who may connect, publish, subscribe: asked of whoever runs the broker."""

from typing import Protocol


class Access(Protocol):
    """The broker's three questions. `authenticate` may be slow (it is called on a thread of its own, one at a
    time); the other two are called in the broker's loop and must answer from memory.
    """

    def authenticate(self, client_id: str, user: str | None, password: bytes | None) -> bool:
        """Whether this client may connect under this name; also the place to tie client ids to users."""
        ...

    def may_publish(self, user: str | None, topic: str) -> bool:
        """Whether the user may publish to the topic."""
        ...

    def may_subscribe(self, user: str | None, topic_filter: str) -> bool:
        """Whether the user may be sent every topic that the filter matches."""
        ...


class AllowAll:
    """Everybody may do everything: for trying out, on loopback."""

    def authenticate(self, client_id: str, user: str | None, password: bytes | None) -> bool:
        """Yes."""
        return True

    def may_publish(self, user: str | None, topic: str) -> bool:
        """Yes."""
        return True

    def may_subscribe(self, user: str | None, topic_filter: str) -> bool:
        """Yes."""
        return True
