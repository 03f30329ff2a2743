"""The register, the rules, and the catalogue changes that both leave."""

import pytest
from sqlalchemy import Connection

from hub.catalogue import Catalogue, Datastream, Device, decode_change
from hub.errors import BadQuery
from hub.rule import Rule
from storage.records import Records, audit, changes, register, rules
from storage.records.register import Department, DeviceState

S1 = Device("zhenhai/water/s1", period_ms=5000, secret_hash="$7$x", datastreams={"ph": Datastream(low=6.0)})


def folded(tx: Connection) -> Catalogue:
    catalogue = Catalogue()
    catalogue.apply_all(decode_change(row.body) for row in changes.unpublished(tx, 10_000))
    return catalogue


def test_a_device_is_put_once_however_often_it_is_said(records: Records) -> None:
    with records.begin() as tx:
        assert register.put_device(tx, S1, actor="wang", at=1)
        assert not register.put_device(tx, S1, actor="wang", at=2)
        assert register.get_device(tx, S1.station) == S1
        assert register.list_departments(tx) == [Department("zhenhai")]
        assert [row.body for row in changes.unpublished(tx)] != []
        assert folded(tx).devices == {S1.station: S1}
        assert folded(tx).version == 1


def test_a_change_without_secret_keeps_the_secret(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, S1, actor="wang", at=1)
        register.put_device(tx, Device(S1.station, name_zh="一号站"), actor="wang", at=2)
        assert register.get_device(tx, S1.station) == Device(S1.station, name_zh="一号站", secret_hash="$7$x")


def test_no_secret_is_in_the_audit(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, S1, actor="wang", at=1)
        kept = audit.listing(tx, object_=S1.station)
    assert [(row.actor, row.action) for row in kept] == [("wang", "device.put")]
    assert "$7$" not in kept[0].detail


def test_a_removed_device_is_gone_and_the_catalogue_knows(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, S1, actor="wang", at=1)
        assert register.remove_device(tx, S1.station, actor="wang", at=2)
        assert not register.remove_device(tx, S1.station, actor="wang", at=3)
        assert folded(tx).devices == {}
        assert folded(tx).version == 2


def test_devices_are_listed_in_pages(records: Records) -> None:
    with records.begin() as tx:
        fleet = [Device(f"d{n % 2}/{('water', 'air')[n % 3 == 0]}/s{n:02}") for n in range(20)]
        assert register.put_devices(tx, fleet, actor="import", at=1) == 20
        assert register.put_devices(tx, fleet, actor="import", at=2) == 0
        seen: list[str] = []
        cursor = None
        while True:
            page = register.list_devices(tx, limit=7, cursor=cursor)
            seen += [device.station for device in page.items]
            if (cursor := page.next) is None:
                break
        assert seen == sorted(device.station for device in fleet)
        only = register.list_devices(tx, department_id="d1", kind="air").items
        assert only == sorted((d for d in fleet if d.station.startswith("d1/air")), key=lambda d: d.station)
        assert register.count_devices(tx) == 20
        with pytest.raises(BadQuery, match="cursor"):
            register.list_devices(tx, cursor="nonsense")
        with pytest.raises(BadQuery, match="limit"):
            register.list_devices(tx, limit=0)


def test_the_newest_state_of_a_device_wins_in_any_order(records: Records) -> None:
    with records.begin() as tx:
        assert register.put_state(tx, DeviceState("a/water/b", "online", 10, 11))
        assert not register.put_state(tx, DeviceState("a/water/b", "offline", 5, 12))
        assert not register.put_state(tx, DeviceState("a/water/b", "online", 20, 21))
        assert register.put_state(tx, DeviceState("a/water/b", "offline", 30, 31))
        assert register.list_states(tx) == {"a/water/b": DeviceState("a/water/b", "offline", 30, 31)}
        assert register.get_state(tx, "a/water/c") is None


def level_rule(limit: float, rule_id: str = "ph") -> Rule:
    return Rule(rule_id, 0, "level", property="ph", above={2: limit})


def test_a_rule_gets_a_version_for_each_content(records: Records) -> None:
    with records.begin() as tx:
        assert rules.put_rule(tx, level_rule(9), actor="wang", at=1).version == 1
        assert rules.put_rule(tx, level_rule(9), actor="wang", at=2).version == 1
        assert rules.put_rule(tx, level_rule(8), actor="li", at=3).version == 2
        assert [(v.rule.version, v.rule.above[2], v.actor) for v in rules.versions(tx, "ph")] == [
            (2, 8.0, "li"),
            (1, 9.0, "wang"),
        ]
        first, now = rules.get_rule(tx, "ph", 1), rules.get_rule(tx, "ph")
        assert first is not None
        assert first.above == {2: 9.0}
        assert now is not None
        assert folded(tx).rules == {"ph": now}


def test_a_removed_rule_that_comes_back_gets_a_new_version(records: Records) -> None:
    with records.begin() as tx:
        rules.put_rule(tx, level_rule(9), actor="wang", at=1)
        assert rules.remove_rule(tx, "ph", actor="wang", at=2)
        assert not rules.remove_rule(tx, "ph", actor="wang", at=3)
        assert rules.get_rule(tx, "ph") is None
        assert rules.list_rules(tx) == []
        assert rules.put_rule(tx, level_rule(9), actor="wang", at=4).version == 2
        assert rules.count_rules(tx) == 1


def test_files_and_the_api_share_the_rules_in_peace(records: Records) -> None:
    with records.begin() as tx:
        done = rules.sync(tx, [level_rule(9, "a"), level_rule(9, "b")], actor="files", at=1)
        assert (done.added, done.changed, done.removed, done.unchanged) == (["a", "b"], [], [], [])
        rules.put_rule(tx, level_rule(5, "a"), actor="wang", at=2)
        rules.put_rule(tx, level_rule(5, "mine"), actor="wang", at=2)
        done = rules.sync(tx, [level_rule(9, "a"), level_rule(7, "b")], actor="files", at=3)
        assert (done.added, done.changed, done.removed, done.unchanged) == ([], ["b"], [], ["a"])
        edited = rules.get_rule(tx, "a")
        assert edited is not None
        assert edited.above == {2: 5.0}
        done = rules.sync(tx, [level_rule(7, "b")], actor="files", at=4)
        assert done.removed == ["a"]
        assert [rule.id for rule in rules.list_rules(tx)] == ["b", "mine"]
        assert rules.sync(tx, [level_rule(7, "b")], actor="files", at=5).unchanged == ["b"]
