"""Whatever a caller writes into a question, the answer is an answer or a problem, never a fault of ours."""

import json
import random
import string
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from api.answers import etag_of
from api.formats import CSV, JSON, XLSX, negotiate
from api.problem import Problem, language_of
from api.times import parse_time, write_times
from hub.clock import parse_rfc3339, rfc3339
from storage.zones import zone_of
from tests.api.hub import NOW, WATER, Hub

PATHS = (
    "/v1/observations",
    "/v1/observations/latest",
    "/v1/series",
    "/v1/exceedances",
    "/v1/compare",
    "/v1/stations",
    "/v1/datastreams",
    "/v1/alerts",
    "/v1/incidents",
    "/v1/dead-letters",
    "/v1/rules/nh3-n-high",
)
NAMES = (
    *(
        "department",
        "kind",
        "device",
        "property",
        "from",
        "to",
        "limit",
        "cursor",
        "valid",
        "zone",
        "every",
        "agg",
        "fill",
        "width",
    ),
    *(
        "basis",
        "rule",
        "top",
        "with",
        "condition",
        "level",
        "open",
        "worst",
        "state",
        "reason",
        "source",
        "format",
        "version",
    ),
)
WORDS = (
    *(
        "",
        "0",
        "1",
        "-1",
        "5",
        "64",
        "1000",
        "99999999999999999999",
        "1e309",
        "nan",
        "inf",
        "-0",
        "true",
        "null",
        "None",
        "[]",
        "{}",
    ),
    *(
        "north",
        "water",
        "st-1",
        "ph",
        "nh3_n",
        "ph,nh3_n",
        ",",
        "mean",
        "mean,p95",
        "p0",
        "p100",
        "completeness",
        "count",
    ),
    *(
        "1s",
        "1m",
        "1h",
        "1d",
        "1w",
        "1mo",
        "1y",
        "0h",
        "25h",
        "2d",
        "now",
        "-1h",
        "-99999999d",
        "2026-11-18",
        "2026-02-30",
    ),
    *("2026-11-18T19:00:00+08:00", "2026-11-18T19:00:00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-23:59"),
    *(
        "0001-01-01T00:00:00+23:59",
        "last_year",
        "last_month",
        "2020-01-01/2020-02-01",
        "/",
        "le:2",
        "le:",
        "in:6,9",
        "in:9,6",
        "ge:-1",
    ),
    *(
        "UTC",
        "Asia/Shanghai",
        "Asia",
        "../../etc/passwd",
        "csv",
        "xlsx",
        "parquet",
        "json",
        "none",
        "null",
        "linear",
        "previous",
    ),
    *(
        "point",
        "hour",
        "nh3-n-high",
        "active",
        "kept",
        "'; DROP TABLE alert; --",
        "%",
        "\u6c34",
        "\ud83d\ude80",
        "e30",
        "W10",
        "WzFd",
        "WyJhIl0",
    ),
)


def _shaken(chance: random.Random) -> str:
    if chance.random() < 0.85:
        return chance.choice(WORDS)
    letters = string.printable + "\u6c34\u00e9\u202e\u0000"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(0, 40)))


def _question(chance: random.Random) -> str:
    pairs = [(chance.choice(NAMES), _shaken(chance)) for _ in range(chance.randrange(0, 5))]
    return (
        chance.choice(PATHS)
        + "?"
        + "&".join(f"{name}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs)
    )


_AT_ONCE = 500


def _ask(hub: Hub, seed: int, count: int) -> None:
    """Ask so many questions: each answer is one, or a problem that names the field and the form expected."""
    chance = random.Random(seed)
    for _ in range(0, count, _AT_ONCE):
        _ask_some(hub, [_question(chance) for _ in range(_AT_ONCE)])


def _ask_some(hub: Hub, questions: list[str]) -> None:
    for question, (status, body) in zip(questions, hub.asker.ask_many(questions, hub.tokens["admin"]), strict=True):
        assert 200 <= status < 500, question
        if status >= 400:
            problem = json.loads(body)
            assert problem["type"].startswith("/v1/problems/"), question
            if status == 422:
                assert problem["errors"], question
                assert all(one["field"] and one["expected"] for one in problem["errors"]), question


@pytest.fixture(scope="module")
def telling_hub(standing_hub: Hub) -> Hub:
    """One that has something to tell."""
    standing_hub.write(WATER, {"ph": [7.0, 7.1], "nh3_n": [1.0, 3.0]}, [NOW - 120_000, NOW - 60_000])
    standing_hub.alert()
    standing_hub.letter()
    return standing_hub


@pytest.mark.parametrize("seed", range(4))
def test_no_question_makes_a_fault(telling_hub: Hub, seed: int) -> None:
    _ask(telling_hub, seed, 2500)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_hundred_thousand_questions_make_no_fault(telling_hub: Hub, seed: int) -> None:
    _ask(telling_hub, seed, 5000)


BODIES: tuple[bytes, ...] = (
    b"", b"null", b"[]", b"{}", b'"x"', b"1e999", b"NaN", b'{"reason": 1}', b'{"reason": "\\u0000"}', b'{"reason": "\\ud800"}', b"\xff\xfe",
    b'{"station": "a/b/c"}', b'{"name": {}}', b'{"targets": [[[]]]}', b'{"targets": ["*/*/*"], "property": "ph", "above": {"3": 1e400}}',
    b'{"a": ' * 3000, b'{"name": "x", "password": "' + b"y" * 2000 + b'", "role": "viewer"}', b'{"expires": "9999-99-99", "name": "x"}',
)  # fmt: skip
WRITES = (
    ("POST", "/v1/session"),
    ("POST", "/v1/users"),
    ("PUT", "/v1/users/wang/password"),
    ("POST", "/v1/tokens"),
    ("POST", "/v1/devices"),
    ("PUT", f"/v1/devices/{WATER}"),
    ("POST", f"/v1/devices/{WATER}/telemetry"),
    ("POST", f"/v1/devices/{WATER}/position"),
    ("POST", f"/v1/devices/{WATER}/frame"),
    ("POST", f"/v1/devices/{WATER}/event"),
    ("POST", f"/v1/devices/{WATER}/status"),
    ("PUT", "/v1/rules/fuzzed"),
    ("POST", "/v1/incidents/none/note"),
    ("POST", "/v1/dead-letters/1/retry"),
)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_no_body_makes_a_fault(standing_hub: Hub, method: str, path: str) -> None:
    for body in BODIES:
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
            answer = standing_hub.ask(method, path, content=body, headers={"Content-Type": kind})
            assert answer.status_code < 500, (body[:60], kind, answer.text)


SHAPES = "0123456789" * 3 + "-:T+Z. zwhdms"


def test_a_time_is_read_or_refused() -> None:
    chance = random.Random(3)
    zone, taken = zone_of("Asia/Shanghai"), 0
    for _ in range(50_000):
        text = chance.choice(WORDS) if chance.random() < 0.2 else _near(chance)
        try:
            found = parse_time(text, zone, NOW)
        except (ValueError, OverflowError):
            continue
        taken += 1
        write_times(np.array([found]), "Asia/Shanghai")
    assert taken > 1000


def _near(chance: random.Random) -> str:
    text = list(
        chance.choice(
            ("2026-11-18T19:00:00+08:00", "2026-11-18", "-24h", "2026-11-18T19:00:00.123456Z", "9999-12-31T23:59Z")
        )
    )
    for _ in range(chance.randrange(0, 4)):
        text[chance.randrange(len(text))] = chance.choice(SHAPES)
    return "".join(text[: chance.randrange(1, 30)])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-2_000_000_000_000, 4_000_000_000_000), max_size=20),
    st.sampled_from(["Asia/Shanghai", "Europe/London", "America/St_Johns", "UTC", "Asia/Kathmandu"]),
)
def test_times_are_written_as_the_clock_writes_them(times: list[int], zone: str) -> None:
    written = write_times(np.array(times, np.int64), zone)
    for text, time in zip(written, times, strict=True):
        assert parse_rfc3339(text) == time
        # Where the offset had seconds, as local mean times had, RFC 3339 cannot write it.
        assert text == rfc3339(time, zone_of(zone)) or len(rfc3339(time, zone_of(zone))) > len(text)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(-2_000_000_000_000, 4_000_000_000_000),
    st.sampled_from([900_000, 3_600_000, 86_400_000]),
    st.sampled_from(["Asia/Shanghai", "Europe/London", "UTC", "Asia/Kathmandu"]),
)
def test_a_grid_of_times_is_written_as_each_of_them(start: int, step: int, zone: str) -> None:
    grid = start // 1000 * 1000 + step * np.arange(200)
    assert write_times(grid, zone) == [one for time in grid for one in write_times(np.array([time]), zone)]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_headers_are_read_or_refused(text: str) -> None:
    assert language_of(text) in ("zh", "en")
    assert etag_of(text)
    assert _accept(text)


def _accept(text: str) -> object:
    header = text.encode("latin-1", "replace")
    request = Request({"type": "http", "headers": [(b"accept", header)], "query_string": b""})
    try:
        return negotiate(request, (JSON, CSV, XLSX))
    except Problem as problem:
        return problem
