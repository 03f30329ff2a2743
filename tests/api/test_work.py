"""Alerts, incidents, rules, dead letters, devices, people; and doing a thing once."""

import csv
import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.model import Condition
from hub.rulefiles import load_rules
from storage.records.rules import content_hash, get_rule, sync
from tests.api.hub import NOW, PASSWORD, WATER, Hub, make_hub


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A hub on each engine of the records."""
    url = "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_database"))
    made = make_hub(tmp_path, url)
    yield made
    made.close()


def test_an_alert_has_the_interface_s_members(hub: Hub) -> None:
    identifier = hub.alert()
    alert = hub.get(f"/v1/alerts/{identifier}").json()
    incident = hub.get("/v1/incidents").json()["items"][0]
    assert alert == {
        "id": identifier,
        "rule": {"id": "nh3-n-high", "version": 1},
        "target": {"department": "north", "kind": "water", "device": "st-1", "property": "nh3_n"},
        "level": 2,
        "condition": "active",
        "breach_start": "2026-11-18T19:05:40+08:00",
        "fired": "2026-11-18T19:06:10+08:00",
        "cleared": None,
        "value": 2.4,
        "limit": 2.0,
        "unit": "mg/L",
        "coverage": 1.0,
        "backfilled": False,
        "evidence": [],
        "incident": incident["id"],
    }
    assert (incident["state"], incident["level"], incident["version"]) == ("detected", 2, 1)


def test_alerts_are_filtered_and_paged(hub: Hub) -> None:
    first = [hub.alert(start=NOW - i * 60_000) for i in range(1, 6)]
    hub.alert(2, Condition.CLEARED, start=NOW - 60_000)
    assert [one["id"] for one in hub.get("/v1/alerts").json()["items"]] == first
    assert [one["id"] for one in hub.get("/v1/alerts?condition=cleared").json()["items"]] == first[:1]
    assert [one["id"] for one in hub.get("/v1/alerts?open=true").json()["items"]] == first[1:]
    assert [
        one["id"] for one in hub.get("/v1/alerts", params={"to": "2026-11-18T19:03:40+08:00"}).json()["items"]
    ] == first[3:]
    for query, count in (
        ("level=1", 0),
        ("level=2", 5),
        ("device=st-1", 5),
        ("device=x", 0),
        ("department=south", 0),
        ("property=nh3_n", 5),
    ):
        assert len(hub.get(f"/v1/alerts?{query}").json()["items"]) == count, query
    page = hub.get("/v1/alerts?limit=2").json()
    rest = hub.get("/v1/alerts", params={"limit": 3, "cursor": page["next"]}).json()
    assert [one["id"] for one in page["items"] + rest["items"]] == first
    assert hub.get("/v1/alerts?condition=asleep").status_code == 422
    assert hub.get("/v1/alerts/none").status_code == 404


def test_lists_are_files_too(hub: Hub) -> None:
    for i in range(3):
        hub.alert(start=NOW - i * 60_000)
        hub.letter()
    rows = list(csv.DictReader(io.StringIO(hub.get("/v1/alerts?format=csv&limit=1").text)))
    assert [(row["rule"], row["rule_version"], row["device"], row["level"], row["zone"]) for row in rows] == [
        ("nh3-n-high", "1", "st-1", "2", "Asia/Shanghai")
    ] * 3
    for path, count in (("incidents", 1), ("dead-letters", 3)):
        assert len(list(csv.DictReader(io.StringIO(hub.get(f"/v1/{path}?format=csv").text)))) == count
        assert hub.get(f"/v1/{path}?format=parquet").content[:4] == b"PAR1"


def test_people_work_on_incidents_and_nobody_overwrites_anybody(hub: Hub) -> None:
    hub.alert()
    identifier = hub.get("/v1/incidents").json()["items"][0]["id"]
    path = f"/v1/incidents/{identifier}"
    whole = hub.get(path)
    assert whole.headers["etag"] == '"1"'
    tag = {"If-Match": whole.headers["etag"]}
    done = hub.post(f"{path}/acknowledge", {"reason": "on my way"}, "officer", headers=tag)
    assert (done.status_code, done.json()["state"], done.json()["acknowledged_by"]) == (200, "acknowledged", "officer")
    assert done.headers["etag"] == '"2"'
    again = hub.post(f"{path}/note", {"reason": "late"}, "officer", headers=tag)
    assert (again.status_code, again.headers["etag"]) == (412, '"2"')
    early = hub.post(f"{path}/close", {"reason": "done"}, "officer")
    assert (early.status_code, early.json()["type"]) == (409, "/v1/problems/conflict")
    assert len(early.json()["missing"]) == 1
    hub.alert(2, Condition.CLEARED)
    assert hub.post(f"{path}/close", {"reason": "done"}, "officer").json()["state"] == "closed"
    whole = hub.get(path).json()
    assert whole["closed_by"] == "officer"
    assert [one["kind"] for one in whole["log"]][-1] == "closed"
    assert whole["alerts"][0]["condition"] == "cleared"
    assert hub.get(f"{path}/deliveries").json() == {"items": [], "next": None}
    assert [one["id"] for one in hub.get("/v1/incidents?state=closed").json()["items"]] == [identifier]
    assert hub.get(f"/v1/incidents/{whole['number']}").json()["id"] == identifier


@pytest.mark.parametrize(
    ("action", "status", "name"),
    [("dance", 404, "not-found"), ("assign", 409, "conflict"), ("close", 409, "conflict")],
)
def test_an_action_that_cannot_be_done_says_why(hub: Hub, action: str, status: int, name: str) -> None:
    hub.alert()
    identifier = hub.get("/v1/incidents").json()["items"][0]["id"]
    answer = hub.post(f"/v1/incidents/{identifier}/{action}", {"reason": ""})
    assert (answer.status_code, answer.json()["type"]) == (status, f"/v1/problems/{name}")
    assert hub.post("/v1/incidents/none/note", {"reason": "x"}).status_code == 404


RULE: dict[str, Any] = {
    "name_zh": "溶解氧偏低",
    "name_en": "Low oxygen",
    "targets": ["north/water/*"],
    "property": "do",
    "below": {"2": 2.0, "3": 5.0},
    "deadband": 0.2,
    "on_delay": "90s",
    "off_delay": "1500ms",
    "schedule": {"days": [1, 2], "from": "08:00", "to": "24:00"},
}


def test_a_rule_is_put_with_its_file_and_its_versions(hub: Hub) -> None:
    first = hub.ask("PUT", "/v1/rules/do-low", json=RULE)
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (201, '"1"', 1)
    assert hub.ask("PUT", "/v1/rules/do-low", json=first.json(), headers={"If-Match": '"1"'}).headers["etag"] == '"1"'
    second = hub.ask("PUT", "/v1/rules/do-low", json={**RULE, "deadband": 0.3}, headers={"If-Match": '"1"'})
    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    assert hub.ask("PUT", "/v1/rules/do-low", json=RULE, headers={"If-Match": '"1"'}).status_code == 412
    assert hub.get("/v1/rules/do-low?version=1").json()["deadband"] == 0.2
    assert [one["rule"]["version"] for one in hub.get("/v1/rules/do-low/versions").json()["items"]] == [2, 1]
    assert hub.get("/v1/rules/do-low", headers={"If-None-Match": '"2"'}).status_code == 304
    # The file says the same, so reading the folder changes nothing.
    assert tomllib.loads((hub.settings.hub.rules / "do-low.toml").read_text())["deadband"] == 0.3
    rules = load_rules(hub.settings.hub.rules)
    with hub.records.begin() as tx:
        stored = get_rule(tx, "do-low")
        assert stored is not None
        assert content_hash(stored) == content_hash(rules[0])
        assert sync(tx, rules, actor="files", at=NOW).changed == []
    assert hub.ask("DELETE", "/v1/rules/do-low").status_code == 428
    assert hub.ask("DELETE", "/v1/rules/do-low", headers={"If-Match": '"2"'}).status_code == 204
    assert hub.get("/v1/rules/do-low").status_code == 404
    assert not list(hub.settings.hub.rules.glob("*.toml"))


def test_a_bad_rule_is_refused_with_all_its_mistakes(hub: Hub) -> None:
    bad = {
        **RULE,
        "property": "oxigen",
        "below": {"2": 5.0, "3": 2.0},
        "on_delay": "soon",
        "targets": ["north"],
        "id": "other",
    }
    answer = hub.ask("PUT", "/v1/rules/do-low", json=bad)
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"property", "below", "on_delay", "targets", "id"}
    assert not hub.settings.hub.rules.exists()
    assert hub.ask("PUT", "/v1/rules/UPPER", json=RULE).status_code == 422


def test_a_dead_letter_is_shown_retried_and_dropped(hub: Hub) -> None:
    payload = b'{"ts": %d, "values": {"ph": 7.0}}' % NOW
    letter, other = hub.letter(payload=payload, reason="unknown_device"), hub.letter(payload=b"\x00\xff")
    item = hub.get(f"/v1/dead-letters/{letter}").json()
    assert (item["reason"], item["size"], item["state"], item["source"]) == (
        "unknown_device",
        len(payload),
        "kept",
        "mqtt",
    )
    answer = hub.get(f"/v1/dead-letters/{other}/bytes")
    assert (answer.content, answer.headers["content-type"]) == (b"\x00\xff", "application/octet-stream")
    done = hub.post(f"/v1/dead-letters/{letter}/retry", who="officer").json()
    assert (done["stored"]["values"], done["refused"]) == (1, [])
    assert hub.post(f"/v1/dead-letters/{letter}/retry").json()["type"] == "/v1/problems/conflict"
    refused = hub.post(f"/v1/dead-letters/{other}/retry").json()
    assert refused["refused"][0]["reason"] == "bad_json"
    third = hub.letter()
    assert hub.post(f"/v1/dead-letters/{third}/drop").json()["settled_by"] == "admin"
    states = {one["id"]: one["state"] for one in hub.get("/v1/dead-letters").json()["items"]}
    assert states == {letter: "retried", other: "retried", third: "dropped"}
    assert hub.get("/v1/dead-letters?state=dropped").json()["items"][0]["id"] == third
    assert hub.get("/v1/dead-letters/999").status_code == 404


def test_a_device_is_registered_and_its_secret_shown_once(hub: Hub) -> None:
    station = "east/air/new:1"
    body = {"station": station, "period_s": 5, "datastreams": {"pm2_5": {"high": 100}}}
    made = hub.post("/v1/devices", body)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    assert "x-hub-secret" not in made.headers
    secret = made.json()["secret"]
    # Its first message comes in at once, though the register travels over the bus.
    sent = hub.ask(
        "POST",
        f"/v1/devices/{station}/telemetry",
        None,
        json={"ts": NOW, "values": {"pm2_5": 7}},
        auth=(station, secret),
    )
    assert sent.status_code == 202
    entry = hub.get(f"/v1/devices/{station}")
    assert "secret" not in entry.json()
    assert entry.json()["datastreams"]["pm2_5"]["high"] == 100
    tag = {"If-Match": entry.headers["etag"]}
    given = {name: value for name, value in entry.json().items() if name != "station"}
    changed = hub.ask("PUT", f"/v1/devices/{station}", json={**given, "name_en": "New"}, headers=tag)
    assert (changed.status_code, changed.json()["secret"], changed.json()["name_en"]) == (200, None, "New")
    assert hub.ask("PUT", f"/v1/devices/{station}", json=given, headers=tag).status_code == 412
    renewed = hub.ask(
        "PUT",
        f"/v1/devices/{station}",
        json={**given, "new_secret": True},
        headers={"If-Match": changed.headers["etag"]},
    )
    assert renewed.json()["secret"] not in (None, secret)
    assert hub.ask("DELETE", f"/v1/devices/{station}").status_code == 204
    assert hub.get(f"/v1/stations/{station}").status_code == 404


def test_a_device_s_message_says_what_was_stored_and_what_refused(hub: Hub) -> None:
    mixed = hub.post(f"/v1/devices/{WATER}/telemetry", {"ts": NOW, "values": {"ph": 7.1, "magic": 3}})
    assert mixed.status_code == 202
    assert mixed.json()["stored"]["values"] == 1
    assert mixed.json()["refused"][0]["reason"] == "unknown_property"
    bad = hub.post(f"/v1/devices/{WATER}/telemetry", content=b"{", headers={"Accept-Language": "zh"})
    assert (bad.status_code, bad.json()["reason"]) == (422, "bad_json")
    large = hub.post(f"/v1/devices/{WATER}/telemetry", content=b"[" + b" " * 3_000_000 + b"]")
    assert (large.status_code, large.json()["reason"]) == (422, "too_large")
    assert hub.post(f"/v1/devices/{WATER}/telemetry", content=b" " * 9_000_000).status_code == 413
    unknown = hub.post("/v1/devices/north/water/nobody/telemetry", {"ts": NOW, "values": {"ph": 7}})
    assert (unknown.status_code, unknown.json()["reason"]) == (422, "unknown_device")
    status = hub.post(f"/v1/devices/{WATER}/status", {"state": "online", "ts": NOW})
    assert (status.status_code, status.json()["stored"]["events"]) == (202, 1)


def test_people_are_added_and_given_new_passwords(hub: Hub) -> None:
    body = {"name": "li", "password": "long enough", "role": "viewer", "department": "north"}
    assert hub.post("/v1/users", body).json()["department"] == "north"
    assert hub.post("/v1/users", body).status_code == 409
    assert hub.post("/v1/users", {**body, "name": "x", "password": "short"}).json()["errors"][0]["field"] == "password"
    assert [one["name"] for one in hub.get("/v1/users").json()["items"]] == ["li", "wang"]
    assert hub.ask("PUT", "/v1/users/li/password", json={"password": "another one"}).status_code == 204
    assert hub.post("/v1/session", {"name": "li", "password": "long enough"}, None).status_code == 401
    assert hub.post("/v1/session", {"name": "li", "password": "another one"}, None).status_code == 201
    assert hub.ask("PUT", "/v1/users/none/password", json={"password": PASSWORD}).status_code == 404


def test_a_request_with_a_key_is_done_once(hub: Hub) -> None:
    hub.alert()
    path = f"/v1/incidents/{hub.get('/v1/incidents').json()['items'][0]['id']}"
    key = {"Idempotency-Key": "abc"}
    first = hub.post(f"{path}/note", {"reason": "seen"}, headers=key)
    second = hub.post(f"{path}/note", {"reason": "seen"}, headers=key)
    assert (second.status_code, second.content, second.headers["etag"]) == (200, first.content, first.headers["etag"])
    assert second.headers["idempotency-replayed"] == "true"
    assert len([one for one in hub.get(path).json()["log"] if one["kind"] == "note"]) == 1
    other = hub.post(f"{path}/note", {"reason": "something else"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "/v1/problems/idempotency-conflict")
    assert hub.post(f"{path}/note", {"reason": "mine"}, "officer", headers=key).status_code == 200
    hub.clock.advance(25 * 3_600_000)
    assert hub.post(f"{path}/note", {"reason": "something else"}, headers=key).status_code == 200
    assert hub.post(f"{path}/note", {"reason": "x"}, headers={"Idempotency-Key": "k" * 300}).status_code == 400


def test_a_secret_is_not_kept_for_a_repeated_request(hub: Hub) -> None:
    key = {"Idempotency-Key": "token-1"}
    first = hub.post("/v1/tokens", {"name": "bureau"}, headers=key)
    assert first.status_code == 201
    again = hub.post("/v1/tokens", {"name": "bureau"}, headers=key)
    assert (again.status_code, again.json()["type"]) == (409, "/v1/problems/idempotency-conflict")
    assert len([one for one in hub.get("/v1/tokens").json()["items"] if one["name"] == "bureau"]) == 1
    with hub.records.read() as tx:
        kept = tx.execute(text("SELECT headers, body FROM idempotency")).all()
    assert [row.body for row in kept] == [None]
    assert first.json()["secret"] not in str(kept)


def test_ready_names_the_failing_part(hub: Hub) -> None:
    hub.well()
    assert hub.get("/v1/health/ready").status_code == 200
    assert hub.get("/v1/health").json()["ok"] is True
    hub.clock.advance(60_000)
    answer = hub.get("/v1/health/ready")
    assert answer.status_code == 503
    assert {one["name"] for one in answer.json()["failing"]} >= {"ingest", "rules", "series"}
    metrics = hub.get("/v1/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'hub_part_up{part="ingest"} 0' in metrics.text
    assert 'hub_part_refused{part="ingest",key="bad_json"} 2' in metrics.text


def test_evidence_is_found_by_its_hash(hub: Hub) -> None:
    name = "ab" + "0" * 62
    folder = hub.context.evidence / "ab"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"\xff\xd8\xff picture")
    answer = hub.get(f"/v1/evidence/{name}")
    assert (answer.headers["content-type"], answer.content) == ("image/jpeg", b"\xff\xd8\xff picture")
    assert "immutable" in answer.headers["cache-control"]
    assert hub.get("/v1/evidence/" + "1" * 64).status_code == 404
    assert hub.get("/v1/evidence/..%2f..%2fhub.db").status_code in (404, 422)


def test_incidents_are_found_by_state_word_and_order(hub: Hub) -> None:
    for i in range(3):
        hub.alert(start=NOW - i * 60_000)
    [one] = hub.get("/v1/incidents").json()["items"]
    assert (one["count"], one["type"], one["area"]) == (3, "exceedance", None)
    for query, count in (("q=ST-1", 1), ("q=nothing", 0), ("state=detected,closed", 1), ("state=closed", 0)):
        assert len(hub.get(f"/v1/incidents?{query}").json()["items"]) == count, query
    for query in ("open_first=true&type=exceedance", "device=st-1", "worst=true&open=true"):
        assert len(hub.get(f"/v1/incidents?{query}").json()["items"]) == 1, query
    assert hub.get("/v1/incidents?state=asleep").status_code == 422
    whole = hub.get(f"/v1/incidents/{one['number']}").json()
    assert [each["name"] for each in whole["clocks"]] == ["verify", "ack", "solve"]
    assert (whole["contract"]["satisfied"], whole["evidence"], whole["merged"]) == (False, [], [])


def test_a_silence_is_made_listed_and_ended(hub: Hub) -> None:
    body = {"matcher": {"device": "st-1"}, "ends": "2026-11-19T08:00:00+08:00", "reason": "calibration"}
    made = hub.post("/v1/silences", body, "officer")
    assert (made.status_code, made.json()["owner"], made.json()["active"]) == (201, "officer", True)
    assert [one["id"] for one in hub.get("/v1/silences?active=true").json()["items"]] == [made.json()["id"]]
    path = f"/v1/silences/{made.json()['id']}/end"
    assert hub.post(path, {}, "officer").json()["ended_by"] == "officer"
    assert hub.post(path, {}, "officer").status_code == 409
    assert hub.post("/v1/silences", {**body, "ends": "2020-01-01T00:00:00Z"}, "officer").status_code == 409
    assert hub.post("/v1/silences", body, "viewer").status_code == 403
    assert hub.post("/v1/silences/0123456789abcdef/end", {}).status_code == 404
