"""`/v1/patrol` beyond the examples of the page: who may see what, what is refused, what is saved, what is learned."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from hub.evidence import Evidence
from storage.evidence import EvidenceFolder
from storage.pictures import Pictures
from storage.records.patrol import cameras, evidence, learning
from storage.records.patrol.learning import StoredLabel
from tests.api.hub import NOW, Hub, make_hub
from tests.api.patrol import CAMERA, EVENT, patrol_story
from tests.patrol.rig import config, film
from vision.verifier.features import NAMES

PATH = "/v1/patrol/cameras/north/bridge-1"


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    made = make_hub(tmp_path_factory.mktemp("hub"))
    patrol_story(made)
    yield made
    made.close()


def drawn() -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.json.decode(config(CAMERA))
    return fields


def test_a_set_up_is_saved_once_and_changed_only_by_who_has_read_it(hub: Hub) -> None:
    body: dict[str, Any] = {"config": drawn(), "source": {"url": "rtsp://eye@10.0.0.7/main", "every_s": 2}}
    assert hub.ask("PUT", PATH, "officer", json=body).status_code == 403
    made = hub.ask("PUT", PATH, json=body)
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.json()["calibrated"]
    assert max(row["share"] for row in made.json()["calibration"]["residuals"]) < 0.01
    assert hub.ask("PUT", PATH, json=body).status_code == 428
    body["source"] = None
    assert hub.ask("PUT", PATH, json=body, headers={"If-Match": '"0"'}).status_code == 412
    assert hub.ask("PUT", PATH, json=body, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    read = hub.get(PATH)
    assert read.headers["ETag"] == '"2"'
    assert read.json()["config"] == drawn()
    assert hub.ask("DELETE", PATH, headers={"If-Match": '"2"'}).status_code == 204
    with hub.records.read() as tx:
        assert cameras.get(tx, CAMERA) is None


def test_every_mistake_of_a_set_up_is_named_with_its_field(hub: Hub) -> None:
    wrong = drawn() | {"min_size_m": 99, "width": 5}
    answer = hub.ask("PUT", PATH, json={"config": wrong})
    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} >= {"config.min_size_m", "config.width"}
    checked = hub.post(f"{PATH}/check", {"config": wrong}).json()
    assert not checked["ok"]
    assert {one["field"] for one in checked["mistakes"]} >= {"min_size_m", "width"}
    assert checked["calibration"]["calibrated"]


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"url": "ftp://10.0.0.7/x"}, "source.url"),
        ({"url": "rtsp://eye:secret@10.0.0.7/x"}, "source.url"),
        ({"url": "rtsp://10.0.0.7/x", "every_s": 0}, "source.every_s"),
        ({"url": "rtsp://eye@10.0.0.7/x", "password": "nobody"}, "source.password"),
    ],
)
def test_a_source_that_cannot_be_is_refused(hub: Hub, source: dict[str, Any], field: str) -> None:
    answer = hub.ask("PUT", PATH, json={"config": None, "source": source})
    assert answer.status_code == 422
    assert field in answer.json()["detail"]
    assert "secret" not in answer.text


def test_people_are_shown_to_those_who_work_on_incidents(hub: Hub) -> None:
    folder = EvidenceFolder(hub.context.evidence)
    whole, twin = folder.put(b"\xff\xd8\xffa person"), folder.put(b"\xff\xd8\xffa blur")
    piece = Evidence(whole, "frame", "image/jpeg", 11, NOW, "best", CAMERA, person=True)
    with hub.records.begin() as tx:
        evidence.put(tx, EVENT, CAMERA, piece, twin)
    assert hub.get(f"/v1/evidence/{whole}", "officer").content == b"\xff\xd8\xffa person"
    seen = hub.get(f"/v1/evidence/{whole}", "viewer")
    assert (seen.content, seen.headers["ETag"]) == (b"\xff\xd8\xffa blur", f'"{twin}"')
    assert hub.get(f"/v1/evidence/{whole}", "south").status_code == 403


def test_the_latest_picture_is_blurred_for_viewers_and_not_sent_twice(hub: Hub) -> None:
    shown = Pictures(hub.settings.hub.data).shown(CAMERA)
    assert shown is not None
    Pictures(hub.settings.hub.data).show(shown, {"blurred": b"\xff\xd8\xffblurred"})
    picture = hub.get(f"{PATH}/picture?view=boxes", "officer")
    assert (picture.content, picture.headers["Content-Type"]) == (b"\xff\xd8\xffboxes", "image/jpeg")
    again = hub.get(f"{PATH}/picture?view=boxes", "officer", headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304
    assert hub.get(f"{PATH}/picture?view=boxes", "viewer").content == b"\xff\xd8\xffblurred"
    assert hub.get(f"{PATH}/picture", "south").status_code == 403


def test_a_camera_whose_picture_is_old_is_lost(hub: Hub) -> None:
    assert hub.get("/v1/patrol/cameras").json()["items"][0]["state"] == "seen"
    hub.clock.advance(60_000)
    (camera,) = hub.get("/v1/patrol/cameras").json()["items"]
    assert (camera["state"], camera["cause"], camera["age_s"]) == ("lost", "silent", 62.0)


def test_the_last_day_at_a_glance(hub: Hub) -> None:
    strip = hub.get(f"{PATH}/strip").json()
    assert [event["id"] for event in strip["events"]] == [EVENT]
    assert len(strip["coverage"]) in (24, 25)
    for row in strip["coverage"]:
        assert round(row["seen_percent"] + row["blind_percent"] + row["offline_percent"], 6) == 100.0


def test_what_is_hidden_from_a_department_stays_hidden(hub: Hub) -> None:
    assert hub.get("/v1/patrol/cameras", "south").json()["items"] == []
    assert hub.get("/v1/patrol/events", "south").json()["items"] == []
    assert hub.get(f"/v1/patrol/events/{EVENT}", "south").status_code == 404
    assert hub.get(f"/v1/patrol/coverage?camera={CAMERA}", "south").status_code == 403
    assert hub.post(f"/v1/patrol/events/{EVENT}/confirm", who="viewer").status_code == 403


def test_a_draft_is_tried_on_the_pictures_of_the_last_day(hub: Hub) -> None:
    folder = Pictures(hub.settings.hub.data)
    for place, data in enumerate(film(12)[::2]):
        folder.keep(CAMERA, NOW - 3_600_000 + place * 120_000, data)
    folder.keep(CAMERA, NOW - 1000, b"\xff\xd8\xffbroken")
    looked = hub.post(f"{PATH}/preview", {"config": drawn()}, "officer")
    assert looked.status_code == 200, looked.text
    assert looked.json()["pictures"] == 6
    assert looked.json()["unusable"] >= 1
    assert sum(hour["pictures"] for hour in looked.json()["hours"]) == 6


def test_fifty_labels_teach_a_verifier_that_is_adopted_and_given_back(hub: Hub) -> None:
    assert hub.post(f"{PATH}/learning/train").status_code == 409
    with hub.records.begin() as tx:
        for number in range(60):
            features = tuple(float((number * 7 + place) % 5) + (number % 2) for place in range(len(NAMES)))
            verdict = "confirmed" if number % 2 else "rejected"
            label = StoredLabel(0, CAMERA, f"event-{number}", "", verdict, "", "", features, NOW, "wang")
            learning.put_label(tx, label)
    taught = hub.post(f"{PATH}/learning/train")
    assert taught.status_code == 200, taught.text
    (model,) = taught.json()["models"]
    assert (model["state"], model["labels"], taught.json()["adopted"]) == ("candidate", 60, None)
    assert {"before", "after", "better"} <= set(model["judged"])
    adopted = hub.post(f"{PATH}/learning/adopt", {"model": model["id"]}).json()
    assert adopted["adopted"] == model["id"]
    assert hub.post(f"{PATH}/learning/adopt", {"model": 99}).status_code == 404
    assert hub.post(f"{PATH}/learning/adopt", {"model": None}).json()["adopted"] is None
