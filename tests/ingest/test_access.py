"""Who may publish what: the embedded broker's rules, and the same rules kept by a real Mosquitto."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hub.catalogue import Catalogue, Device, DevicePut
from hub.secret import hash_secret
from ingest.access import RegisterAccess
from ingest.mosquitto import MosquittoFiles, acl_file, password_file, write_mosquitto_files
from tests.engines import Mosquitto
from tests.engines.waiting import wait_until

SECRETS = {"w/water/a": "secret-a", "w/water/b": "secret-b", "w/air/gate": "secret-g", "x/water/c": "secret-c"}
DEVICES = {
    station: Device(station, gateway=station.endswith("gate"), secret_hash=hash_secret(secret))
    for station, secret in SECRETS.items()
} | {"w/water/off": Device("w/water/off", enabled=False, secret_hash=hash_secret("secret-off"))}

PUBLISHES = [
    ("w/water/a", "hub/w/water/a/telemetry", True),
    ("w/water/a", "hub/w/water/a/frame/1767225600000", True),
    ("w/water/a", "hub/w/water/a/response", True),
    ("w/water/a", "hub/w/water/a/command", False),
    ("w/water/a", "hub/w/water/b/telemetry", False),
    ("w/water/a", "hub/w/water/a", False),
    ("w/water/a", "other/w/water/a/telemetry", False),
    ("w/air/gate", "hub/w/water/a/telemetry", True),
    ("w/air/gate", "hub/x/water/c/telemetry", False),
    ("w/air/gate", "hub/w/water/a/command", False),
    ("hub", "hub/w/water/a/command", True),
]
SUBSCRIBES = [
    ("w/water/a", "hub/w/water/a/command", True),
    ("w/water/a", "hub/w/water/a/#", False),
    ("w/water/a", "hub/w/water/b/command", False),
    ("w/water/a", "#", False),
    ("w/water/a", "$share/g/hub/w/water/a/command", True),
    ("w/air/gate", "hub/w/+/+/command", True),
    ("w/air/gate", "hub/+/+/+/command", False),
    ("hub", "#", True),
]


@pytest.fixture
def access() -> RegisterAccess:
    return RegisterAccess(DEVICES.get, "hub", "hub-secret")


@pytest.mark.parametrize(("user", "topic", "allowed"), PUBLISHES)
def test_publishing(access: RegisterAccess, user: str, topic: str, allowed: bool) -> None:
    assert access.may_publish(user, topic) is allowed


@pytest.mark.parametrize(("user", "topic", "allowed"), SUBSCRIBES)
def test_subscribing(access: RegisterAccess, user: str, topic: str, allowed: bool) -> None:
    assert access.may_subscribe(user, topic) is allowed


def test_passwords(access: RegisterAccess) -> None:
    assert access.authenticate("x", "w/water/a", b"secret-a")
    assert access.authenticate("x", "w/water/a", b"secret-a")
    assert not access.authenticate("x", "w/water/a", b"secret-b")
    assert not access.authenticate("x", "w/water/off", b"secret-off")
    assert not access.authenticate("x", "w/water/none", b"")
    assert not access.authenticate("x", None, None)
    assert not access.authenticate("x", "w/water/a", b"\xff\xfe")
    assert access.authenticate("x", "hub", b"hub-secret")
    assert not access.authenticate("x", "hub", b"hub-secre")


def test_nobody_may_do_anything_without_a_name(access: RegisterAccess) -> None:
    assert not access.may_publish(None, "hub/w/water/a/telemetry")
    assert not access.may_subscribe(None, "hub/w/water/a/command")
    assert not access.may_publish("w/water/off", "hub/w/water/off/telemetry")


class Client:
    """A device on a real broker, MQTT 5 so that refusals are told."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"test-{user}", protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.username_pw_set(user, password)
        self.connected: list[Any] = []
        self.answers: dict[int, Any] = {}
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.connected.append(reason)
        self.client.on_publish = lambda _c, _u, mid, reason, _p: self.answers.update({mid: reason})
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        wait_until(lambda: self.connected, 10)

    def may_publish(self, topic: str) -> bool:
        info = self.client.publish(topic, b"x", qos=1)
        wait_until(lambda: info.mid in self.answers, 10)
        return not self.answers[info.mid].is_failure

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


Start = Callable[[Mapping[str, str]], Mosquitto]


@pytest.fixture
def broker(start_mosquitto: Start) -> Mosquitto:
    files = {
        "passwords": password_file(DEVICES.values(), "hub", hash_secret("hub-secret")),
        "acl": acl_file(DEVICES.values(), "hub"),
    }
    return start_mosquitto(files)


def test_mosquitto_keeps_the_same_rules(broker: Mosquitto) -> None:
    secrets = SECRETS | {"hub": "hub-secret"}
    for user in {user for user, _, _ in PUBLISHES}:
        client = Client(broker.port, user, secrets[user])
        for who, topic, allowed in PUBLISHES:
            if who == user:
                assert client.may_publish(topic) is allowed, (user, topic)
        client.close()


def test_mosquitto_refuses_wrong_and_disabled_devices(broker: Mosquitto) -> None:
    for user, password in (("w/water/a", "secret-b"), ("w/water/off", "secret-off"), ("nobody", "x")):
        client = Client(broker.port, user, password)
        assert client.connected[0].is_failure
        client.close()


def test_mosquitto_reads_changed_files_again(broker: Mosquitto) -> None:
    devices = [*DEVICES.values(), Device("w/water/new", secret_hash=hash_secret("secret-new"))]
    write_mosquitto_files(broker.folder, devices, "hub", "hub-secret", broker.pid)

    def accepted() -> bool:
        client = Client(broker.port, "w/water/new", "secret-new")
        client.close()
        return not client.connected[0].is_failure

    wait_until(accepted, 10)
    assert (broker.folder / "passwords").stat().st_mode & 0o777 == 0o600


def test_the_files_follow_the_register(tmp_path: Path) -> None:
    catalogue = Catalogue()
    files = MosquittoFiles(tmp_path, "hub", "hub-secret", tmp_path / "absent.pid")
    assert files.follow(catalogue)
    assert not files.follow(catalogue)
    catalogue.apply(DevicePut(Device("w/water/new", secret_hash=hash_secret("secret-new"))))
    assert files.follow(catalogue)
    assert "w/water/new:$7$" in (tmp_path / "passwords").read_text(encoding="utf-8")
    assert "user w/water/new" in (tmp_path / "acl").read_text(encoding="utf-8")
