"""Each engine starts, keeps its data over a kill, and comes back on the same address: tests build on that."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import paho.mqtt.client as mqtt
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Browser

from tests.engines import InfluxDB, Kafka, Kafka3, Mosquitto, Postgres, wait_until


def _client(client_id: str) -> mqtt.Client:
    return mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)


@contextmanager
def _connected(client: mqtt.Client, broker: Mosquitto) -> Iterator[mqtt.Client]:
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def test_mosquitto_keeps_a_sleeping_client_s_messages_over_a_restart(mosquitto: Mosquitto) -> None:
    subscribed: list[int] = []
    awake = _client("sleeper")
    awake.on_subscribe = lambda _client, _userdata, mid, _reasons, _properties: subscribed.append(mid)
    with _connected(awake, mosquitto):
        wait_until(awake.is_connected, what="CONNACK")
        awake.subscribe("kept/#", 1)
        wait_until(lambda: subscribed, what="SUBACK")
    with _connected(_client("publisher"), mosquitto) as publisher:
        publisher.publish("kept/one", b"still here", qos=1).wait_for_publish(10)
    mosquitto.restart()
    received: list[bytes] = []
    awake_again = _client("sleeper")
    awake_again.on_message = lambda _client, _userdata, message: received.append(bytes(message.payload))
    with _connected(awake_again, mosquitto):
        wait_until(lambda: received, what="the message published before the restart")
    assert received == [b"still here"]


def test_mosquitto_refuses_strangers_when_given_a_password_file(
    start_mosquitto: Callable[[Mapping[str, str]], Mosquitto],
) -> None:
    broker = start_mosquitto({"passwords": "", "acl": ""})
    refused: list[bool] = []
    stranger = _client("stranger")
    stranger.on_connect = lambda _client, _userdata, _flags, reason, _properties: refused.append(reason.is_failure)
    with _connected(stranger, broker):
        wait_until(lambda: refused, what="an answer to CONNECT")
    assert refused[0]


async def _make_topic(bootstrap: str, topic: str, copies: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=copies)])
    finally:
        await admin.close()


async def _write(bootstrap: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=4_194_304)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [(await asyncio.wait_for(anext(consumer), 20)).value for _ in range(count)]
    finally:
        await consumer.stop()


def test_kafka_keeps_a_two_megabyte_message_over_a_kill(kafka: Kafka) -> None:
    picture = bytes(2_000_000)
    asyncio.run(_make_topic(kafka.bootstrap, "pictures", copies=1))
    asyncio.run(_write(kafka.bootstrap, "pictures", picture))
    kafka.kill()
    kafka.start()
    assert asyncio.run(_read(kafka.bootstrap, "pictures", 1)) == [picture]


def test_kafka_with_three_nodes_takes_writes_while_one_is_dead(kafka3: Kafka3) -> None:
    asyncio.run(_make_topic(kafka3.bootstrap, "three", copies=3))
    asyncio.run(_write(kafka3.bootstrap, "three", b"before"))
    kafka3.kill_node(2)
    asyncio.run(_write(kafka3.bootstrap, "three", b"during"))
    kafka3.start_node(2)
    assert asyncio.run(_read(kafka3.bootstrap, "three", 2)) == [b"before", b"during"]


def test_influxdb_keeps_an_acknowledged_point_over_a_kill(influxdb: InfluxDB, influxdb_bucket: str) -> None:
    head = {"Authorization": f"Token {influxdb.token}"}
    where = {"org": influxdb.org, "bucket": influxdb_bucket, "precision": "ms"}
    with httpx.Client(base_url=influxdb.http_url, headers=head, trust_env=False) as http:
        http.post("/api/v2/write", params=where, content="ph,station=a v=7.31 1700000000000").raise_for_status()
        influxdb.kill()
        influxdb.start()
        flux = f'from(bucket: "{influxdb_bucket}") |> range(start: 0)'
        query = {"query": flux, "dialect": {"header": False, "annotations": []}}
        answer = http.post("/api/v2/query", params={"org": influxdb.org}, json=query)
        assert "7.31" in answer.raise_for_status().text


def test_postgres_keeps_a_committed_row_over_a_kill(postgres: Postgres, postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '在' AS word")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("在",)


def test_chromium_paints_chinese(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content("<p>溶解氧</p>")
    assert page.inner_text("p") == "溶解氧"
    page.close()


def test_wait_until_says_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match="in vain for: a blue moon"):
        wait_until(lambda: False, deadline=0.0, what="a blue moon")


def test_free_port_can_be_bound(free_port: int) -> None:
    assert 1024 < free_port < 32_768
