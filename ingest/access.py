"""Who may connect to the broker, publish and subscribe: the register's devices, gateways, and the hub itself."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from hub.catalogue import Device
from hub.secret import verify_secret

_ROOT: Final = "hub"
_DOWNWARD: Final = "command"
_MOST_REMEMBERED: Final = 100_000

DeviceOf = Callable[[str], Device | None]


class RegisterAccess:
    """The broker's three questions, answered from the register; `hub_user` with `hub_password` may do everything.

    A device's user name is `DEPARTMENT/KIND/DEVICE` and its password its secret. It publishes below its own topic, but
    not commands to itself, and subscribes to its own commands; a gateway does so for its whole department.
    """

    def __init__(self, device_of: DeviceOf, hub_user: str, hub_password: str) -> None:
        self._device_of = device_of
        self._hub_user = hub_user
        self._hub_password = hub_password.encode()
        self._verified: dict[tuple[str, bytes], bool] = {}

    def authenticate(self, client_id: str, user: str | None, password: bytes | None) -> bool:
        """Whether this client may connect under this name."""
        if user is None or password is None:
            return False
        if user == self._hub_user:
            return hmac.compare_digest(password, self._hub_password)
        device = self._device_of(user)
        if device is None or not device.enabled or not device.secret_hash:
            return False
        # Key stretching costs a hundred rounds; a fleet that comes back after an outage would pay it all at once.
        key = (device.secret_hash, hashlib.sha256(password).digest())
        known = self._verified.get(key)
        if known is None:
            if len(self._verified) >= _MOST_REMEMBERED:
                self._verified.clear()
            known = self._verified[key] = _verify(password, device.secret_hash)
        return known

    def may_publish(self, user: str | None, topic: str) -> bool:
        """Whether the user may publish to the topic."""
        if user == self._hub_user:
            return True
        levels = topic.split("/")
        return len(levels) >= 5 and levels[4] != _DOWNWARD and self._owns(user, levels)

    def may_subscribe(self, user: str | None, topic_filter: str) -> bool:
        """Whether the user may be sent every topic that the filter matches."""
        if user == self._hub_user:
            return True
        levels = topic_filter.removeprefix("$share/").split("/")
        if topic_filter.startswith("$share/"):
            levels = levels[1:]
        return len(levels) == 5 and levels[4] == _DOWNWARD and self._owns(user, levels)

    def _owns(self, user: str | None, levels: list[str]) -> bool:
        device = None if user is None else self._device_of(user)
        if device is None or not device.enabled or levels[0] != _ROOT:
            return False
        own = device.station.split("/")
        return levels[1] == own[0] if device.gateway else levels[1:4] == own


def _verify(password: bytes, hashed: str) -> bool:
    try:
        return verify_secret(password.decode(), hashed)
    except UnicodeDecodeError:
        return False
