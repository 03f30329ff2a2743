"""What devices may rely on, with paho: the same tests on the embedded broker and on Mosquitto."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.engines import Mosquitto
from tests.engines.waiting import wait_until
from tests.ingest.broker.running import BrokerProcess, Client

VERSIONS = pytest.mark.parametrize("version", [mqtt.MQTTv311, mqtt.MQTTv5])
_names = count()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    process = BrokerProcess(tmp_path_factory.mktemp("broker"))
    yield process
    assert process.stop() == 0


@pytest.fixture(params=["embedded", "mosquitto"])
def port(request: pytest.FixtureRequest) -> int:
    broker = request.getfixturevalue(request.param)
    assert isinstance(broker, BrokerProcess | Mosquitto)
    return broker.port


@pytest.fixture
def name() -> str:
    """A name no other test uses: the brokers remember."""
    return f"contract{next(_names)}"


@VERSIONS
def test_every_quality_arrives(port: int, name: str, version: int) -> None:
    with Client(port, name, version) as client:
        client.subscribe(f"{name}/#", 2)
        for qos in range(3):
            client.publish(f"{name}/{qos}", b"%d" % qos, qos)
        client.expect(3)
        assert sorted((each.topic, each.qos) for each in client.messages) == [(f"{name}/{n}", n) for n in range(3)]


@VERSIONS
@pytest.mark.parametrize("qos", [1, 2])
def test_a_durable_session_gets_what_it_missed_in_order(port: int, name: str, version: int, qos: int) -> None:
    first = Client(port, name, version, clean=False)
    assert not first.present
    first.subscribe(f"{name}/#", qos)
    first.leave()
    with Client(port, f"{name}-writer", version) as writer:
        for n in range(30):
            writer.publish(f"{name}/t", b"%d" % n, qos)
    with Client(port, name, version, clean=False) as again:
        assert again.present
        assert again.expect(30) == [b"%d" % n for n in range(30)]


@VERSIONS
def test_a_lost_client_leaves_its_will_and_a_polite_one_does_not(port: int, name: str, version: int) -> None:
    will = {"topic": f"{name}/status", "payload": b"offline", "qos": 1, "retain": True}
    with Client(port, name, version) as reader:
        reader.subscribe(f"{name}/status", 1)
        Client(port, f"{name}-polite", version, will_set=will).leave()
        Client(port, f"{name}-lost", version, will_set=will).vanish()
        assert reader.expect(1) == [b"offline"]
        with Client(port, f"{name}-late", version) as late:
            late.subscribe(f"{name}/#", 1)
            late.expect(1)
            assert late.messages[0].retain
        reader.publish(f"{name}/mark", b"")
        assert len(reader.messages) == 1


@VERSIONS
def test_retained_messages_are_replaced_and_cleared(port: int, name: str, version: int) -> None:
    with Client(port, name, version) as client:
        client.publish(f"{name}/a", b"old", retain=True)
        client.publish(f"{name}/a", b"new", retain=True)
        client.publish(f"{name}/b", b"gone", retain=True)
        client.publish(f"{name}/b", b"", retain=True)
        client.subscribe(f"{name}/+", 1)
        client.publish(f"{name}/end", b"end")
        assert client.expect(2) == [b"new", b"end"]
        assert [each.retain for each in client.messages] == [True, False]


@VERSIONS
def test_the_same_client_id_takes_over(port: int, name: str, version: int) -> None:
    old = Client(port, name, version)
    new = Client(port, name, version)
    wait_until(lambda: len(old.answers) > 1, what="the older connection to be closed")
    old.paho.loop_stop()
    new.subscribe(f"{name}/x", 1)
    new.publish(f"{name}/x", b"1")
    assert new.expect(1) == [b"1"]
    new.leave()


@VERSIONS
def test_wildcards_do_not_reach_dollar_topics(port: int, name: str, version: int) -> None:
    with Client(port, name, version) as client:
        client.subscribe("+/+/uptime-of-nobody", 0).subscribe(f"+/{name}/#", 0)
        client.publish(f"$own/{name}/x", b"hidden", 0)
        client.publish(f"own/{name}/x", b"seen", 0)
        assert client.expect(1) == [b"seen"]


def test_user_properties_and_the_rest_pass_through(port: int, name: str) -> None:
    with Client(port, name, mqtt.MQTTv5) as client:
        client.subscribe(f"{name}/#", 1)
        properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's own gap
        properties.UserProperty = [("ts", "1767225600000"), ("ts", "again")]
        properties.ContentType = "image/jpeg"
        properties.CorrelationData = b"\0\1"
        client.publish(f"{name}/frame", b"\xff\xd8", properties=properties)
        client.expect(1)
        found: Any = client.messages[0].properties
        assert found.UserProperty == [("ts", "1767225600000"), ("ts", "again")]
        assert (found.ContentType, found.CorrelationData) == ("image/jpeg", b"\0\1")


def test_no_local_and_retain_as_published(port: int, name: str) -> None:
    with Client(port, name, mqtt.MQTTv5) as client, Client(port, f"{name}-other", mqtt.MQTTv5) as other:
        options = SubscribeOptions(qos=1, noLocal=True, retainAsPublished=True)
        client.paho.subscribe(f"{name}/x", options=options)
        wait_until(lambda: client.granted, what="a SUBACK")
        client.publish(f"{name}/x", b"mine")
        other.publish(f"{name}/x", b"theirs", retain=True)
        assert client.expect(1) == [b"theirs"]
        assert client.messages[0].retain


@VERSIONS
def test_a_large_message(port: int, name: str, version: int) -> None:
    picture = bytes(range(256)) * 8000
    with Client(port, name, version) as client:
        client.subscribe(f"{name}/frame", 1)
        client.publish(f"{name}/frame", picture)
        assert client.expect(1) == [picture]
