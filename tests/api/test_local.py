"""What a command asks without a hub is answered as a hub answers over HTTP, to the byte."""

import json

import pytest

from api.local import ask, history
from tests.api.hub import AIR, NOW, WATER, Hub

QUESTIONS = (
    "/v1/observations?limit=7",
    "/v1/observations?format=csv&property=ph",
    "/v1/observations/latest",
    "/v1/series?every=1m&agg=mean,max,completeness&fill=null",
    "/v1/series?width=64&kind=water",
    "/v1/exceedances?rule=nh3-n-high",
    "/v1/compare?with=last_month&every=1h",
    f"/v1/stations/{WATER}",
    "/v1/datastreams?department=south",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_ways_give_the_same(hub: Hub, question: str) -> None:
    times = [NOW - i * 60_000 for i in range(20, 0, -1)]
    hub.write(WATER, {"ph": [7 + i / 10 for i in range(20)], "nh3_n": [i / 4 for i in range(20)]}, times)
    hub.write(AIR, {"pm2_5": [30.0] * 20}, times, quality=[2] * 20)
    parts = history(hub.settings, hub.records, hub.store, hub.clock)
    body: list[bytes] = []
    reply = ask(parts, question, {}, body.append)
    answer = hub.get(question)
    assert (reply.status, b"".join(body)) == (answer.status_code, answer.content)
    assert answer.status_code == 200


def test_a_refusal_is_the_same_problem(hub: Hub) -> None:
    reply = ask(history(hub.settings, hub.records, hub.store, hub.clock), "/v1/series?every=2y", {}, print)
    assert json.loads(reply.problem) == hub.get("/v1/series?every=2y").json()
