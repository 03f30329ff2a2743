"""Mosquitto for a test. `Mosquitto.launch({"passwords": ..., "acl": ...})` is closed to strangers."""

import signal

from tests.engines.server import Server


class Mosquitto(Server):
    """A durable MQTT broker; open to all unless launched with a password file."""

    script = "mosquitto"

    @property
    def url(self) -> str:
        """As `engines.mqtt` of hub.toml takes it."""
        return f"mqtt://127.0.0.1:{self.port}"

    def reload(self) -> None:
        """Read the password and ACL files again, without dropping a connection."""
        self.signal(signal.SIGHUP)
