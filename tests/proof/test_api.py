"""Cases, CAP and figures over HTTP: who may have them, in which form, and that they are what they say."""

import io
import json
from xml.etree import ElementTree as ET

import pytest

from alerts.proof.atom import NAMESPACE as ATOM
from alerts.proof.cap import NAMESPACE as CAP
from alerts.proof.verify import verify
from hub.alert import Target
from tests.api.hub import NOW, Hub
from tests.proof.casefile import District, picture
from tests.proof.test_cap import SCHEMA

A = {"a": ATOM, "c": CAP}


def _number(district: District) -> str:
    number: str = district.hub.get(f"/v1/incidents/{district.incident}").json()["number"]
    return number


def test_a_case_comes_in_one_request_and_is_whole(standing_district: District) -> None:
    hub = standing_district.hub
    key = hub.get("/v1/proof/key", "viewer").json()["key"]
    answer = hub.get(f"/v1/incidents/{standing_district.incident}/case")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert f'filename="{_number(standing_district)}.zip"' in answer.headers["content-disposition"]
    verdict = verify(io.BytesIO(answer.content), key)
    assert verdict.whole
    assert answer.headers["x-case-content"] == verdict.content


def test_the_same_state_gives_the_same_bytes(standing_district: District) -> None:
    path = f"/v1/incidents/{standing_district.incident}/case"
    assert standing_district.hub.get(path).content == standing_district.hub.get(path).content
    assert standing_district.hub.get(path).content != standing_district.hub.get(f"{path}?language=en").content


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_alone(standing_district: District, language: str) -> None:
    path = f"/v1/incidents/{standing_district.incident}/case?format=pdf&language={language}"
    answer = standing_district.hub.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.rstrip().endswith(b"%%EOF")


def test_the_records_alone(standing_district: District) -> None:
    answer = standing_district.hub.get(f"/v1/incidents/{standing_district.incident}/case?format=json")
    told = json.loads(answer.content)
    assert [entry["seq"] for entry in told["log"]] == [1, 2, 3]
    assert [attempt["status"] for attempt in told["deliveries"][0]["attempts"]] == ["failed", "accepted"]
    assert sum(len(part["rows"]) for part in told["readings"]) == 40


def test_whoever_does_not_see_the_incident_gets_no_case(standing_district: District) -> None:
    hub, path = standing_district.hub, f"/v1/incidents/{standing_district.incident}/case"
    assert hub.get(path, "south").status_code == 404
    assert hub.get(path, "device").status_code == 403
    assert hub.get(path, None).status_code == 401
    assert hub.get("/v1/incidents/none/case").status_code == 404
    assert hub.get(f"{path}?format=docx").status_code == 422


def test_pictures_of_people_go_to_those_who_work_on_incidents(busy_district: District) -> None:
    path = f"/v1/incidents/{busy_district.incident}/case"
    assert busy_district.hub.get(path, "viewer").status_code == 200
    busy_district.attach(picture(9), person=True)
    assert busy_district.hub.get(path, "viewer").status_code == 403
    assert busy_district.hub.get(path, "officer").status_code == 200
    assert busy_district.hub.get(f"{path}?format=json", "viewer").status_code == 200


def test_the_feed_leads_to_messages(district: District) -> None:
    hub = district.hub
    hub.post(f"/v1/incidents/{district.incident}/acknowledge", {"reason": "<去看看> & more"}, "officer")
    answer = hub.get("/v1/cap", "viewer")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own
    links = [link.get("href", "") for link in feed.findall("a:entry/a:link", A)]
    assert len(links) == 2
    kinds = []
    for link in links:
        message = hub.get(link, "viewer")
        assert message.headers["content-type"] == "application/cap+xml"
        SCHEMA.validate(message.text)
        kinds.append(ET.fromstring(message.content).findtext("c:msgType", "", A))  # noqa: S314
    assert kinds == ["Update", "Alert"]
    tag = answer.headers["etag"]
    assert hub.get("/v1/cap", "viewer", headers={"If-None-Match": tag}).status_code == 304
    assert hub.get("/v1/cap", "south").content.count(b"<entry>") == 0
    assert hub.get(links[0], "south").status_code == 404
    assert hub.get("/v1/cap/nothing.1.xml").status_code == 404


def test_a_message_carries_the_outline_of_the_innermost_area(district: District) -> None:
    hub = district.hub
    square = [[121.5, 29.9], [121.7, 29.9], [121.7, 30.0], [121.5, 30.0], [121.5, 29.9]]
    hole = [[121.51, 29.91], [121.52, 29.91], [121.52, 29.92], [121.51, 29.91]]
    wide = [[120, 29], [123, 29], [123, 31], [120, 29]]
    areas = {
        "whole": {"outline": {"type": "Polygon", "coordinates": [wide]}},
        "reach": {"parent": "whole", "outline": {"type": "MultiPolygon", "coordinates": [[square, hole], [wide]]}},
        "gauge": {"parent": "reach", "stations": ["north/water/*"]},  # nearest, but nobody drew it
    }
    (link,) = _links(hub)
    assert "<circle>29.9" in hub.get(link).text
    for name, body in areas.items():
        assert hub.ask("PUT", f"/v1/areas/{name}", "admin", json=body).status_code == 201
    message = hub.get(link)
    SCHEMA.validate(message.text)
    polygons = [each.text or "" for each in ET.fromstring(message.content).findall("c:info/c:area/c:polygon", A)]  # noqa: S314
    assert [each.split(" ")[0] for each in polygons] == ["29.900000,121.500000", "29.000000,120.000000"] * 2
    assert "circle" not in message.text


def _links(hub: Hub) -> list[str]:
    feed = ET.fromstring(hub.get("/v1/cap").content)  # noqa: S314 - our own
    return [link.get("href", "") for link in feed.findall("a:entry/a:link", A)]


def test_the_feed_has_pages(district: District) -> None:
    for age in range(1, 4):
        district.hub.alert(start=NOW - age * 1_000, target=Target("north", "water", f"other-{age}", "ph"))
    seen, path = set[str](), "/v1/cap?limit=1"
    for _ in range(10):
        feed = ET.fromstring(district.hub.get(path).content)  # noqa: S314 - our own
        seen |= {entry.findtext("a:id", "", A) for entry in feed.findall("a:entry", A)}
        after = [link.get("href", "") for link in feed.findall("a:link", A) if link.get("rel") == "next"]
        if not after:
            break
        path = after[0]
    assert len(seen) == 4


def test_figures_of_a_month_in_every_form(standing_district: District) -> None:
    hub = standing_district.hub
    told = hub.get("/v1/figures?month=2026-11").json()
    assert told["totals"]["incidents"] == 1
    assert told["month"] == "2026-11"
    assert {row["step"] for row in told["steps"]} >= {"detect", "acknowledge"}
    for table in ("steps", "officers", "rules", "worst", "stale"):
        text = hub.get(f"/v1/figures?month=2026-11&format=csv&table={table}").text
        assert text.splitlines()[0].lstrip("\ufeff").startswith("month,")
    assert hub.get("/v1/figures?month=2026-11&format=xlsx").content.startswith(b"PK")
    assert hub.get("/v1/figures?month=2026-13").status_code == 422
    assert hub.get("/v1/figures?month=2026-11", "south").json()["totals"]["incidents"] == 0
    assert hub.get("/v1/figures?department=north", "south").status_code == 403
    assert hub.get("/v1/figures").json()["month"] == "2026-11"


def test_no_text_is_too_long_for_the_paper(busy_district: District) -> None:
    busy_district.note("汉" * 5000)
    busy_district.note("x" * 5000)
    busy_district.note("<font size=99>&#x0;")
    assert busy_district.hub.get(f"/v1/incidents/{busy_district.incident}/case?format=pdf").content.startswith(b"%PDF-")
