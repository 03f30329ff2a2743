"""Who is let in, what the roles may do, and that a session's change needs its CSRF token."""

import base64
from typing import Any

import pytest

from api.identity import Identity
from storage.records.access import Principal, create_token
from tests.api.hub import AIR, NOW, PASSWORD, SECRET, WATER, Hub

PATHS = (
    "/v1/stations",
    "/v1/observations",
    "/v1/alerts",
    "/v1/health/ready",
    "/v1/metrics",
    "/v1/openapi.json",
    "/v1/nope",
    "/v1/events",
)


def test_nothing_but_liveness_answers_without_a_token(hub: Hub) -> None:
    assert hub.get("/v1/health/live", None).status_code == 200
    for path in PATHS:
        answer = hub.get(path, None)
        assert answer.status_code == 401, path
        assert answer.json()["type"] == "/v1/problems/unauthorized"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic eDp5", "Digest x", "bearer  ", "Bearer \u00e9"])
def test_a_wrong_credential_is_no_credential(hub: Hub, header: str) -> None:
    answer = hub.get("/v1/stations", None, headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_a_revoked_token_is_worth_nothing_at_once(hub: Hub) -> None:
    with hub.records.begin() as tx:
        token_id, secret = create_token(tx, "short", "viewer", actor="test", at=NOW)
    assert hub.get("/v1/stations", None, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert hub.ask("DELETE", f"/v1/tokens/{token_id}").status_code == 204
    assert hub.get("/v1/stations", None, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert hub.ask("DELETE", f"/v1/tokens/{token_id}").status_code == 404


def test_an_expired_token_is_none(hub: Hub) -> None:
    body = {"name": "day", "role": "viewer", "expires": "2026-11-18T20:00:00+08:00"}
    made = hub.post("/v1/tokens", body)
    assert made.status_code == 201
    bearer = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert hub.get("/v1/stations", None, headers=bearer).status_code == 200
    hub.clock.advance(2 * 3_600_000)
    assert hub.get("/v1/stations", None, headers=bearer).status_code == 401
    assert hub.post("/v1/tokens", body).json()["errors"][0]["field"] == "expires"


def _login(hub: Hub, password: str = PASSWORD) -> dict[str, str]:
    answer = hub.post("/v1/session", {"name": "wang", "password": password}, None)
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    return {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer.json()["csrf"]}


def test_a_session_reads_with_its_cookie_and_changes_with_its_csrf_token(hub: Hub) -> None:
    letter = hub.letter()
    own = _login(hub)
    cookie = {"Cookie": own["Cookie"]}
    who = hub.get("/v1/session", None, headers=cookie).json()
    assert (who["name"], who["role"], who["csrf"]) == ("wang", "officer", own["X-CSRF-Token"])
    for wrong in (cookie, {**cookie, "X-CSRF-Token": "x"}, {**cookie, "X-CSRF-Token": ""}):
        answer = hub.post(f"/v1/dead-letters/{letter}/drop", who=None, headers=wrong)
        assert (answer.status_code, answer.json()["type"]) == (403, "/v1/problems/csrf")
    assert hub.post(f"/v1/dead-letters/{letter}/drop", who=None, headers=own).status_code == 200
    assert hub.ask("DELETE", "/v1/session", None, headers=cookie).status_code == 403
    assert hub.ask("DELETE", "/v1/session", None, headers=own).status_code == 204
    assert hub.get("/v1/session", None, headers=cookie).status_code == 401


def test_wrong_passwords_are_refused_and_slowed(hub: Hub) -> None:
    body = {"name": "wang", "password": "wrong"}
    first = hub.post("/v1/session", body, None)
    assert (first.status_code, first.json()["type"]) == (401, "/v1/problems/bad-credentials")
    for _ in range(4):
        hub.post("/v1/session", body, None)
    last = hub.post("/v1/session", body, None)
    assert (last.status_code, last.json()["type"]) == (429, "/v1/problems/too-many-requests")
    assert int(last.headers["retry-after"]) >= 1
    assert hub.post("/v1/session", {"name": "nobody", "password": "x"}, None).status_code == 401


def test_a_login_must_be_json(hub: Hub) -> None:
    answer = hub.post("/v1/session", who=None, content=b"name=wang", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/v1/problems/unsupported-media-type")


def test_roles_may_do_what_they_may(hub: Hub) -> None:
    letter = hub.letter()
    rule = {"kind": "level", "targets": ["*/water/*"], "property": "ph", "above": {"3": 9}}
    asked: dict[str, list[tuple[str, str, Any]]] = {
        "viewer": [("POST", f"/v1/dead-letters/{letter}/drop", {}), ("POST", "/v1/incidents/x/note", {"reason": "x"})],
        "officer": [
            ("PUT", "/v1/rules/ph", rule),
            ("GET", "/v1/users", None),
            ("GET", "/v1/tokens", None),
            ("POST", "/v1/tokens", {"name": "x"}),
            ("POST", "/v1/devices", {"station": "north/water/new"}),
        ],
        "device": [("GET", "/v1/stations", None), ("GET", "/v1/events", None), ("GET", "/v1/openapi.json", None)],
    }
    for token, requests in asked.items():
        for method, path, body in requests:
            answer = hub.ask(method, path, token, json=body)
            assert (answer.status_code, answer.json()["type"]) == (403, "/v1/problems/forbidden"), (token, path)


def test_a_department_sees_its_own_and_nothing_else(hub: Hub) -> None:
    hub.write(WATER, {"ph": [7.0]}, [NOW])
    hub.write(AIR, {"pm2_5": [30.0]}, [NOW])
    hub.alert()
    letters = hub.letter(), hub.letter(AIR), hub.letter("")
    for path in ("/v1/stations", "/v1/datastreams", "/v1/observations", "/v1/observations/latest"):
        seen = {item["department"] for item in hub.get(path, "north").json()["items"]}
        assert seen == {"north"}, path
        assert hub.get(f"{path}?department=south", "north").status_code == 403
    assert {one["department"] for one in hub.get("/v1/series?every=1h", "north").json()["series"]} == {"north"}
    assert [one["id"] for one in hub.get("/v1/dead-letters", "north").json()["items"]] == [letters[0]]
    assert hub.get(f"/v1/dead-letters/{letters[1]}/bytes", "north").status_code == 404
    assert hub.get("/v1/stations/south/air/st-2", "north").status_code == 404
    alert, incident = (hub.get(f"/v1/{what}").json()["items"][0]["id"] for what in ("alerts", "incidents"))
    for token, status, count in (("north", 200, 1), ("south", 404, 0)):
        assert len(hub.get("/v1/alerts", token).json()["items"]) == count
        assert len(hub.get("/v1/incidents", token).json()["items"]) == count
        assert hub.get(f"/v1/alerts/{alert}", token).status_code == status
        assert hub.get(f"/v1/incidents/{incident}", token).status_code == status
    assert hub.post(f"/v1/incidents/{incident}/acknowledge", who="south").status_code == 404


def test_a_device_comes_in_by_its_secret_for_itself_only(hub: Hub) -> None:
    basic = {"Authorization": "Basic " + base64.b64encode(f"{WATER}:{SECRET}".encode()).decode()}
    body = {"ts": NOW, "values": {"ph": 7.2}}
    assert hub.post(f"/v1/devices/{WATER}/telemetry", body, None, headers=basic).status_code == 202
    assert hub.post(f"/v1/devices/{WATER}/telemetry", body, "device").status_code == 202
    assert hub.post(f"/v1/devices/{AIR}/telemetry", body, None, headers=basic).status_code == 403
    assert hub.get("/v1/stations", None, headers=basic).status_code == 401
    wrong = {"Authorization": "Basic " + base64.b64encode(f"{WATER}:nope".encode()).decode()}
    answer = hub.post(f"/v1/devices/{WATER}/telemetry", body, None, headers=wrong)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["www-authenticate"]
    gateway = {"Authorization": "Basic " + base64.b64encode(f"north/water/gateway:{SECRET}".encode()).decode()}
    assert hub.post(f"/v1/devices/{WATER}/telemetry", body, None, headers=gateway).status_code == 202
    assert hub.post(f"/v1/devices/{AIR}/telemetry", body, None, headers=gateway).status_code == 403


def test_pages_send_the_unknown_to_the_login(hub: Hub) -> None:
    answer = hub.get("/dead-letters", None, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/dead-letters")
    assert hub.get("/login", None).status_code == 200
    assert hub.get("/static/css/console.css", None).status_code == 200


def test_an_identity_without_department_sees_all() -> None:
    everybody, north = Identity(Principal("a", "admin")), Identity(Principal("b", "viewer", "north"))
    assert everybody.sees(None)
    assert everybody.sees("south")
    assert north.sees("north")
    assert not north.sees("south")
    assert not north.sees(None)
