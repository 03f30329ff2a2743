"""What was asked of field devices, and their links in the register, on both engines."""

import pytest

from hub.catalogue import Device
from hub.command import Command, CommandAnswer
from hub.errors import LinkTaken
from hub.link import FieldLink
from storage.records import Records, audit, commands, register

PASSWORD = "123456"
W1, W2 = "zhenhai/source/w1", "zhenhai/source/w2"


def logger(station: str, identity: str = "MN1", password: str = PASSWORD) -> Device:
    return Device(station, secret_hash="$7$x", link=FieldLink("hj212", identity, password))


def asked(number: int = 1, name: str = "clock.set", **arguments: object) -> Command:
    return Command(f"c{number}", name, 1000 + number, 9000, W1, dict(arguments), "wang")


def test_one_identity_is_one_device_s_until_it_lets_go_of_it(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, logger(W1), actor="wang", at=1)
        register.put_device(tx, logger(W2, "MN2"), actor="wang", at=1)
    with pytest.raises(LinkTaken, match=W1), records.begin() as tx:
        register.put_device(tx, logger(W2), actor="wang", at=2)
    with records.begin() as tx:
        register.put_device(tx, Device(W1), actor="wang", at=3)
        register.put_device(tx, logger(W2), actor="wang", at=3)
        found = register.get_device(tx, W2)
    assert found is not None
    assert found.link == FieldLink("hj212", "MN1", "123456")


def test_no_password_of_a_link_is_in_the_audit(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, logger(W1, password="geheim"), actor="wang", at=1)
        assert "geheim" not in "".join(str(row) for row in audit.listing(tx))


def test_a_command_goes_through_its_steps_once_each(records: Records) -> None:
    sent, done = CommandAnswer("c1", "sent", 2000, W1), CommandAnswer("c1", "done", 3000, W1, "ok", {"a": 1})
    with records.begin() as tx:
        commands.put(tx, asked())
        taken = [commands.take(tx, step) for step in (sent, done, done, CommandAnswer("c1", "queued", 1500, W1))]
        found = commands.get(tx, "c1")
    assert taken == [True, True, False, True]
    assert found is not None
    assert (found.state, [step.state for step in found.steps]) == ("done", ["sent", "done", "queued"])


def test_what_the_hub_asks_by_itself_is_kept_too_and_questions_to_the_process_are_not(records: Records) -> None:
    with records.begin() as tx:
        assert commands.take(tx, CommandAnswer("auto:data.query:7", "sent", 2000, W1))
        assert not commands.take(tx, CommandAnswer("0123abcd", "done", 2000))
        (kept,) = commands.listing(tx).items
    assert (kept.command.name, kept.command.by, kept.command.station) == ("data.query", "hub", W1)


def test_commands_are_listed_newest_first_by_pages(records: Records) -> None:
    with records.begin() as tx:
        for number in range(5):
            commands.put(tx, asked(number))
        first = commands.listing(tx, station=W1, limit=3)
        rest = commands.listing(tx, department="zhenhai", limit=3, cursor=first.next)
        assert commands.listing(tx, department="zhen").items == []
    assert [one.command.id for one in (*first.items, *rest.items)] == ["c4", "c3", "c2", "c1", "c0"]
    assert rest.next is None


def test_a_password_the_device_took_is_the_register_s(records: Records) -> None:
    with records.begin() as tx:
        register.put_device(tx, logger(W1), actor="wang", at=1)
        commands.put(tx, asked(1, "password.set", password="654321"))
        commands.take(tx, CommandAnswer("c1", "accepted", 2000, W1))
        before = register.get_device(tx, W1)
        commands.take(tx, CommandAnswer("c1", "done", 3000, W1))
        after = register.get_device(tx, W1)
    assert before is not None
    assert after is not None
    assert before.link == FieldLink("hj212", "MN1", "123456")
    assert after.link == FieldLink("hj212", "MN1", "654321")
    assert after.secret_hash == "$7$x"
