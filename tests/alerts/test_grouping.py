"""What is one incident, who is spared, and what a storm looks like from the desk."""

from collections import Counter

import pytest

from alerts.episode import take_transition
from alerts.errors import NotAllowed
from alerts.practice import Practice
from alerts.silences import Wanted, create, end
from alerts.stages.deduplicate import SINGLE
from hub.alert import Target
from hub.catalogue import Device
from hub.incident import IncidentsSection
from hub.model import Condition
from hub.rule import Rule
from storage.records import incidents, notices, register, rules, silences
from storage.records.register import DeviceState
from tests.alerts.builders import OPS, S1, S2, START, World, a_transition

CLEARED = Condition.CLEARED
WANG = "wang@example.org"
PROGRAM = OPS.addresses[0]
GATE = "zhenhai/source/gate"


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


def put(world: World, *devices: Device) -> None:
    with world.records.begin() as tx:
        register.put_devices(tx, devices, actor="test", at=1)


def silence(world: World, matcher: dict[str, str], level: int = 2, hours: float = 1) -> str:
    at = world.clock.now()
    wanted = Wanted(matcher, level, at, at + int(hours * 3_600_000))
    with world.records.begin() as tx:
        return create(tx, wanted, owner="wang", reason="works on the pipe", at=at).id


def numbers(world: World) -> dict[str, int]:
    return {each.type: each.count for each in world.incidents()}


def silent(world: World, name: str) -> None:
    world.take(a_transition(target=Target("zhenhai", "water", name), rule="silence", level=3))


@pytest.fixture
def behind_a_gateway(world: World) -> World:
    with world.records.begin() as tx:
        rules.put_rule(tx, Rule("silence", 1, "silence"), actor="test", at=1)
    put(world, Device(GATE, gateway=True), *(Device(f"zhenhai/water/g{n}", parent=GATE) for n in range(40)))
    return world


def test_one_section_and_one_cause_is_one_incident(world: World) -> None:
    put(world, *(Device(f"zhenhai/water/s{n}", section="north-canal") for n in (1, 2)))
    world.take(a_transition(), a_transition(target=S2), a_transition(target=Target("zhenhai", "water", "s1", "ph")))
    assert {each.count for each in world.incidents(area="north-canal")} == {1, 2}
    world.take(a_transition(target=Target("zhenhai", "water", "elsewhere", "nh3_n")))
    assert len(world.incidents()) == 3


def test_findings_of_one_camera_are_one_incident_for_each_type(world: World) -> None:
    cam = Target("zhenhai", "camera", "c1")
    world.take(
        a_transition(target=cam, rule="event:debris.item"),
        a_transition(target=cam, rule="event:debris.item", start=START + 600_000),
        a_transition(target=cam, rule="event:smoke.suspected"),
    )
    assert numbers(world) == {"debris.item": 2, "smoke.suspected": 1}


def test_a_gateway_that_is_away_speaks_for_its_sensors(behind_a_gateway: World) -> None:
    world = behind_a_gateway
    with world.records.begin() as tx:
        register.put_state(tx, DeviceState(GATE, "offline", START, START))
    for number in range(40):
        silent(world, f"g{number}")
    [incident] = world.incidents()
    assert (incident.type, incident.count) == ("silence", 40)
    assert world.told_of(WANG) == []
    quiet = {entry.after["quiet"] for entry in world.detail(incident.id).log}
    assert quiet == {f"inhibited: {GATE} is offline"}


def test_once_the_gateway_is_back_what_is_still_wrong_is_told(behind_a_gateway: World) -> None:
    world = behind_a_gateway
    with world.records.begin() as tx:
        register.put_state(tx, DeviceState(GATE, "offline", START, START))
    silent(world, "g1")
    world.passes(300)
    assert world.told_of(WANG) == []
    with world.records.begin() as tx:
        register.put_state(tx, DeviceState(GATE, "online", START + 1, START + 1))
    world.passes(61)
    assert world.told_of(WANG) == ["incident.opened"]
    world.passes(600)
    assert world.told_of(WANG) == ["incident.opened"]


def test_an_incident_keeps_no_alert_of_its_own_quiet(world: World) -> None:
    world.take(a_transition(level=1), a_transition(2, CLEARED, level=1))
    world.take(a_transition(level=4, start=START + 600_000))
    [incident] = world.incidents()
    assert incident.count == 2
    assert world.told_of(PROGRAM).count("alert.fired") == 2


def test_level_1_keeps_level_4_of_the_same_place_quiet(world: World) -> None:
    world.take(a_transition(level=1), a_transition(target=Target("zhenhai", "water", "s1", "ph"), level=4))
    assert world.told_of(WANG) == ["incident.opened"]
    world.take(a_transition(2, target=Target("zhenhai", "water", "s1", "ph"), level=2))
    assert world.told_of(WANG) == ["incident.opened", "incident.opened"]


def test_a_silence_stops_notices_and_nothing_else(world: World) -> None:
    silence(world, {"device": "s1"})
    world.take(a_transition())
    [incident] = world.incidents()
    assert world.told() == []
    assert incident.ack_by is not None
    assert world.detail(incident.id).log[0].after["quiet"].startswith("silenced by wang")
    world.passes(30 * 60)
    assert [entry.kind for entry in world.detail(incident.id).log] == ["opened", "late", "late"]


def test_the_end_of_a_silence_tells_at_once_what_is_still_wrong(world: World) -> None:
    silence(world, {"device": "s*"})
    world.take(a_transition(), a_transition(target=S2), a_transition(2, CLEARED, target=S2))
    world.passes(3599)
    assert world.told() == []
    world.passes(1)
    assert world.told_of(WANG) == ["incident.opened"]
    number = next(each.number for each in world.incidents() if each.target.device == "s1")
    assert world.detail(number).deliveries != []


def test_ended_by_hand_it_tells_at_once_too(world: World) -> None:
    named = silence(world, {"incident": "*"})
    world.take(a_transition())
    world.clock.advance(1000)
    with world.records.begin() as tx:
        end(tx, named, actor="li", at=world.clock.now())
    world.passes(0)
    assert world.told_of(WANG) == ["incident.opened"]
    with pytest.raises(NotAllowed, match="has ended"), world.records.begin() as tx:
        end(tx, named, actor="li", at=world.clock.now())


def test_a_rise_above_what_is_silenced_is_told(world: World) -> None:
    silence(world, {"device": "s1"}, level=3)
    world.take(a_transition(level=3), a_transition(2, level=2))
    assert world.told_of(WANG) == ["incident.opened"]
    world.take(a_transition(3, level=1))
    assert world.told_of(WANG) == ["incident.opened", "incident.raised"]


def test_who_was_told_before_hears_the_end_in_spite_of_a_silence(world: World) -> None:
    world.take(a_transition())
    silence(world, {"device": "s1"})
    world.take(a_transition(2, CLEARED))
    assert world.told_of(WANG) == ["incident.opened", "alert.cleared"]


def test_a_silence_wants_a_reason_an_end_and_something_it_is_about(world: World) -> None:
    with pytest.raises(NotAllowed) as refused, world.records.begin() as tx:
        create(tx, Wanted({}, ends=5), owner="wang", reason=" ", at=10)
    assert len(refused.value.missing) == 3
    silence(world, {"device": "s1"})
    with world.records.read() as tx:
        [row] = silences.listing(tx, at=world.clock.now(), only_active=True).items
    assert (row.owner, row.words) == ("wang", {"device": "s1"})


def test_what_keeps_coming_back_is_held_open_with_its_count(world: World) -> None:
    def flap(turn: int) -> None:
        start = START + turn * 300_000
        world.take(a_transition(start=start), a_transition(2, CLEARED, start=start))

    for turn in range(5):
        flap(turn)
    [incident] = world.incidents()
    assert (incident.latched, incident.count) == (True, 5)
    before = len(world.told_of(WANG))
    flap(5)
    assert len(world.told_of(WANG)) == before
    world.act("acknowledge", incident.id)
    with pytest.raises(NotAllowed, match="keeps coming back"):
        world.act("close", incident.id)
    world.passes(1801)
    assert not world.incidents()[0].latched
    assert world.act("close", incident.id, reason="float freed").state == "closed"


@pytest.mark.parametrize("departments", [1, 2])
def test_a_storm_is_a_few_rows_and_a_few_notices(world: World, departments: int) -> None:
    places = [Target(("zhenhai", "beilun")[n % departments], "water", f"s{n}", "ph") for n in range(300)]
    made = [a_transition(target=to, start=START + n * 200, level=2 + n % 3) for n, to in enumerate(places)]
    for first in range(0, len(made), 50):
        with world.records.begin() as tx:
            for each in made[first : first + 50]:
                take_transition(tx, world.teller, each, recorded=world.clock.now())
    rows = world.incidents(open=True)
    assert len(rows) <= 10
    assert sum(each.count for each in rows) == len(made)
    assert all(each.incident is not None for each in world.alerts())
    world.passes(3600)
    mails = Counter(world.told_of(WANG))
    assert mails["incident.opened"] == len(rows)
    assert mails["alert.fired"] <= SINGLE * departments
    assert mails["incident.digest"] == departments
    assert mails.total() < 40
    storm = next(each for each in rows if each.type == "storm")
    with world.records.read() as tx:
        assert incidents.first_bad(tx, storm.id) is None
        assert notices.told(tx, storm.id) != []


def test_after_a_storm_incidents_are_single_again(world: World) -> None:
    world.keep(Practice(IncidentsSection(storm=2)))
    for number in range(6):
        world.take(a_transition(target=Target("zhenhai", "water", f"s{number}", "ph")))
    assert sorted(each.count for each in world.incidents()) == [1, 1, 4]
    world.take(a_transition(target=Target("zhenhai", "water", "late", "ph"), start=START + 600_000))
    assert sorted(each.count for each in world.incidents()) == [1, 1, 1, 4]
    world.take(a_transition(2, CLEARED, Target("zhenhai", "water", "s5", "ph")))
    world.take(a_transition(target=Target("zhenhai", "water", "s5", "ph"), start=START + 700_000))
    assert sorted(each.count for each in world.incidents()) == [1, 1, 1, 5]


def test_an_alert_of_another_target_keeps_its_own_incident(world: World) -> None:
    world.take(a_transition(target=S1), a_transition(target=S2))
    assert {each.target.device: each.count for each in world.incidents()} == {"s1": 1, "s2": 1}
