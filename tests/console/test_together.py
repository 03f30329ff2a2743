"""Several questions in one request: each is answered as if it had been asked alone, by who may ask it."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from tests.api.hub import Hub, make_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = make_hub(tmp_path_factory.mktemp("hub"))
    made.alert()
    yield made
    made.close()


def asked(*paths: str) -> str:
    return "/together?" + urlencode([("path", path) for path in paths])


@pytest.mark.parametrize("who", ["admin", "viewer", "north"])
def test_each_answer_is_what_it_is_alone(hub: Hub, who: str) -> None:
    paths = ["/v1/incidents?open=true&limit=500", "/v1/stations?limit=5000", "/v1/rules", "/v1/people"]
    answer = hub.get(asked(*paths), who)
    assert answer.headers["cache-control"] == "private, no-store"
    alone = [hub.get(path, who) for path in paths]
    assert answer.json()["items"] == [{"status": one.status_code, "body": one.json()} for one in alone]


def test_one_that_fails_leaves_the_others(hub: Hub) -> None:
    answer = hub.get(
        asked("/v1/incidents/none", "/v1/rules", "/v1/incidents?limit=x"), headers={"Accept-Language": "zh"}
    )
    items = answer.json()["items"]
    assert [one["status"] for one in items] == [404, 200, 422]
    assert items[0]["body"]["title"] == "未找到"
    assert items[2]["body"]["errors"][0]["field"] == "limit"


def test_an_answer_that_is_not_json_is_left_out(hub: Hub) -> None:
    items = hub.get(asked("/v1/cap", "/v1/metrics", "/v1/rules")).json()["items"]
    assert [one["body"] is None for one in items] == [True, True, False]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/%65vents", "/login", "/together?path=/v1/rules", "//v1/rules", ""])
def test_only_what_has_an_end_is_asked(hub: Hub, path: str) -> None:
    assert hub.get(asked(path)).json()["errors"] == [
        {"field": "path", "expected": "a path below /v1/ whose answer has an end", "in": "query"}
    ]


def test_too_many_are_refused(hub: Hub) -> None:
    assert hub.get(asked(*["/v1/rules"] * 25)).status_code == 422
    assert hub.get("/together").status_code == 422


def test_nobody_unknown_is_answered(hub: Hub) -> None:
    assert hub.get(asked("/v1/rules"), None).status_code == 401
