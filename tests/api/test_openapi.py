"""The OpenAPI document is complete, refers to nothing outside itself, and real answers have the shapes it promises."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api import documents
from hub.model import Condition
from tests.api.hub import NOW, WATER, Hub

HIDDEN = {"/v1/openapi.json", "/v1/docs", "/v1/problems/{name}"}


def _document(hub: Hub) -> dict[str, Any]:
    document: dict[str, Any] = hub.get("/v1/openapi.json").json()
    return document


def test_the_document_names_every_path(standing_hub: Hub) -> None:
    document = _document(standing_hub)
    assert document["openapi"].startswith("3.1")
    paths = set(document["paths"])
    for path in (
        *(
            "/v1/health/live",
            "/v1/health/ready",
            "/v1/metrics",
            "/v1/stations",
            "/v1/stations/{department}/{kind}/{device}",
        ),
        *(
            "/v1/datastreams",
            "/v1/observations",
            "/v1/observations/latest",
            "/v1/series",
            "/v1/exceedances",
            "/v1/compare",
        ),
        *(
            "/v1/alerts",
            "/v1/alerts/{alert_id}",
            "/v1/incidents",
            "/v1/incidents/{incident_id}/{action}",
            "/v1/rules/{rule_id}",
        ),
        *("/v1/dead-letters", "/v1/dead-letters/{letter_id}/retry", "/v1/dead-letters/{letter_id}/bytes", "/v1/events"),
        *("/v1/evidence/{sha256}", "/v1/session", "/v1/users", "/v1/tokens", "/v1/devices"),
    ):
        assert path in paths, path
    assert all(path.startswith("/v1/") for path in paths)


def test_every_reference_is_there(standing_hub: Hub) -> None:
    document = _document(standing_hub)
    found = re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', standing_hub.get("/v1/openapi.json").text)
    assert found
    assert set(found) <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_operation_is_described_and_may_answer_with_a_problem(standing_hub: Hub) -> None:
    identifiers = []
    for path, item in _document(standing_hub)["paths"].items():
        for method, operation in item.items():
            place = f"{method} {path}"
            assert operation.get("description"), place
            assert operation["responses"]["default"]["content"]["application/problem+json"], place
            assert "422" not in operation["responses"], place
            identifiers.append(operation["operationId"])
            success = [status for status in operation["responses"] if status.startswith("2")]
            assert len(success) == 1, (place, success)
            for parameter in operation.get("parameters", []):
                assert "schema" in parameter, place
    assert len(set(identifiers)) == len(identifiers)


def test_no_document_page_asks_another_origin(standing_hub: Hub) -> None:
    page = standing_hub.get("/v1/docs")
    assert "<script" not in page.text
    assert not re.search(r"https?://", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]


ITEMS: list[tuple[str, type[BaseModel]]] = [
    ("/v1/observations", documents.Observation),
    ("/v1/observations/latest", documents.Latest),
    ("/v1/stations", documents.Station),
    ("/v1/datastreams", documents.Datastream),
    ("/v1/alerts", documents.Alert),
    ("/v1/incidents", documents.Incident),
    ("/v1/rules", documents.Rule),
    ("/v1/rules/nh3-n-high/versions", documents.RuleVersion),
    ("/v1/dead-letters", documents.DeadLetter),
    ("/v1/users", documents.User),
    ("/v1/tokens", documents.Token),
]
WHOLE: list[tuple[str, type[BaseModel]]] = [
    ("/v1/health/live", documents.Alive),
    ("/v1/health/ready", documents.Ready),
    ("/v1/health", documents.Health),
    (f"/v1/stations/{WATER}", documents.Station),
    ("/v1/series?agg=mean,count,completeness&fill=null&every=1h", documents.SeriesAnswer),
    ("/v1/series?width=100&property=ph", documents.SeriesAnswer),
    ("/v1/exceedances?limit=le:2", documents.ExceedanceAnswer),
    ("/v1/compare?with=last_month", documents.CompareAnswer),
    ("/v1/rules/nh3-n-high", documents.Rule),
    ("/v1/dead-letters/1", documents.DeadLetter),
    (f"/v1/devices/{WATER}", documents.DeviceEntry),
    ("/v1/session", documents.Session),
]


@pytest.fixture(scope="module")
def filled(standing_hub: Hub) -> Hub:
    """A hub with something of every kind."""
    hub = standing_hub
    hub.write(WATER, {"ph": [7.0], "nh3_n": [3.0]}, [NOW - 60_000], quality=[2], checks=[33])
    hub.alert()
    hub.alert(2, Condition.CLEARED)
    hub.letter()
    hub.well()
    return hub


@pytest.mark.parametrize(("path", "shape"), ITEMS)
def test_items_have_their_shape(filled: Hub, path: str, shape: type[BaseModel]) -> None:
    body = filled.get(path).json()
    assert set(body) == {"items", "next"}
    assert body["items"]
    for item in body["items"]:
        shape.model_validate(item, strict=True)


@pytest.mark.parametrize(("path", "shape"), WHOLE)
def test_answers_have_their_shape(filled: Hub, path: str, shape: type[BaseModel]) -> None:
    shape.model_validate(filled.get(path).json(), strict=True)


def test_an_incident_has_its_shape_with_all_that_belongs_to_it(filled: Hub) -> None:
    identifier = filled.get("/v1/incidents").json()["items"][0]["id"]
    documents.IncidentWhole.model_validate(filled.get(f"/v1/incidents/{identifier}").json(), strict=True)
    problem = filled.get("/v1/stations?limit=x").json()
    documents.ProblemShape.model_validate(problem)


def test_no_route_is_forgotten(standing_hub: Hub) -> None:
    routes = {
        route.path for route in standing_hub.app.routes if isinstance(route, APIRoute) and route.path.startswith("/v1")
    }
    assert routes <= set(_document(standing_hub)["paths"]) | HIDDEN
