"""A few people, a unit, an area, a roster and a plan, put over HTTP in the order in which they name each other."""

from typing import Any

from tests.api.hub import Hub

WANG = {
    "name_zh": "王强",
    "name_en": "Wang Qiang",
    "department": "north",
    "phone": "13800000001",
    "mail": "wang@example.org",
}
LI = {"name_zh": "李敏", "name_en": "Li Min", "department": "north", "phone": "13800000002"}
PUT: list[tuple[str, dict[str, Any]]] = [
    (
        "/v1/people/wang",
        {**WANG, "login": "wang", "ways": [{"receiver": "texts"}], "at": {"lon": 121.61, "lat": 29.95}},
    ),
    ("/v1/people/li", {**LI, "ways": [{"receiver": "texts", "wait_s": 120}]}),
    ("/v1/units/patrol", {"department": "north", "members": ["wang", "li"], "leaders": ["li"]}),
    ("/v1/areas/river", {"department": "north", "stations": ["north/water/*"], "units": ["patrol"]}),
    (
        "/v1/rosters/river",
        {
            "department": "north",
            "layers": [{"name": "first", "rotate": "daily", "members": ["wang", "li"], "start": "2026-11-02"}],
        },
    ),
    (
        "/v1/plans/usual",
        {
            "department": "north",
            "steps": [{"who": ["roster:river"], "wait_s": 180}, {"who": ["leader"], "wait_s": 180}],
            "repeat": None,
        },
    ),
]


def duty_story(hub: Hub) -> None:
    """Put all of them."""
    for path, body in PUT:
        answer = hub.ask("PUT", path, json=body)
        assert answer.status_code == 201, answer.text
