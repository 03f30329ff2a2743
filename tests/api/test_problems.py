"""Errors are problems of RFC 9457, each type of them, in the reader's language; nothing a caller sends makes a 500."""

from typing import Any

import pytest

from api.problem import KINDS, language_of
from hub.errors import StoreUnavailable
from tests.api.hub import WATER, Hub

CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("bad-request", "POST", "/v1/tokens", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    ("bad-request", "GET", "/v1/stations?device=%FF", {}),
    ("bad-request", "GET", "/v1/stations?device=%00", {}),
    ("bad-request", "GET", "/v1/stations/%00/water/x", {}),
    ("bad-request", "POST", "/v1/tokens", {"content": b"[" * 90_000, "headers": {"Content-Type": "application/json"}}),
    ("not-found", "GET", "/v1/nothing", {}),
    ("not-found", "GET", "/v1/stations/north/water/none", {}),
    ("not-found", "POST", f"/v1/devices/{WATER}/nonsense", {"content": b"{}"}),
    ("method-not-allowed", "PUT", "/v1/stations", {}),
    ("method-not-allowed", "DELETE", "/v1/alerts", {}),
    ("not-acceptable", "GET", "/v1/observations", {"headers": {"Accept": "image/png"}}),
    ("conflict", "POST", "/v1/devices", {"json": {"station": WATER}}),
    (
        "precondition-failed",
        "PUT",
        "/v1/rules/nh3-n-high",
        {"json": {"kind": "silence", "targets": ["*/*/*"]}, "headers": {"If-Match": '"9"'}},
    ),
    ("precondition-required", "PUT", "/v1/rules/nh3-n-high", {"json": {"kind": "silence", "targets": ["*/*/*"]}}),
    ("too-large", "POST", "/v1/tokens", {"content": b" " * 1_100_000}),
    ("too-large", "GET", "/v1/stations?device=" + "x" * 20_000, {}),
    ("invalid-parameter", "GET", "/v1/observations?from=yesterday", {}),
    ("invalid-parameter", "GET", "/v1/observations?limit=0", {}),
    ("invalid-parameter", "GET", "/v1/observations?cursor=zzz", {}),
    ("invalid-parameter", "GET", "/v1/observations?kind=rocket", {}),
    ("invalid-parameter", "GET", "/v1/observations?zone=Mars/Base", {}),
    ("invalid-parameter", "GET", "/v1/observations?from=2026-01-02&to=2026-01-01", {}),
    ("invalid-parameter", "GET", "/v1/observations?limit=5&limit=6", {}),
    ("invalid-parameter", "GET", "/v1/series?every=0m", {}),
    ("invalid-parameter", "GET", "/v1/series?agg=mode", {}),
    ("invalid-parameter", "GET", "/v1/series?every=1s&from=2000-01-01", {}),
    ("invalid-parameter", "GET", "/v1/exceedances", {}),
    ("invalid-parameter", "GET", "/v1/exceedances?limit=le:nan", {}),
    ("invalid-parameter", "GET", "/v1/compare?with=tomorrow", {}),
    ("invalid-parameter", "GET", "/v1/dead-letters/99999999999999999999999", {}),
    ("invalid-parameter", "POST", "/v1/tokens", {"json": {"name": "x", "unknown": 1}}),
    ("invalid-parameter", "POST", "/v1/tokens", {"json": {"name": "x\u0000"}}),
    ("refused", "POST", f"/v1/devices/{WATER}/telemetry", {"content": b"{"}),
]


@pytest.mark.parametrize(("name", "method", "path", "options"), CASES, ids=lambda value: str(value)[:40])
def test_each_problem_says_its_type(
    standing_hub: Hub, name: str, method: str, path: str, options: dict[str, Any]
) -> None:
    answer = standing_hub.ask(method, path, **options)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["type"]) == (KINDS[name].status, f"/v1/problems/{name}"), body
    assert (body["status"], body["title"]) == (KINDS[name].status, KINDS[name].en)
    if name == "invalid-parameter":
        assert all(one["field"] and one["expected"] and one["in"] for one in body["errors"]), body


def test_every_field_is_named_at_once(hub: Hub) -> None:
    answer = hub.post("/v1/devices", {"station": "x", "lon": 500, "lat": "north", "period_s": -1, "colour": "red"})
    fields = {one["field"] for one in answer.json()["errors"]}
    assert fields == {"station", "lon", "lat", "period_s", "colour"}


def test_the_title_follows_the_reader(hub: Hub) -> None:
    for header, language in (
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh"),
        ("en-GB", "en"),
        ("fr, zh;q=0.2, en;q=0.1", "zh"),
        ("", "en"),
    ):
        answer = hub.get("/v1/nothing", headers={"Accept-Language": header})
        assert answer.headers["content-language"] == language
        assert answer.json()["title"] == getattr(KINDS["not-found"], language)
    assert language_of("zh;q=0, en;q=0.1") == "en"
    assert language_of(";;;,q=,zh;q=x") == "en"


def test_a_problem_type_explains_itself(hub: Hub) -> None:
    for name, kind in KINDS.items():
        assert hub.get(f"/v1/problems/{name}").json()["title"] == {"en": kind.en, "zh": kind.zh}
    assert hub.get("/v1/problems/none").status_code == 404


def test_a_store_that_is_away_is_said_to_be(hub: Hub) -> None:
    hub.store.trouble = StoreUnavailable("the store does not answer")
    answer = hub.get("/v1/observations/latest")
    assert (answer.status_code, answer.json()["type"]) == (503, "/v1/problems/unavailable")
    assert answer.headers["retry-after"] == "2"
    assert hub.get("/v1/stations").status_code == 200


def test_a_fault_of_ours_says_nothing_of_our_inside(hub: Hub) -> None:
    hub.store.trouble = RuntimeError("a secret of the house")
    answer = hub.get("/v1/observations/latest")
    assert (answer.status_code, answer.json()["type"]) == (500, "/v1/problems/internal")
    assert "secret of the house" not in answer.text


def test_answers_carry_the_security_headers(hub: Hub) -> None:
    for path, token in (("/v1/stations", "admin"), ("/v1/stations", None), ("/login", None), ("/v1/nothing", "admin")):
        headers = hub.get(path, token).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_body_without_length_is_cut_at_the_limit(hub: Hub) -> None:
    async def endless() -> object:
        for _ in range(30):
            yield b" " * 65_536

    answer = hub.ask("POST", "/v1/tokens", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "/v1/problems/too-large")
