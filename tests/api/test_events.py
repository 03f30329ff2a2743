"""Live events over a real server: at once, to everybody who may see them, none missed and none twice."""

import random
import socket
import threading
from collections import deque

import pytest

from alerts.service import FEED_KEEP_MS
from api.app import create_app
from api.live import pulse
from api.live.event import department_of, event
from api.live.feed import PIECE
from api.live.hub import Fanout, FellBehind, Scope
from hub.model import Condition
from storage.records import feed
from tests.api.hub import AIR, NOW, WATER, Hub
from tests.api.listener import Heard, Listener, served
from tests.engines.waiting import wait_until

ALL = Scope(None, frozenset(("alert", "latest")))


def _tell(hub: Hub, number: int, department: str = "north") -> None:
    with hub.records.begin() as tx:
        feed.append(tx, "alert", {"n": number, "target": {"department": department}}, at=NOW)


def _tell_many(hub: Hub, count: int) -> None:
    for number in range(count):
        _tell(hub, number)


def _numbers(heard: list[Heard]) -> list[int]:
    return [one.data["n"] for one in heard]


def test_events_come_with_their_numbers_and_health_first(hub: Hub) -> None:
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        wait_until(lambda: listener.heard)
        assert (listener.heard[0].type, listener.heard[0].id) == ("health", 0)
        hub.alert()
        wait_until(lambda: len(listener.of("alert", "incident")) >= 2)
        alert = listener.of("alert")[0]
        assert alert.data["condition"] == "active"
        assert listener.of("incident")[0].data["state"] == "detected"
        hub.letter()
        wait_until(lambda: listener.of("dead_letter"))
        numbers = [one.id or 0 for one in listener.of("alert", "incident", "dead_letter")]
        assert numbers == sorted(set(numbers))
        assert listener.headers["content-type"].startswith("text/event-stream")
        assert listener.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in listener.headers
    assert listener.ended


def test_a_listener_that_comes_back_misses_nothing_and_sees_nothing_twice(hub: Hub) -> None:
    chance, count = random.Random(7), 400
    heard: list[Heard] = []
    talker = threading.Thread(target=lambda: _tell_many(hub, count))
    with served(hub.app) as address:
        last = 0
        talker.start()
        while len(heard) < count:
            wanted = min(chance.randrange(1, 60), count - len(heard))
            with Listener(address, hub.tokens["viewer"], last) as listener:
                wait_until(lambda: len(listener.of("alert")) >= wanted)  # noqa: B023
            heard += listener.of("alert")
            last = heard[-1].id or 0
        talker.join()
    assert _numbers(heard) == list(range(count))


def test_resume_works_across_a_restart_of_the_server(hub: Hub) -> None:
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as first:
        _tell(hub, 1)
        wait_until(lambda: first.of("alert"))
    _tell(hub, 2)
    _tell(hub, 3)
    with served(create_app(hub.context)) as address:
        _tell(hub, 4)
        last = first.of("alert")[-1].id
        with Listener(address, hub.tokens["viewer"], None, f"?last_event_id={last}") as second:
            _tell(hub, 5)
            wait_until(lambda: len(second.of("alert")) == 4)
        assert _numbers(second.of("alert")) == [2, 3, 4, 5]


def test_ten_minutes_without_the_server_come_back_without_a_gap(hub: Hub) -> None:
    def tell(number: int) -> None:
        with hub.records.begin() as tx:
            feed.append(tx, "alert", {"n": number, "target": {"department": "north"}}, at=hub.clock.now())

    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as before:
        tell(0)
        wait_until(lambda: before.of("alert"))
    last, lost = before.of("alert")[-1].id, 2 * PIECE
    for number in range(1, lost + 1):  # the rules and the records go on, and so does the forgetting
        hub.clock.advance(600_000 // lost)
        tell(number)
        if number % 100 == 0:
            with hub.records.begin() as tx:
                feed.prune(tx, hub.clock.now() - FEED_KEEP_MS)
    talker = threading.Thread(target=lambda: deque(map(tell, range(lost + 1, lost + 51)), 0))
    with served(create_app(hub.context)) as address:
        talker.start()
        with Listener(address, hub.tokens["viewer"], last) as after:
            wait_until(lambda: len(after.of("alert")) >= lost + 50)
        talker.join()
    assert _numbers(after.of("alert")) == list(range(1, lost + 51))
    assert not after.of("reset")


def test_who_was_away_for_longer_than_the_feed_is_kept_is_told_to_begin_anew(hub: Hub) -> None:
    _tell_many(hub, 3)
    hub.clock.advance(FEED_KEEP_MS + 1)
    with hub.records.begin() as tx:
        feed.prune(tx, hub.clock.now() - FEED_KEEP_MS)
        oldest, newest = feed.span(tx)
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"], oldest - 2) as listener:
        wait_until(lambda: listener.of("alert"))
    assert [one.data for one in listener.of("reset")] == [{"oldest": oldest, "newest": newest}]


def test_a_listener_hears_only_its_department_and_its_types(hub: Hub) -> None:
    with served(hub.app) as address:
        with (
            Listener(address, hub.tokens["north"]) as north,
            Listener(address, hub.tokens["viewer"], None, "?types=dead_letter") as letters,
            Listener(address, hub.tokens["viewer"]) as everybody,
        ):
            _tell(hub, 1, "south")
            _tell(hub, 2, "north")
            hub.letter(AIR)
            hub.letter(WATER)
            wait_until(lambda: len(everybody.of("alert", "dead_letter")) == 4)
            wait_until(lambda: len(north.of("alert", "dead_letter")) == 2)
            wait_until(lambda: len(letters.heard) == 2)
        assert _numbers(north.of("alert")) == [2]
        assert [one.data["device"] for one in north.of("dead_letter")] == [WATER]
        assert {one.type for one in letters.heard} == {"dead_letter"}


def test_latest_tells_what_changed_once_somebody_listens(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0], "nh3_n": [1.0]}, [NOW - 1000])
    hub.write(AIR, {"pm2_5": [9.0]}, [NOW - 1000])
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        wait_until(lambda: hub.app.state.live.pulse.looked)
        hub.clock.advance(2000)
        hub.write(WATER, {"ph": [7.5]}, [NOW])
        wait_until(lambda: listener.of("latest"))
        (item,) = listener.of("latest")[0].data["items"]
        assert (item["property"], item["value"], item["unit"], item["age_s"]) == ("ph", 7.5, "", 2.0)
        assert listener.of("latest")[0].id is None


def test_health_is_told_when_it_changes(hub: Hub) -> None:
    hub.well()
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        wait_until(lambda: any(one.data["ok"] for one in listener.of("health")))
        hub.clock.advance(60_000)
        wait_until(lambda: any(not one.data["ok"] for one in listener.of("health")))
        assert "ingest" in listener.of("health")[-1].data["failing"]


def test_a_station_s_word_comes_with_the_whole_health(hub: Hub) -> None:
    with served(hub.app) as address, Listener(address, hub.tokens["north"]) as listener:
        for station in ("south/air/st-2", WATER):
            with hub.records.begin() as tx:
                feed.append(tx, "health", {"station": station, "state": "offline", "time": "x"}, at=NOW)
        wait_until(lambda: [one for one in listener.of("health") if "station" in one.data])
        told = [one.data for one in listener.of("health") if "station" in one.data]
    assert [one["station"]["station"] for one in told] == [WATER]
    assert told[0]["parts"]


def test_a_dead_letter_without_device_belongs_to_its_topic_s_department() -> None:
    for body, department in (
        ({"topic": "hub/north/water/x/telemetry"}, "north"),
        ({"device": "south/air/y", "topic": "plant/y/up"}, "south"),
        ({"id": 1, "state": "dropped"}, None),
    ):
        assert department_of("dead_letter", body) == department


def test_a_number_that_is_not_known_here_brings_a_reset(hub: Hub) -> None:
    for number in range(5):
        _tell(hub, number)
    with hub.records.begin() as tx:
        feed.prune(tx, NOW + 1, keep=2)
    with served(hub.app) as address:
        for last in (1, 99):
            with Listener(address, hub.tokens["viewer"], last) as listener:
                _tell(hub, 10)
                wait_until(lambda: 10 in _numbers(listener.of("alert")))
            assert listener.of("reset")[0].data["newest"] >= 5, last
        with Listener(address, hub.tokens["viewer"], 3) as listener:
            wait_until(lambda: listener.of("alert"))
        assert not listener.of("reset")


def test_a_wrong_question_is_refused(hub: Hub) -> None:
    assert hub.get("/v1/events?last_event_id=x").status_code == 422
    assert hub.get("/v1/events?types=gossip").status_code == 422


def test_a_listener_that_does_not_read_is_dropped_and_stops_nobody(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.live.stream.SLOW_S", 0.5)
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.sendall(
                f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {hub.tokens['viewer']}\r\n\r\n".encode()
            )
            wait_until(lambda: hub.app.state.live.fanout.listeners == 2)
            body = {"text": "x" * 100_000, "target": {"department": "north"}}
            told = 0
            while hub.app.state.live.fanout.listeners == 2:
                with hub.records.begin() as tx:
                    feed.append(tx, "alert", {**body, "n": told}, at=NOW)
                told += 1
                assert told < 500
                wait_until(lambda: len(listener.of("alert")) == told)  # noqa: B023
        assert _numbers(listener.of("alert")) == list(range(told))


def test_heartbeats_are_comments(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "BEAT_S", 0.05)
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        wait_until(lambda: listener.comments >= 3)


def test_the_ring_forgets_the_oldest_and_says_so() -> None:
    fanout = Fanout()
    start = fanout.end
    fanout.put([event("alert", b"{}", "north", number) for number in range(5000)])
    with pytest.raises(FellBehind):
        fanout.after(start, ALL)
    joined, place = fanout.after(fanout.end - 2, ALL)
    assert joined.count(b"event: alert") == 2
    assert place == fanout.end


def test_listeners_at_the_same_place_share_the_bytes() -> None:
    fanout = Fanout()
    fanout.put([event("alert", b"{}", "north", 1), event("alert", b"{}", "south", 2), event("latest", b"{}", None)])
    assert fanout.after(0, ALL)[0] is fanout.after(0, Scope(None, ALL.types))[0]
    north = fanout.after(0, Scope("north", ALL.types))[0]
    assert (b"id: 1" in north, b"id: 2" in north, b"latest" in north) == (True, False, False)


def test_a_cleared_alert_is_told_as_one(hub: Hub) -> None:
    with served(hub.app) as address, Listener(address, hub.tokens["viewer"]) as listener:
        hub.alert()
        hub.alert(2, Condition.CLEARED)
        wait_until(lambda: len(listener.of("alert")) == 2)
        assert [one.data["condition"] for one in listener.of("alert")] == ["active", "cleared"]
