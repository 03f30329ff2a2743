"""Field devices over HTTP: their links in the register, their connections and frames, what is asked of them."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alerts.consumer import AlertConsumer
from alerts.telling import Site, Teller
from hub.settings import FieldSection
from ingest.field.role import Gateway
from ingest.intake import Intake
from ingest.register import Register
from tests.api.hub import WATER, Hub, make_hub
from tests.engines.waiting import wait_until
from tests.field.line_protocol import NAME, PROTOCOL

LINK = {"protocol": NAME, "identity": "d1", "password": "123456", "sources": ["127.0.0.0/8"]}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub that listens for the line protocol."""
    made = make_hub(tmp_path, field=FieldSection(listen={NAME: "127.0.0.1:0"}))
    yield made
    made.context.field.close()
    made.close()


def link(hub: Hub, station: str = WATER, **members: object) -> None:
    """Give a registered device a link."""
    entry = hub.get(f"/v1/devices/{station}")
    body = {name: value for name, value in entry.json().items() if name != "station"} | {"link": {**LINK, **members}}
    answer = hub.ask("PUT", f"/v1/devices/{station}", json=body, headers={"If-Match": entry.headers["ETag"]})
    assert answer.status_code == 200, answer.text


@contextmanager
def gateway(hub: Hub) -> Iterator[int]:
    """The process that holds the connections, beside the hub; its port."""
    register = Register(hub.follower)
    intake = Intake(hub.bus, register, hub.settings.ingest, hub.clock, source="field")
    running = Gateway(hub.settings, hub.bus, intake, register, hub.clock, {NAME: PROTOCOL})
    stop = threading.Event()
    work = running.run({NAME: ("127.0.0.1", 0)}, stop, lambda: hub.clock.advance(50))
    thread = threading.Thread(target=asyncio.run, args=(work,), daemon=True)
    thread.start()
    assert running.ready.wait(20)
    try:
        yield running.ports[NAME]
    finally:
        stop.set()
        thread.join()


def caller(port: int) -> socket.socket:
    """The device, connected and known."""
    device = socket.create_connection(("127.0.0.1", port), 20)
    device.sendall(b"I am d1\n")
    assert device.recv(100) == b"hello\n"
    return device


def test_a_link_is_kept_with_its_password_and_shown_without(hub: Hub) -> None:
    link(hub)
    shown = hub.get(f"/v1/devices/{WATER}").json()["link"]
    assert (shown["protocol"], shown["identity"], shown["password"]) == (NAME, "d1", None)
    link(hub, password=None, identity="d2")
    device = hub.context.register.now().devices[WATER]
    assert device.link is not None
    assert (device.link.identity, device.link.password) == ("d2", "123456")


def test_one_identity_means_one_device(hub: Hub) -> None:
    link(hub)
    entry = hub.get("/v1/devices/north/water/gateway")
    body = {name: value for name, value in entry.json().items() if name != "station"} | {"link": LINK}
    headers = {"If-Match": entry.headers["ETag"], "Accept-Language": "en"}
    answer = hub.ask("PUT", "/v1/devices/north/water/gateway", json=body, headers=headers)
    assert answer.status_code == 409
    assert WATER in answer.json()["detail"]


@pytest.mark.parametrize("bad", [{"identity": "a b"}, {"sources": ["10.0.0.0/99"]}, {"key": "xyz"}, {"crs": "mars"}])
def test_a_link_that_cannot_be_is_refused_by_its_member(hub: Hub, bad: dict[str, object]) -> None:
    answer = hub.post("/v1/devices", {"station": "north/water/new", "link": {**LINK, **bad}})
    assert answer.status_code == 422
    assert next(iter(bad)) in answer.json()["errors"][0]["field"]


def test_connections_and_frames_are_shown(hub: Hub) -> None:
    link(hub)
    with gateway(hub) as port, caller(port) as device:
        device.sendall(b"ph=7\nnonsense\n")
        assert device.recv(100) == b"ok 1\n"
        listed = hub.get("/v1/field/sessions").json()
        frames = hub.get(f"/v1/field/frames/{WATER}").json()["items"]
        assert hub.get("/v1/field/sessions", "south").json()["items"] == []
    (session,) = listed["items"]
    assert (session["station"], session["frames"], session["refused"], listed["total"]) == (WATER, 2, 1, 1)
    assert [(one["direction"], one["text"]) for one in frames][-3:] == [
        ("in", "ph=7"),
        ("refused", "nonsense"),
        ("out", "ok 1\n"),
    ]


def test_a_command_is_sent_and_its_steps_are_kept(hub: Hub) -> None:
    link(hub)
    consumer = AlertConsumer(hub.bus, hub.records, Teller(Site.of(hub.settings), []), hub.clock)
    consumer.start()
    try:
        with gateway(hub) as port, caller(port) as device:
            asked = hub.post(f"/v1/devices/{WATER}/commands", {"name": "do"})
            assert asked.status_code == 202
            number = asked.json()["id"]
            assert device.recv(100).decode() == f"do {number}\n"
            device.sendall(f"did {number}\n".encode())
            wait_until(lambda: hub.get(f"/v1/commands/{number}").json()["state"] == "done")
    finally:
        consumer.close()
    (kept,) = hub.get("/v1/commands", params={"station": WATER}).json()["items"]
    assert [step["state"] for step in kept["steps"]] == ["sent", "done"]
    assert kept["detail"] == "it says so"
    assert hub.get(f"/v1/commands/{number}", "south").status_code == 404


def test_a_device_without_link_takes_no_commands(hub: Hub) -> None:
    answer = hub.post(f"/v1/devices/{WATER}/commands", {"name": "do"})
    assert answer.status_code == 409
    assert hub.post(f"/v1/devices/{WATER}/commands", {"name": "do"}, "viewer").status_code == 403


def test_when_nobody_answers_the_asker_is_told_which_part_is_away(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.field.WAIT_S", 0.05)
    answer = hub.get("/v1/field/sessions", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "field" in answer.json()["detail"]


def test_a_hub_that_listens_for_nothing_has_no_sessions(tmp_path: Path) -> None:
    made = make_hub(tmp_path)
    try:
        assert made.get("/v1/field/sessions").json() == {"items": [], "next": None, "total": 0}
        assert {one["listen"] for one in made.get("/v1/field/protocols").json()["items"]} <= {None}
    finally:
        made.close()


def test_linked_devices_and_who_was_turned_away_are_shown(hub: Hub) -> None:
    link(hub)
    with gateway(hub) as port:
        with socket.create_connection(("127.0.0.1", port), 20) as stranger:
            stranger.sendall(b"I am nobody\n")
            assert stranger.recv(100) == b""
        with caller(port) as device:
            device.sendall(b"nonsense\nph=7\n")
            assert device.recv(100) == b"ok 1\n"
        refused = hub.get("/v1/field/refusals").json()["items"]
        own = hub.get("/v1/field/refusals", "south").json()["items"]
    assert [(one["station"], one["reason"], one["count"]) for one in refused] == [
        (WATER, "bad_format", 1),
        (None, "unknown_device", 1),
    ]
    assert (refused[0]["text"], own) == ("nonsense", [])
    (entry,) = hub.get("/v1/field/devices").json()["items"]
    assert (entry["station"], entry["protocol"], entry["identity"]) == (WATER, NAME, "d1")
    assert hub.get("/v1/field/devices", "south").json()["items"] == []


def test_what_may_be_asked_is_told_with_type_and_unit(hub: Hub) -> None:
    protocols = {one["protocol"]: one for one in hub.get("/v1/field/protocols").json()["items"]}
    words = {one["name"]: one for one in protocols["hj212"]["commands"]}
    (seconds,) = words["interval.set"]["arguments"]
    assert words["interval.set"]["risk"]
    assert (seconds["type"], seconds["unit"], seconds["low"], seconds["high"]) == ("whole", "s", 30, 3600)


def test_a_password_that_was_sent_is_not_shown_again(hub: Hub) -> None:
    link(hub)
    asked = hub.post(f"/v1/devices/{WATER}/commands", {"name": "do", "arguments": {"password": "654321"}})
    assert asked.json()["arguments"] == {"password": "***"}
