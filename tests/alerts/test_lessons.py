"""What an officer says of a camera's incident teaches the patrol."""

import pytest

from hub.alert import Target
from hub.event import DeviceEvent
from hub.evidence import Evidence
from hub.model import Condition
from storage.records import audit
from storage.records.patrol import events, learning
from tests.alerts.builders import START, World, a_transition

CAMERA = "zhenhai/camera/bridge-1"
CROP = Evidence("c" * 64, "crop", "image/jpeg", 900, START, role="best")
MINUTE = 60_000


def found(world: World, key: str, at: int = START, type_: str = "debris.item") -> None:
    """The patrol keeps an event."""
    values: dict[str, float | str | bool | None] = {"features": "0.5,1.0"}
    event = DeviceEvent(
        "finding", CAMERA, at, at, type_, level=3, values=values, key=key, edge="open", evidence=(CROP,)
    )
    with world.records.begin() as tx:
        assert events.take(tx, event)


def seen(world: World, n: int = 1, condition: Condition = Condition.ACTIVE) -> str:
    """The alert that the findings make; its incident."""
    target = Target("zhenhai", "camera", "bridge-1")
    world.take(a_transition(n, condition, target, rule="event:debris.item", level=3, value=None, limit=None, unit=""))
    return world.incidents()[0].id


def verdicts(world: World) -> dict[str, str | None]:
    with world.records.read() as tx:
        return {key: event.verdict for key in "abx" if (event := events.get(tx, key)) is not None}


@pytest.fixture
def incident(sqlite_world: World) -> str:
    found(sqlite_world, "a")
    found(sqlite_world, "b", START + MINUTE)
    found(sqlite_world, "x", START, "smoke.suspected")
    return seen(sqlite_world)


@pytest.mark.parametrize(("action", "verdict"), [("verify", "confirmed"), ("reject", "rejected")])
def test_an_officers_word_on_an_incident_is_one_on_each_finding_of_it(
    sqlite_world: World, incident: str, action: str, verdict: str
) -> None:
    sqlite_world.act(action, incident, "wang", "leaves on the water")
    assert verdicts(sqlite_world) == {"a": verdict, "b": verdict, "x": None}
    with sqlite_world.records.read() as tx:
        label = learning.labels(tx, CAMERA)[0]
        assert (label.verdict, label.by, label.reason, label.crop) == (verdict, "wang", "leaves on the water", "c" * 64)
        assert label.features == (0.5, 1.0)
        assert [row.action for row in audit.listing(tx, object_="a")] == [f"patrol.{verdict}"]


def test_what_was_said_of_one_finding_stands_when_the_incident_is_verified(sqlite_world: World, incident: str) -> None:
    with sqlite_world.records.begin() as tx:
        event = events.get(tx, "b")
        assert event is not None
        learning.put_label(tx, learning.example(event, "rejected", by="li", at=START))
    sqlite_world.act("verify", incident)
    assert verdicts(sqlite_world) == {"a": "confirmed", "b": "rejected", "x": None}


def test_what_the_camera_finds_after_the_end_is_no_part_of_it(sqlite_world: World, incident: str) -> None:
    seen(sqlite_world, 2, Condition.CLEARED)
    found(sqlite_world, "later", START + 5 * MINUTE)
    sqlite_world.act("reject", incident)
    with sqlite_world.records.read() as tx:
        later = events.get(tx, "later")
    assert later is not None
    assert later.verdict is None


def test_what_is_refused_teaches_nothing(sqlite_world: World, incident: str) -> None:
    with pytest.raises(Exception, match="a reason"):
        sqlite_world.act("reject", incident, "wang", "")
    assert verdicts(sqlite_world) == {"a": None, "b": None, "x": None}
